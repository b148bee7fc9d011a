"""What the terms of a run's sum, and the codes of rows that could not be asked, mean; for screens."""

from dataclasses import dataclass

from lookups.asking.tallies import Sum
from lookups.lists import imports
from lookups.models import ListRow, Run

TERMS = {  # of the sum: what each is called, and what it means
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
_REFUSALS = {
    "cancelled": "The run was cancelled before this was asked.",  # what lookups of a cancelled run say, too
    "policy_not_confirmed": "Nobody has confirmed Meta's policy for the business. An admin does so on the "
    "business's page; then try again.",
    "not_owned": "Graph says that another business owns the app or Page, and Meta's policy allows only own ones. "
    "If it has come to this business since, have its owner checked again on the business's page; then try again.",
}
_LACKS = {
    "no_managing_app": "no app is set as the one that manages the Page. An admin chooses it on the Page's form.",
    "no_token": "the app or Page has no access token. An admin adds one under Access tokens.",
    "token_refused": "Graph refused the token of the app or Page. An admin adds a new one under Access tokens.",
    "secret_wrong": "Graph does not take the stored secret of the app that signs the calls. An admin enters the "
    "present one on the app's form.",
    "secret_doubted": "Graph refused a call signed with the app's stored secret. It is being checked; if it was reset, "
    "an admin enters the present one on the app's form.",
    "no_secret": "the secret of the app that signs the calls is not set. An admin enters it on the app's form.",
    "unreadable": "the stored token or secret can't be decrypted with the present keys. Whoever runs idlink "
    "restores the key.",
}
_OTHER_LACK = "its app or Page lacks a token or secret. Its page says what is missing."
_OTHER_REFUSAL = "The app or Page could not be asked. Its page says what is missing; then try again."


@dataclass(frozen=True)
class Term:
    """One count of the sum, with its name and meaning."""

    name: str
    count: int

    @property
    def label(self) -> str:
        """What it is called."""
        return TERMS[self.name][0]

    @property
    def meaning(self) -> str:
        """What it means."""
        return TERMS[self.name][1]


def terms_of(counts: Sum) -> list[Term]:
    """Give the terms that count something, in the order of the sum."""
    return [Term(name, count) for name, count in counts.parts.items() if count]


def title_of(run: Run) -> str:
    """Name a run on screens: by its file, if it has one. Reads the file's row unless it was selected."""
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
    """Say what a held row's app or Page lacked when it was looked at, and who can mend it."""
    return f"Waits: {_LACKS.get(reason, _OTHER_LACK)} It goes on by itself then."


def refusal(reason: str) -> str:
    """Say why rows could not be asked, and what to do."""
    if reason in _LACKS:  # of lists that were fed before such rows were held
        return f"When it was its turn, {_LACKS[reason]} Then try again."
    return _REFUSALS.get(reason, _OTHER_REFUSAL)
