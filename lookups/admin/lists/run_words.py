"""Words for screens: the terms of a run's sum, and the codes of rows that could not be asked."""

from dataclasses import dataclass

from businesses.reasons import nameless
from lookups.asking.tallies import Sum
from lookups.lists import imports
from lookups.lists.running import CANCELLED
from lookups.models import ListRow, Run

TERMS = {  # of the sum, each with its name and meaning
    "linked": ("linked", "Graph gave at least one other ID of the person."),
    "none": ("asked, none", "Graph answered, and knows no other ID of the person."),
    "fresh": ("already fresh", "Confirmed not long ago, so not asked again."),
    "held": ("held", "Accepted and kept; what they wait for is said below."),
    "refused": ("refused", "Could not be asked, or Graph does not let this token see them."),
    "failed": ("failed", "Given up after repeated trouble, or for an answer that can't be read."),
    "rejected": ("rejected", "No ID can be read in that row, so nothing was asked."),
    "duplicate": ("duplicate", "The same ID stands on an earlier line, and is asked once."),
    "waiting": ("waiting", "Still to be asked."),
}


@dataclass(frozen=True)
class Term:
    """One count of the sum, with its name and meaning."""

    name: str
    count: int

    @property
    def label(self) -> str:
        """Give the name of the term."""
        return TERMS[self.name][0]

    @property
    def meaning(self) -> str:
        """Give the meaning of the term."""
        return TERMS[self.name][1]


def terms_of(counts: Sum) -> list[Term]:
    """Give the terms that count something, in the order of the sum."""
    return [Term(name, count) for name, count in counts.parts.items() if count]


def title_of(run: Run) -> str:
    """Name a run by its file, if it has one. Costs a query unless the run was read with its file."""
    name = getattr(getattr(run, "list_file", None), "name", "")
    return f"List “{name}”" if name else str(run.get_kind_display()).capitalize()


def sentence_of(state: str, reason: str, value: str) -> str:
    """Say what became of a row that was not asked."""
    if state == ListRow.State.REJECTED:
        return imports.sentence(reason, value)
    if state == ListRow.State.REFUSED:
        return refusal(reason)
    if state == ListRow.State.HELD:
        return lack(reason)
    meanings = {ListRow.State.FRESH: "fresh", ListRow.State.DUPLICATE: "duplicate", ListRow.State.TODO: "waiting"}
    return TERMS[meanings[ListRow.State(state)]][1] if state in meanings else ""


def lack(reason: str) -> str:
    """Say what the app or Page of a held row lacked when the row was held, and who can mend it."""
    return f"Waits, held up by {_cause_and_remedy(reason)} It goes on by itself then."


def refusal(reason: str) -> str:
    """Say why rows could not be asked, and what to do."""
    if reason == "cancelled":
        return CANCELLED
    return f"Not asked, held up by {_cause_and_remedy(reason)} Then try again."


def _cause_and_remedy(code: str) -> str:
    """Say what held a row up. Only the reason's code is stored, without names."""
    reason = nameless(code)
    return f"{reason.entry.short}. {reason.remedy}" if reason else "what the page of its app or Page says."
