"""The assumptions: one row for each switch of the sandbox. What is not asked is listed, too, with the cause."""

from collections.abc import Callable
from dataclasses import dataclass

from lookups.assumptions import on_edges, on_fields, on_proofs, on_tokens, on_versions
from lookups.assumptions.interview import Interview


@dataclass(frozen=True)
class Assumption:
    """A switch, and the question that finds its value; `ask` raises NotToldByGraph, Interrupted, GraphError."""

    ask: Callable[[Interview], str]

    @property
    def switch(self) -> str:
        """The switch's name: that of the question's function."""
        return self.ask.__name__

    @property
    def question(self) -> str:
        """What is asked, in words."""
        return (self.ask.__doc__ or "").strip()


ASSUMPTIONS = tuple(
    Assumption(ask)
    for ask in (
        on_versions.asked_version_has_ended,
        on_versions.version_needed,
        on_versions.future_version_is_an_error,
        on_versions.usage_headers,
        on_versions.usage_of_psids,
        on_tokens.token_status,
        on_tokens.granular_scopes,
        on_tokens.foreign_tokens_are_named,
        on_proofs.require_app_secret,
        on_proofs.proof_for_psid_to_pages,
        on_proofs.proof_for_asid_to_apps,
        on_proofs.proof_for_combined_asid,
        on_edges.only_approved_apps_see_rows,
        on_edges.own_page_among_rows,
        on_edges.asids_give_pages,
        on_edges.use_case_2,
        on_edges.foreign_filter_is_an_error,
        on_edges.leave_out_empty_edges,
        on_fields.profile_of_psids,
        on_fields.payment_field,
        on_fields.age_range_field,
        on_fields.permitted_fields,
    )
)
_NOTHING_HANGS = "Nothing in idlink hangs on it."
NOT_ASKED = {
    "header_token_first": "idlink sends no token in a header.",
    "review_status": "It shows only while Meta reviews the business.",
    "reviewed_edges": "It shows only while Meta reviews the business.",
    "not_installed_is_an_error": "It needs a person who is known not to have installed an app.",
    "shuffle_rows": _NOTHING_HANGS,
    "page_size": _NOTHING_HANGS,
    "most_rows": _NOTHING_HANGS,
    "guides_page_filter": "idlink does not use the guide's spelling.",
    "bad_ids_are_left_out": "idlink does not ask for several IDs by ids=.",
}
