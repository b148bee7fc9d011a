"""Graph's replies to claimed lookups, before they are stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from businesses.credentials import Choice
from lookups.graph import GraphError, LinksAnswer, ProfileAnswer
from lookups.models import Lookup

Reply = LinksAnswer | ProfileAnswer | GraphError


@dataclass(frozen=True)
class Reported:
    """A claimed lookup and what Graph replied."""

    lookup: Lookup
    reply: Reply

    @property
    def failure(self) -> GraphError | None:
        """What `failure_of` gives."""
        return failure_of(self.reply)


@dataclass(frozen=True)
class AskedBatch:
    """Lookups that were asked about together, with one credential, at `asked_at`."""

    reported: Sequence[Reported]
    credential: Choice
    asked_at: datetime

    @property
    def asset_pk(self) -> int:
        """The key of the app or Page whose IDs were asked about; 0 if no lookup is left."""
        return self.reported[0].lookup.asset_id if self.reported else 0


def failure_of(reply: Reply) -> GraphError | None:
    """Give the error in place of an answer, or the one that ended the reading of an answer before its last page."""
    if isinstance(reply, LinksAnswer):
        return reply.broke_off
    return reply if isinstance(reply, GraphError) else None
