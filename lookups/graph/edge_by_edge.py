"""A question that was refused as a whole is asked in parts, edge by edge.

One edge that is not permitted makes Graph refuse the whole read of a node, though the other edge would answer.
"""

from collections.abc import Sequence
from dataclasses import replace

from lookups.graph.answers import EdgeAnswer, GraphReply, LinksAnswer, Receipt
from lookups.graph.edges import Edge
from lookups.graph.errors import GraphError, NotPermitted, UnexpectedAnswer, UnknownID
from lookups.graph.questions import GraphQuestion, LinksQuestion, ProfileQuestion

# Refusals that may concern one edge alone. Any other error of a part is one of the whole question.
_OF_ONE_EDGE = (NotPermitted, UnexpectedAnswer, UnknownID)
_OF_THE_PROFILE = (2018218, 2018247)  # subcodes of a refusal that no choice of fields changes


def worth_splitting(question: GraphQuestion, reply: GraphReply) -> bool:
    """Tell whether the parts of a question may get more than this reply to the whole."""
    parts = question.fields if isinstance(question, ProfileQuestion) else question.edges
    if len(parts) < 2 or (isinstance(reply, GraphError) and reply.subcode in _OF_THE_PROFILE):
        return False
    return isinstance(reply, NotPermitted) or (isinstance(reply, UnexpectedAnswer) and reply.code is not None)


def split(question: GraphQuestion) -> list[GraphQuestion]:
    """Give a question for each edge; of a profile only its first field, the name.

    One field that is gone from Graph, or not permitted, fails the whole read of a node (wire contract, 10).
    """
    if isinstance(question, ProfileQuestion):
        return [replace(question, fields=question.fields[:1])]
    return [replace(question, edges=(edge,), profile=()) for edge in question.edges]


def joined(whole: GraphReply, parts: Sequence[GraphQuestion], replies: Sequence[GraphReply]) -> GraphReply:
    """Give one reply with what each edge said; the refusal of the `whole` stays where no edge answered."""
    if isinstance(parts[0], ProfileQuestion):
        return replies[0]
    for reply in replies:
        # What may pass by itself is asked again as a whole: it says nothing about an edge.
        if isinstance(reply, GraphError) and (reply.retryable or not isinstance(reply, _OF_ONE_EDGE)):
            return reply
    told: dict[Edge, EdgeAnswer] = {}
    refused: list[tuple[Edge, GraphError]] = []
    receipt: Receipt | None = None
    broke_off: GraphError | None = None
    for part, reply in zip(parts, replies, strict=True):
        if isinstance(reply, LinksAnswer):
            told.update(reply.told)
            receipt = receipt or reply.receipt
            broke_off = broke_off or reply.broke_off
        elif isinstance(part, LinksQuestion) and isinstance(reply, GraphError):
            refused.append((part.edges[0], reply))
    return LinksAnswer(parts[0].node_id, told, receipt, tuple(refused), broke_off) if receipt else whole
