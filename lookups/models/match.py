"""A match: evidence of a link. Graph answered a question about one scoped ID with another, or staff asserted it."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from businesses.models import Asset, Business
from lookups.models.answer import Answer
from lookups.models.decision import Decision
from lookups.models.outcomes import EDGE_CHOICES, Edge, answer_column
from lookups.models.scoped_id import ScopedID

BY_HAND = "by_hand"


class MatchState(models.TextChoices):
    """What later answers said about a match. The first two states are live."""

    CONFIRMED = "confirmed", "confirmed"
    UNCONFIRMED = "unconfirmed", "missing from one answer"
    WITHDRAWN = "withdrawn", "withdrawn"


LIVE = (MatchState.CONFIRMED, MatchState.UNCONFIRMED)


class Match(models.Model):
    """One direction of a link. It can't be stored without the answer, or the decision, that proves it.

    Only answers change `state`; a retraction is stored beside it and can be taken back. `is_live` combines both and
    decides who is one person. A row is written only when its state changes: the time of the last confirmation
    follows from the source's latest answer (`ScopedID.apps_answered_at`, `pages_answered_at`).
    """

    business = models.ForeignKey(Business, models.PROTECT, related_name="+", db_index=False)
    # Found by the unique key of source, target and edge.
    source = models.ForeignKey(ScopedID, models.PROTECT, related_name="matches_out", db_index=False)
    target = models.ForeignKey(ScopedID, models.PROTECT, related_name="matches_in")
    edge = models.CharField(max_length=20, choices=[*EDGE_CHOICES, (BY_HAND, "asserted by hand")])
    state = models.CharField(max_length=12, choices=MatchState.choices, default=MatchState.CONFIRMED)
    is_live = models.BooleanField(default=True)
    calling_app = models.ForeignKey(
        Asset, models.PROTECT, null=True, related_name="+", db_index=False, help_text="Whose token asked."
    )
    first_answer = models.ForeignKey(Answer, models.PROTECT, null=True, related_name="+", db_index=False)
    first_seen = models.DateTimeField()
    # Not indexed: confirming a link must stay a cheap write.
    last_answer = models.ForeignKey(Answer, models.PROTECT, null=True, related_name="+", db_index=False)
    last_confirmed = models.DateTimeField()
    missing_since = models.DateTimeField(null=True, help_text="First answer that should have held it and didn't.")
    row_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the answer's row, as JSON.")
    asserted_by = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="assertions", db_index=False)
    retracted_by = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="retractions", db_index=False)

    business_path = "business"

    class Meta:
        verbose_name_plural = "matches"
        constraints = [
            models.UniqueConstraint(fields=["source", "target", "edge"], name="one_match_per_direction"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="no_match_with_itself"),
            models.CheckConstraint(
                condition=Q(first_answer__isnull=False, last_answer__isnull=False, asserted_by__isnull=True)
                | Q(first_answer__isnull=True, last_answer__isnull=True, asserted_by__isnull=False),
                name="match_has_one_proof",
            ),
            models.CheckConstraint(
                condition=Q(is_live=True, state__in=LIVE, retracted_by__isnull=True)
                | Q(is_live=False) & (Q(state=MatchState.WITHDRAWN) | Q(retracted_by__isnull=False)),
                name="match_is_live_by_its_state",
            ),
        ]
        indexes = [
            models.Index(fields=["asserted_by"], condition=Q(asserted_by__isnull=False), name="matches_asserted"),
            models.Index(fields=["retracted_by"], condition=Q(retracted_by__isnull=False), name="matches_retracted"),
            models.Index(
                fields=["business", "missing_since"],
                condition=Q(state=MatchState.UNCONFIRMED),
                name="matches_unconfirmed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"

    def turn(self, state: MatchState) -> None:
        """Set the state and with it `is_live`; the caller saves."""
        self.state = state
        self.is_live = state in LIVE and self.retracted_by_id is None

    @property
    def shown_state(self) -> str:
        """The state that pages show: "retracted" if the match is retracted, whatever the answers say."""
        if self.retracted_by_id:
            return "retracted"
        return "asserted" if self.asserted_by_id and self.is_live else str(self.state)

    @property
    def confirmed_at(self) -> datetime:
        """When an answer last contained the match; a confirmed match is in its source's latest complete answer."""
        return max(self.last_confirmed, self._answered or self.last_confirmed)

    @property
    def _answered(self) -> datetime | None:
        confirmed = self.state == MatchState.CONFIRMED and not self.asserted_by_id
        return self.source.answered_at(self.edge, self.calling_app_id) if confirmed else None

    @property
    def proving_answer(self) -> Answer | None:
        """The latest answer that contained the match, with the same row."""
        answer: Answer | None = self.source.answer_about(self.edge) if self._answered_since else self.last_answer
        return answer

    @property
    def proving_answer_id(self) -> int | None:
        """The key of the proving answer, without reading that answer."""
        if not self._answered_since:
            return self.last_answer_id
        key: int | None = getattr(self.source, f"{answer_column(Edge(self.edge))}_id")
        return key

    @property
    def _answered_since(self) -> bool:
        return self._answered is not None and self._answered > self.last_confirmed


class MatchEvent(models.Model):
    """One change of a match's state: what it became, when, and by which answer or decision."""

    class Kind(models.TextChoices):
        """What happened."""

        MISSING = "missing", "missing from an answer"
        WITHDRAWN = "withdrawn", "missing again: withdrawn"
        BACK = "back", "given again"
        RETRACTED = "retracted", "retracted by hand"
        RESTORED = "restored", "retraction undone"
        ASSERTED = "asserted", "asserted by hand"
        DROPPED = "dropped", "assertion undone"

    business = models.ForeignKey(Business, models.PROTECT, related_name="+", db_index=False)
    match = models.ForeignKey(Match, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    is_live = models.BooleanField(help_text="Whether the match counted for persons from then on.")
    answer = models.ForeignKey(Answer, models.PROTECT, null=True, related_name="+")
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="match_events")
    at = models.DateTimeField()

    business_path = "business"

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["at"], name="match_events_by_time")]
        constraints = [
            models.CheckConstraint(
                condition=Q(answer__isnull=False, decision__isnull=True)
                | Q(answer__isnull=True, decision__isnull=False),
                name="match_event_has_one_cause",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.match} {self.kind}"
