"""Turn Graph's replies into findings: which asset each row belongs to, which rows count, each edge's outcome."""

from collections.abc import Sequence
from typing import Any

from businesses.models import Asset, AssetKind, Business
from lookups.evidence import matching
from lookups.evidence.found_assets import AssetIndex
from lookups.evidence.refusals import told_of
from lookups.evidence.weighing import AnswerRow, Finding, Node
from lookups.graph import (
    EdgeAnswer,
    GraphError,
    LinksAnswer,
    NeedsAction,
    ProofRefused,
    TokenRefused,
    UnderPolicyReview,
)
from lookups.models import Answer, Conflict, Lookup, ScopedID
from lookups.models.outcomes import Edge, Outcome

Told = Sequence[tuple[Answer, Any]]


def learn_links(business: Business, told: Told, *, alone: bool = True) -> list[ScopedID]:
    """Store the links that successful replies prove, and set the outcomes of their lookups (unsaved).

    Gives the IDs that a linked ID's answer no longer contains: their own answers should be checked. Raises what
    `matching.learn` raises.
    """
    replies = [(answer, reply) for answer, reply in told if isinstance(reply, LinksAnswer)]
    if not replies:
        return []
    index = _index(business, [reply for _, reply in replies])
    findings = [_finding(answer, reply, index) for answer, reply in replies]
    learnt = matching.learn(business, findings, alone=alone)
    for finding in findings:
        finding.answer.lookup.scoped_id = learnt.scoped_ids[finding.source.key]
    return learnt.due


def outcome_of(error: GraphError) -> Outcome:
    """Name the outcome of an edge whose reply was this error."""
    if isinstance(error, UnderPolicyReview):
        return Outcome.REVIEW
    if isinstance(error, TokenRefused):
        return Outcome.TOKEN
    if isinstance(error, ProofRefused):
        return Outcome.PROOF
    return Outcome.NOT_VISIBLE if isinstance(error, NeedsAction) else Outcome.FAILED


def _index(business: Business, replies: Sequence[LinksAnswer]) -> AssetIndex:
    named = {
        edge: {row.asset.id: row.asset for reply in replies if edge in reply.told for row in reply.told[edge].rows}
        for edge in Edge
    }
    return AssetIndex(business, {AssetKind(edge.gives): assets for edge, assets in named.items()})


def _finding(answer: Answer, reply: LinksAnswer, index: AssetIndex) -> Finding:
    lookup = answer.lookup
    source = Node(lookup.asset, lookup.value)
    rows: list[AnswerRow] = []
    remarks: list[str] = []
    covers: dict[Edge, Asset | None] = {}
    oddities: list[tuple[str, str]] = []
    for edge, told in reply.told.items():
        found = _rows(edge, told, lookup, index, remarks, oddities)
        if told.complete:
            covers[edge] = lookup.only
        others = [row for row in found if row.target.key != source.key]
        lookup.set_outcome(edge, _outcome(others, told))
        rows += others
    for refused, error in reply.refused:
        lookup.set_outcome(refused, outcome_of(error))
        remarks.append(f"{refused}: {told_of(error, lookup.asset)}")
    lookup.why = " ".join(remarks)
    return Finding(answer, source, tuple(rows), covers, tuple(oddities))


def _rows(
    edge: Edge,
    told: EdgeAnswer,
    lookup: Lookup,
    index: AssetIndex,
    remarks: list[str],
    oddities: list[tuple[str, str]],
) -> list[AnswerRow]:
    """Give the rows that count: of this business's assets, and only of the filter's asset if there was a filter."""
    assets, wanted = index.of(AssetKind(edge.gives)), lookup.only
    rows = []
    for row in told.rows:
        graph_id = row.asset.id
        if graph_id in index.foreign:
            oddities.append((Conflict.Kind.MOVED, graph_id))
            # The words must not tell who else has it here.
            remarks.append(
                f"Graph named {graph_id}, whose owner is not confirmed: left out. An admin can add it by hand."
            )
        elif graph_id in index.not_owned:
            oddities.append((Conflict.Kind.MOVED, graph_id))
            remarks.append(f"Graph named {graph_id}, though it says that another business owns it: left out.")
        elif graph_id in index.wrong_kind:
            oddities.append((Conflict.Kind.WRONG_KIND, graph_id))
            remarks.append(f"Graph named {graph_id} among the {edge.label}, which it is not of: left out.")
        elif wanted is None or graph_id == wanted.graph_id:
            rows.append(AnswerRow(edge, Node(assets[graph_id], row.id), row.row_hash))
        else:
            oddities.append((Conflict.Kind.OTHER_ASSET, graph_id))
            remarks.append(f"Graph answered for {graph_id} though only {wanted} was asked for: left out.")
    remarks += [f"A row could not be read and was left out: {reason}" for reason in told.rejected]
    return rows


def _outcome(rows: Sequence[AnswerRow], told: EdgeAnswer) -> Outcome:
    if rows:
        return Outcome.LINKED
    return Outcome.NONE if told.complete else Outcome.FAILED
