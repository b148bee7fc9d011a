"""A scoped ID: the ID by which one app (ASID) or one Page (PSID) knows a person."""

import re
from datetime import datetime
from types import EllipsisType
from typing import Any

from django.db import models
from django.db.models import Q

from businesses.models import Asset, Business
from businesses.models.graph_id import DIGITS, MAX_DIGITS
from lookups.models.outcomes import Edge, answer_column, answered_column, caller_column
from lookups.models.person import Person
from lookups.models.public_id import LENGTH, new_public_id

BLANKS = " \t\r\n"  # may stand around a pasted ID
_SPREADSHEET = re.compile(r"[0-9][.,]?[0-9]*[eE][+-]?[0-9]+")


class NotAnID(ValueError):
    """The text can't be a scoped ID; the message says why and what to do. `code` names the reason for programs."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        super().__init__(text)


class ScopedID(models.Model):
    """An opaque string of digits within one app or one Page. The same digits elsewhere are another ID."""

    # Not indexed alone: the index of business and value begins with it.
    business = models.ForeignKey(Business, models.PROTECT, related_name="+", db_index=False)
    # Not indexed alone: the unique key of asset and value begins with it. Every answer writes here: few indexes.
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+", db_index=False)
    value = models.CharField(max_length=MAX_DIGITS)
    person = models.ForeignKey(Person, models.PROTECT, related_name="scoped_ids")
    public_id = models.CharField("public ID", max_length=LENGTH, default=new_public_id, editable=False)
    first_seen = models.DateTimeField()
    # The latest complete, unfiltered answer about each edge. Not indexed: confirming must stay a cheap write.
    apps_answer = models.ForeignKey("lookups.Answer", models.PROTECT, null=True, related_name="+", db_index=False)
    apps_answered_at = models.DateTimeField(null=True)
    apps_caller = models.ForeignKey(Asset, models.PROTECT, null=True, related_name="+", db_index=False)
    pages_answer = models.ForeignKey("lookups.Answer", models.PROTECT, null=True, related_name="+", db_index=False)
    pages_answered_at = models.DateTimeField(null=True)
    pages_caller = models.ForeignKey(Asset, models.PROTECT, null=True, related_name="+", db_index=False)

    business_path = "business"

    class Meta:
        verbose_name = "scoped ID"
        constraints = [
            models.CheckConstraint(condition=Q(value__regex=r"^[0-9]{1,32}$"), name="scoped_id_is_digits"),
            models.UniqueConstraint(fields=["asset", "value"], name="one_scoped_id_per_asset"),
            models.UniqueConstraint(fields=["public_id"], name="one_scoped_id_per_public_id"),
        ]
        indexes = [  # finds a value by the whole or by its beginning; the operator classes are PostgreSQL's
            models.Index(
                fields=["business", "value"], opclasses=["int8_ops", "varchar_pattern_ops"], name="ids_by_value"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"

    @property
    def kind(self) -> str:
        """ASID or PSID."""
        return self.asset.kind_of.scoped_id

    def answered_at(self, edge: str, caller: int | EllipsisType | None = ...) -> datetime | None:
        """Give when an edge last got a complete answer; with `caller`, only if that app's token asked."""
        edge = Edge(edge)
        at: datetime | None = getattr(self, answered_column(edge))
        return at if caller is ... or caller == getattr(self, f"{caller_column(edge)}_id") else None

    def answer_about(self, edge: str) -> Any:
        """The latest complete answer about an edge, or None."""
        return getattr(self, answer_column(Edge(edge)))

    def set_answer(self, edge: Edge, answer: Any) -> None:
        """Set the latest complete answer about an edge; the caller saves."""
        setattr(self, answer_column(edge), answer)
        setattr(self, answered_column(edge), answer.at)
        setattr(self, f"{caller_column(edge)}_id", answer.calling_app_id)

    @property
    def founding_order(self) -> tuple[object, ...]:
        """The sort key for founders: first seen first, then by kind, by app or Page, and by value."""
        return (self.first_seen, self.asset.kind, self.asset.graph_id, self.value)


def read_value(text: str) -> str:
    """Give the scoped ID in a pasted text, without the blanks around it; raises NotAnID."""
    value = text.strip(BLANKS)
    if not value:
        raise NotAnID("empty", "Paste an ID first: the digits of an ASID or a PSID.")
    if _SPREADSHEET.fullmatch(value):
        raise NotAnID(
            "spreadsheet",
            f"“{value}” is an ID that a spreadsheet has turned into a number: its last digits are lost. "
            "Format the column as text, copy the ID from its source again and paste that.",
        )
    shown = value if len(value) <= 40 else f"{value[:20]}…{value[-6:]}"
    if re.fullmatch(r"[0-9]+", value) and len(value) > MAX_DIGITS:
        raise NotAnID(
            "too_long",
            f"“{shown}” has {len(value)} digits; an ID has at most {MAX_DIGITS}. Check that only one ID was pasted.",
        )
    if not re.fullmatch(DIGITS, value):
        raise NotAnID(
            "not_digits",
            f"“{shown}” is not an ID: an ASID or PSID consists of the digits 0 to 9 only. "
            "Copy it again from the app's or bot's own records.",
        )
    return value
