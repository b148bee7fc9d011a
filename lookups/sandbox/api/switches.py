"""What Meta's guide leaves open: a switch for each such behaviour, with the likeliest one as its default."""

from dataclasses import Field, dataclass, field, fields, replace
from typing import Any

from lookups.sandbox.api.edges import EDGES


def _switch(default: Any, about: str, *choices: str) -> Any:
    return field(default=default, metadata={"about": about, "choices": (default, *choices)})


@dataclass(frozen=True)
class Switches:
    """All switches, each with its value. On the command line: `--switch name=on`, `--switch name=403`."""

    proof_for_psid_to_pages: bool = _switch(
        True, "use case 4 needs a proof, as its examples show; its requirements don't name it"
    )
    proof_for_asid_to_apps: bool = _switch(False, "use case 3 needs a proof, too")
    proof_for_combined_asid: bool = _switch(
        False, "an ASID read with ids_for_pages among its fields needs a proof; the guide's example has none"
    )
    require_app_secret: bool = _switch(False, 'the app setting "Require App Secret": every read needs a proof')
    header_token_first: bool = _switch(False, "the token of the header goes before that of the parameters")
    token_status: int = _switch(400, "HTTP status of an access token that can't be used (code 190)")
    review_status: int = _switch(403, "HTTP status of the policy review's answer (code 200)")
    reviewed_edges: str = _switch(
        "edges", "what the policy review refuses: every edge, one of them, or every read of a node", *EDGES, "node",
    )  # fmt: skip
    not_installed_is_an_error: bool = _switch(
        False, "a PSID's apps, asked by an app that the person has not installed: an error instead of no rows"
    )
    own_page_among_rows: bool = _switch(True, "ids_for_pages of a PSID holds the row of the asking Page itself")
    asids_give_pages: bool = _switch(True, "off: ids_for_pages of an ASID has no rows, though its PSIDs give the ASID")
    leave_out_empty_edges: bool = _switch(True, "a node read leaves out an edge without rows")
    shuffle_rows: bool = _switch(False, "rows come in an order of their own for each person and edge")
    page_size: int = _switch(25, "rows of a page where no limit was given")
    most_rows: int = _switch(100, "rows of a page at most, whatever limit was given")
    guides_page_filter: bool = _switch(
        True, "ids_for_pages takes the guide's filter app={page-id}; off: as any unknown parameter"
    )
    foreign_filter_is_an_error: bool = _switch(
        False, "a filter that names no app or Page of the business: an error instead of no rows"
    )
    bad_ids_are_left_out: bool = _switch(False, "?ids= leaves out IDs that can't be read instead of failing as a whole")
    version_needed: bool = _switch(False, "edges asked without a version in the path: error (#12)")
    future_version_is_an_error: bool = _switch(True, "a version never released: error; off: the newest serves it")
    only_approved_apps_see_rows: bool = _switch(False, "all apps wait for App Review still: no rows for anybody")
    usage_of_psids: str = _switch("messenger", "the pool that page access tokens draw on", "pages")
    usage_headers: str = _switch(
        "both", "where a batch has usage headers: on the whole answer and on its items, on one of these, or nowhere",
        "outer", "items", "none",
    )  # fmt: skip
    use_case_2: str = _switch(
        "any_app", "ids_for_pages of an ASID names Pages to: any app of the business; the app that manages the Page; "
        "that one, and whoever manages no Page is refused",
        "managing", "managing_or_refused",
    )  # fmt: skip
    asked_version_has_ended: bool = _switch(
        False, "whatever version is asked for has ended: the oldest usable one serves it, and a header says so"
    )
    granular_scopes: str = _switch(
        "named", "how debug_token names the Pages that a permission is for: by ID; none, which means all; without such "
        "a list; or another Page, and then PSIDs are refused",
        "unnamed", "left_out", "another",
    )  # fmt: skip
    age_range_field: bool = _switch(
        True, "ASIDs have age_range, as the guide shows; off: left out, as if not permitted"
    )
    profile_of_psids: str = _switch(
        "told", "how profiles of PSIDs are refused: nothing but the ID, as unknown, or with an error of their own",
        "left_out", "unknown", "no_profile", "no_permission",
    )  # fmt: skip
    permitted_fields: bool = _switch(True, "locale, timezone and gender are shown; off: left out, as if not permitted")
    foreign_tokens_are_named: bool = _switch(
        False, "debug_token says that a token is another app's; off: it says that the asking app has no right to know"
    )
    payment_field: bool = _switch(True, "PSIDs have is_payment_enabled, as the guide shows; later versions dropped it")

    def turned(self, setting: str) -> "Switches":
        """Give a copy in which one switch is set as `name=value` says; raises ValueError."""
        name, _, text = setting.partition("=")
        for one in fields(self):
            if one.name == name:
                turned: dict[str, Any] = {name: _value(one, text)}
                return replace(self, **turned)
        names = ", ".join(one.name for one in fields(self))
        raise ValueError(f"there is no switch {name!r}; there are: {names}")


def explained() -> str:
    """Give a text with a line for each switch: name, default, meaning."""
    lines = [f"  {one.name}={_shown(one)}: {one.metadata['about']}" for one in fields(Switches)]
    return "\n".join(["switches and their defaults:", *lines])


def _value(one: "Field[Any]", text: str) -> bool | int | str:
    if isinstance(one.default, bool):
        if text in ("on", "off"):
            return text == "on"
        raise ValueError(f"{one.name} is on or off, not {text!r}")
    if isinstance(one.default, int):
        if text.isascii() and text.isdigit() and 0 < int(text[:9]) < 1000:
            return int(text)
        raise ValueError(f"{one.name} is a number from 1 to 999, not {text!r}")
    choices: tuple[str, ...] = one.metadata["choices"]
    if text in choices:
        return text
    raise ValueError(f"{one.name} is one of {', '.join(choices)}, not {text!r}")


def _shown(one: "Field[Any]") -> str:
    if isinstance(one.default, bool):
        return "on" if one.default else "off"
    return "|".join(one.metadata["choices"]) if isinstance(one.default, str) else str(one.default)
