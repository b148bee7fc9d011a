"""A combined question that was refused, asked edge by edge: which may help, and what comes of the parts.

One edge that is not permitted makes Graph refuse the whole node read, though the other edge would answer.
"""

from collections.abc import Sequence
from dataclasses import replace

from lookups.graph.answers import LinksAnswer, ProfileAnswer
from lookups.graph.edges import Edge, LinksQuestion, Question
from lookups.graph.errors import GraphError, NotPermitted, ProofRefused, UnexpectedAnswer, UnknownID

# Refusals that concern one edge; any other error of a part stands for the whole question.
_OF_ONE_EDGE = (NotPermitted, ProofRefused, UnexpectedAnswer, UnknownID)


def may_help(question: Question, reply: object) -> bool:
    """Tell whether asking edge by edge may get more than this reply to both edges."""
    if not isinstance(question, LinksQuestion) or len(question.edges) < 2:
        return False
    coded = isinstance(reply, UnexpectedAnswer) and reply.code is not None
    return isinstance(reply, NotPermitted) or coded


def parts_of(question: Question) -> list[LinksQuestion]:
    """Give a question of each edge."""
    if not isinstance(question, LinksQuestion):
        return []
    return [replace(question, edges=(edge,), profile=()) for edge in question.edges]


def joined(
    whole: LinksAnswer | ProfileAnswer | GraphError,
    parts: Sequence[LinksQuestion],
    replies: Sequence[LinksAnswer | ProfileAnswer | GraphError],
) -> LinksAnswer | ProfileAnswer | GraphError:
    """Give one answer with what each edge said; the first refusal stands where no edge answered."""
    answers = [reply for reply in replies if isinstance(reply, LinksAnswer)]
    errors = [reply for reply in replies if isinstance(reply, GraphError)]
    # What passes by itself is asked again as a whole: it says nothing about an edge.
    of_the_whole = next((error for error in errors if error.retryable or not isinstance(error, _OF_ONE_EDGE)), None)
    if of_the_whole or not answers:
        return of_the_whole or whole
    refused = tuple(
        (part.edges[0], reply) for part, reply in zip(parts, replies, strict=True) if isinstance(reply, GraphError)
    )
    told = {part.edges[0]: reply.edge(part.edges[0]) for part, reply in zip(parts, replies, strict=True)
            if isinstance(reply, LinksAnswer)}  # fmt: skip
    first = answers[0]
    return LinksAnswer(first.node_id, told.get(Edge.APPS), told.get(Edge.PAGES), first.receipt, refused)
