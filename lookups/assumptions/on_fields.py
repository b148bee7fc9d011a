"""What is told of a person besides the links. Only whether a field comes is looked at, never what it says."""

from lookups.assumptions.interview import Interview, KnownID, NotToldByGraph

_REFUSALS = {33: "unknown", 2018218: "no_profile", 2018247: "no_permission"}


def profile_of_psids(talk: Interview) -> str:
    """Ask a PSID for the name."""
    answer = talk.ask(talk.page, fields="name")
    if answer.error is None:
        return "told" if _has(answer.body, "name") else "left_out"
    if answer.error.subcode in _REFUSALS:
        return _REFUSALS[answer.error.subcode]
    raise NotToldByGraph("Graph refuses the name in a way that no switch stands for.")


def payment_field(talk: Interview) -> str:
    """Ask a PSID for is_payment_enabled."""
    if profile_of_psids(talk) != "told":
        raise NotToldByGraph("Graph tells nothing of the profile.")
    answer = talk.ask(talk.page, fields="is_payment_enabled")
    return "off" if answer.error else "on"


def age_range_field(talk: Interview) -> str:
    """Ask an ASID for age_range."""
    return _comes(talk, talk.app, "age_range")


def permitted_fields(talk: Interview) -> str:
    """Ask an ASID for locale, which needs a permission."""
    return _comes(talk, talk.app, "locale")


def _comes(talk: Interview, who: KnownID, field: str) -> str:
    answer = talk.ask(who, fields=field)
    return "on" if answer.error is None and _has(answer.body, field) else "off"


def _has(body: object, field: str) -> bool:
    return isinstance(body, dict) and field in body
