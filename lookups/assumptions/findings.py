"""Ask all questions, and tell what was found: values of switches and causes, no ID, name, token or secret."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lookups.assumptions.interview import Interrupted, Interview, NotToldByGraph
from lookups.assumptions.table import ASSUMPTIONS, NOT_ASKED, Assumption
from lookups.graph import GraphError


@dataclass(frozen=True)
class AssumptionFound:
    """The value of one switch, or why it is not known."""

    switch: str
    question: str
    value: str = ""
    why_not: str = ""


def find_out(talk: Interview) -> Iterator[AssumptionFound]:
    """Ask one question after the other. A limit, a review or a refused token ends the asking, not the telling."""
    stopped = ""
    for one in ASSUMPTIONS:
        found = AssumptionFound(one.switch, one.question, why_not=stopped)
        if not stopped:
            found, stopped = _asked(one, talk)
        yield found
    for switch, why in NOT_ASKED.items():
        yield AssumptionFound(switch, "", why_not=why)


def as_document(found: list[AssumptionFound], facts: dict[str, str]) -> dict[str, Any]:
    """Give what was found as a document, with the sandbox's arguments that play it."""
    known = [one for one in found if one.value]
    return {
        **facts,
        "sandbox": " ".join(f"--switch {one.switch}={one.value}" for one in known),
        "found": [{"switch": one.switch, "value": one.value, "asked": one.question} for one in known],
        "not found": [{"switch": one.switch, "why": one.why_not} for one in found if not one.value],
    }


def _asked(one: Assumption, talk: Interview) -> tuple[AssumptionFound, str]:
    """Ask one question; gives what was found, and why nothing more may be asked."""
    why, stopped = "", ""
    try:
        return AssumptionFound(one.switch, one.question, value=one.ask(talk)), ""
    except NotToldByGraph as untold:
        why = str(untold)
    except Interrupted as end:
        # Graph's own words may hold an ID.
        why = stopped = f"Graph stopped the asking: {_kind(end.error)}."
    except GraphError as error:
        why = f"Graph could not be asked: {_kind(error)}."
    return AssumptionFound(one.switch, one.question, why_not=why), stopped


def _kind(error: GraphError) -> str:
    code = f", error {error.code}" if error.code is not None else ""
    return f"{type(error).__name__}{code}"
