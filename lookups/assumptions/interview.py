"""Whom the questions are about, and one call."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lookups.graph import (
    BareAnswer,
    GraphClient,
    GraphError,
    ProofRefused,
    TokenRefused,
    TooManyCalls,
    TryLater,
    UnderPolicyReview,
)


class NotToldByGraph(Exception):
    """The question could not be asked here, or its answer decides nothing; the text says why and holds no ID."""


class Interrupted(Exception):
    """Graph answered in a way after which nothing more may be asked; `error` says how."""

    def __init__(self, error: GraphError) -> None:
        self.error = error
        super().__init__(error.message)


@dataclass(frozen=True)
class KnownID:
    """An ID that an app or a Page knows a person by, with what asks about it. IDs are Graph's."""

    asset_id: str
    scoped_id: str
    token: str = field(repr=False)
    app_secret: str = field(repr=False)


@dataclass
class Interview:
    """The IDs of one person: on a Page, in the app that manages it, and in another app; any may be missing.

    Where nobody is known both to a Page and to its app, `of_app` is an ID of anybody in any app.
    """

    client: GraphClient
    version: str
    of_page: KnownID | None = None
    of_app: KnownID | None = None
    of_other: KnownID | None = None

    @property
    def page(self) -> KnownID:
        """The ID on the Page; raises NotToldByGraph if there is none."""
        return _there(self.of_page, "a Page with a working token and a person who is known there")

    @property
    def app(self) -> KnownID:
        """The ID in the app; raises NotToldByGraph if there is none."""
        return _there(self.of_app, "an app with a working token and a person who is known there")

    @property
    def other(self) -> KnownID:
        """The ID in another app; raises NotToldByGraph if there is none."""
        return _there(self.of_other, "a second app with a working token to which the same person is known")

    def ask(
        self, who: KnownID, path: str = "", *, proof: bool = True, version: str | None = None, **params: str
    ) -> BareAnswer:
        """Read with somebody's token: the scoped ID itself, or what `path` names below it.

        A path that starts with a slash stands for itself. Raises Interrupted, GraphError.
        """
        whole = path.removeprefix("/") if path.startswith("/") else f"{who.scoped_id}/{path}".rstrip("/")
        secret = who.app_secret if proof else ""
        answer = self.client.try_out(whole, who.token, params, app_secret=secret, version=version)
        if isinstance(answer.error, TokenRefused | TooManyCalls | UnderPolicyReview):
            raise Interrupted(answer.error)
        if isinstance(answer.error, TryLater):
            raise NotToldByGraph("Graph failed to answer.")
        return answer

    @cached_property
    def demands_proof(self) -> bool:
        """Whether the app's setting demands a proof of every call, so that no single edge shows whether it does."""
        bare = self.ask(self.app, f"/{self.app.asset_id}", proof=False, fields="id")
        return isinstance(bare.error, ProofRefused)


def edge_rows(answer: BareAnswer) -> list[dict[str, Any]]:
    """Give an edge's rows; raises NotToldByGraph if the answer holds no list."""
    rows = answer.body.get("data") if isinstance(answer.body, dict) else None
    if not isinstance(rows, list):
        raise NotToldByGraph("Graph refused the question.")
    return [row for row in rows if isinstance(row, dict)]


def names(rows: list[dict[str, Any]], asset_id: str) -> bool:
    """Tell whether a row is about this app or Page."""
    return any(isinstance(part, dict) and part.get("id") == asset_id for row in rows for part in row.values())


def _there(known: KnownID | None, what: str) -> KnownID:
    if known is None:
        raise NotToldByGraph(f"It needs {what}.")
    return known
