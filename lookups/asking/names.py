"""Whether an app's or Page's token is worth asking for names: a refusal is remembered with the token that met it.

Some refusals are about the token, so nobody's name is given: a permission is missing, or the app is blocked for now.
Others may be about one person: there is no profile, or it is left out. They count for the token, too, but not for
long, and only if the token never gave a name: then a whole feature is probably missing. A new token is asked anew.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from businesses.models import TokenCheck
from lookups.asking.planning import Plan
from lookups.asking.reports import AskedBatch, Reported
from lookups.graph import GraphError, NotPermitted, ProfileAnswer, UnknownID
from lookups.models import Question

NOT_PERMITTED_FOR = timedelta(days=1)  # Meta's App Review takes days; what it grants holds for old tokens, too
BLOCKED_FOR = timedelta(hours=1)
UNCLEAR_FOR = timedelta(hours=1)
_BLOCKED, _NO_PROFILE = 368, 2018218  # a code, and a subcode about one person (wire contract, sections 4 and 10)


def gives_names(planned: Plan, now: datetime) -> bool:
    """Tell whether to ask for names with the token of this plan."""
    if planned.credential is None:
        return False
    until = planned.credential.token.last_check.names_refused_until
    return until is None or until <= now


def note_names(batch: AskedBatch, now: datetime) -> None:
    """Record whether the token of a batch was given names, or refused them."""
    asked = [item for item in batch.reported if item.lookup.question == Question.NAME]
    if not asked:
        return
    check = TokenCheck.objects.filter(token=batch.credential.token_pk)
    if any(_name_of(item) for item in asked):
        check.update(names_given_at=now, names_refused_until=None)
        return
    if wait := max(_for_the_token(asked), default=None):
        check.update(names_refused_until=now + wait)
    elif any(_is_without_name(item, batch) for item in asked):
        check.filter(names_given_at=None).update(names_refused_until=now + UNCLEAR_FOR)


def _name_of(item: Reported) -> str:
    return item.reply.name or "" if isinstance(item.reply, ProfileAnswer) else ""


def _for_the_token(asked: Iterable[Reported]) -> list[timedelta]:
    """Give how long each refusal that is about the token, not about a person, is remembered."""
    failures = [item.failure for item in asked if isinstance(item.failure, NotPermitted)]
    return [
        BLOCKED_FOR if failure.code == _BLOCKED else NOT_PERMITTED_FOR
        for failure in failures
        if failure.subcode != _NO_PROFILE
    ]


def _is_without_name(item: Reported, batch: AskedBatch) -> bool:
    """Tell whether Graph gave no name of somebody whose ID the token can see."""
    if isinstance(item.failure, UnknownID):
        same = (one for one in batch.reported if one.lookup.question == Question.LINKS)
        return any(one.lookup.value == item.lookup.value and not isinstance(one.reply, GraphError) for one in same)
    return isinstance(item.failure, NotPermitted) or isinstance(item.reply, ProfileAnswer)
