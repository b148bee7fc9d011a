"""The table of a person's edges. To add an edge, add a row here: every other module of the sandbox reads this table."""

from collections.abc import Mapping
from dataclasses import dataclass

ALWAYS = "always"


@dataclass(frozen=True)
class Asking:
    """How an edge is asked of the scoped IDs of one kind of asset.

    `use_case`: its number in the guide, 0 for none.
    `proof`: when the question needs a proof: ALWAYS, or while the switch of this name is on.
    `proof_as_field`: the same for the edge among the fields of a node; empty: the same as `proof`.
    """

    use_case: int
    proof: str
    proof_as_field: str = ""

    def proof_rule(self, *, is_field: bool) -> str:
        """Say when a proof is needed: ALWAYS, or the name of a switch."""
        return (self.proof_as_field or self.proof) if is_field else self.proof


@dataclass(frozen=True)
class Edge:
    """One edge: its path, the kind of asset whose scoped IDs it gives, and the kinds whose scoped IDs have it.

    The parameter that narrows the answer to one asset has the name of the kind given. `misspelt_filter` is another
    name for it, honoured where the guide uses it.
    """

    path: str
    gives: str
    asked_of: Mapping[str, Asking]
    misspelt_filter: str = ""

    @property
    def filter(self) -> str:
        """The parameter that narrows the answer to one app or Page."""
        return self.gives


EDGES = {
    edge.path: edge
    for edge in (
        Edge(
            "ids_for_apps",
            gives="app",
            asked_of={
                "page": Asking(use_case=1, proof=ALWAYS),
                "app": Asking(use_case=3, proof="proof_for_asid_to_apps"),
            },
        ),
        Edge(
            "ids_for_pages",
            gives="page",
            asked_of={
                "app": Asking(use_case=2, proof=ALWAYS, proof_as_field="proof_for_combined_asid"),
                "page": Asking(use_case=4, proof="proof_for_psid_to_pages"),
            },
            misspelt_filter="app",
        ),
        Edge("ids_for_business", gives="app", asked_of={"app": Asking(use_case=0, proof="proof_for_asid_to_apps")}),
    )
}
FILTERS = tuple(dict.fromkeys(edge.filter for edge in EDGES.values()))
USE_CASES = frozenset(asking.use_case for edge in EDGES.values() for asking in edge.asked_of.values()) - {0}
