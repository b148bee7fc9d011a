"""The outcomes of a question, the edges, and the columns that hold the outcome and the answer for each edge."""

from django.db import models

from lookups.graph.edges import Edge, edge_to

__all__ = [
    "ANSWERED",
    "EDGE_CHOICES",
    "Edge",
    "Outcome",
    "answer_column",
    "answered_column",
    "caller_column",
    "edge_to",
    "outcome_column",
]

EDGE_CHOICES = [(edge.value, edge.label) for edge in Edge]


def outcome_column(edge: Edge) -> str:
    """Name the column of a lookup that holds the outcome of an edge."""
    return f"{edge.short}_outcome"


def answer_column(edge: Edge) -> str:
    """Name the column of a scoped ID that refers to the latest complete answer about an edge."""
    return f"{edge.short}_answer"


def answered_column(edge: Edge) -> str:
    """Name the column of a scoped ID that holds when the latest complete answer about an edge came."""
    return f"{edge.short}_answered_at"


def caller_column(edge: Edge) -> str:
    """Name the column of a scoped ID that refers to the app whose token asked for that answer."""
    return f"{edge.short}_caller"


class Outcome(models.TextChoices):
    """The seven outcomes of a question, and *failed* for errors that nobody can repair on the spot."""

    LINKED = "linked", "linked"
    NONE = "none", "asked, none"
    REVIEW = "review", "business under review"
    TOKEN = "token", "token unusable"
    PROOF = "proof", "proof wrong"
    NOT_VISIBLE = "not_visible", "not visible with this token"
    NOT_ASKED = "not_asked", "not asked"
    FAILED = "failed", "failed"


ANSWERED = (Outcome.LINKED, Outcome.NONE)
