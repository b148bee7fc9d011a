"""A combined question that was refused, asked edge by edge: which may help, and what comes of the parts.

One edge that is not permitted makes Graph refuse the whole node read, though the other edge would answer.
"""

from collections.abc import Sequence
from dataclasses import replace

from lookups.graph.answers import LinksAnswer, ProfileAnswer
from lookups.graph.edges import Edge, LinksQuestion, ProfileQuestion, Question
from lookups.graph.errors import GraphError, NotPermitted, UnexpectedAnswer, UnknownID

# Refusals that concern one edge; any other error of a part stands for the whole question, a refused signature, too.
_OF_ONE_EDGE = (NotPermitted, UnexpectedAnswer, UnknownID)


def may_help(question: Question, reply: object) -> bool:
    """Tell whether asking edge by edge may get more than this reply to both edges."""
    if isinstance(question, ProfileQuestion) and len(question.fields) < 2:
        return False
    if isinstance(question, LinksQuestion) and len(question.edges) < 2:
        return False
    coded = isinstance(reply, UnexpectedAnswer) and reply.code is not None
    return isinstance(reply, NotPermitted) or coded


def parts_of(question: Question) -> list[Question]:
    """Give a question of each edge; of a profile only its first field, the name.

    One field that has gone from Graph, or is not permitted, fails a whole node read (wire contract, 10).
    """
    if isinstance(question, ProfileQuestion):
        return [replace(question, fields=question.fields[:1])]
    if not isinstance(question, LinksQuestion):
        return []
    return [replace(question, edges=(edge,), profile=()) for edge in question.edges]


def joined(
    whole: LinksAnswer | ProfileAnswer | GraphError,
    parts: Sequence[Question],
    replies: Sequence[LinksAnswer | ProfileAnswer | GraphError],
) -> LinksAnswer | ProfileAnswer | GraphError:
    """Give one answer with what each edge said; the first refusal stands where no edge answered."""
    if isinstance(parts[0], ProfileQuestion):
        return replies[0]
    answers = [reply for reply in replies if isinstance(reply, LinksAnswer)]
    errors = [reply for reply in replies if isinstance(reply, GraphError)]
    # What passes by itself is asked again as a whole: it says nothing about an edge.
    of_the_whole = next((error for error in errors if error.retryable or not isinstance(error, _OF_ONE_EDGE)), None)
    if of_the_whole or not answers:
        return of_the_whole or whole
    pairs = [(part.edges[0], reply) for part, reply in zip(parts, replies, strict=True)
             if isinstance(part, LinksQuestion)]  # fmt: skip
    refused = tuple((edge, reply) for edge, reply in pairs if isinstance(reply, GraphError))
    told = {edge: reply.edge(edge) for edge, reply in pairs if isinstance(reply, LinksAnswer)}
    first = answers[0]
    return LinksAnswer(first.node_id, told.get(Edge.APPS), told.get(Edge.PAGES), first.receipt, refused)
