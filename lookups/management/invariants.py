"""Queries for rows that must never be in the database. Each is empty in a sound one."""

from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from businesses.models import AppSecret, Asset, AssetKind
from lookups.management.references import references
from lookups.management.stored_twice import differences
from lookups.models import Decision, Lookup, Match, Person, PersonEvent, PolicyReview, Question, ScopedID, State
from lookups.models.outcomes import Edge, outcome_column


def invariants() -> dict[str, QuerySet[Any, Any]]:
    """Give for each invariant, by name, the query of the rows that break it."""
    return {
        "matches that join two businesses": Match.objects.exclude(
            business=F("source__business"), source__business=F("target__business")
        ),
        "scoped IDs whose person is of another business": ScopedID.objects.exclude(business=F("person__business")),
        "scoped IDs stored twice": _stored_twice(),
        "live matches between two persons that nothing keeps apart": _unexplained_matches(),
        "persons whose public ID is not that of their earliest ID": _wrongly_named(),
        "persons without an ID whose history does not say where it went": _lost_persons(),
        "matches without a proof": Match.objects.exclude(
            Q(first_answer__isnull=False, last_answer__isnull=False) | Q(asserted_by__isnull=False)
        ),
        "lookups that are done without an outcome or a time": _done_without_end(),
        "businesses with more than one open review": _reviewed_twice(),
        "Pages managed by something else than an app": _managed_by_no_app(),
        "secrets of something else than an app": AppSecret.objects.exclude(app__kind=AssetKind.APP),
        **differences(),
        **references(),
    }


def _stored_twice() -> QuerySet[Any, Any]:
    by_asset = ScopedID.objects.values("asset", "value")
    return by_asset.annotate(rows=Count("pk")).filter(rows__gt=1)


def _unexplained_matches() -> QuerySet[Match]:
    """Find live matches between two persons, unless a decision keeps IDs of those two persons apart."""
    kept = Decision.objects.filter(kind=Decision.Kind.KEEP_APART, undone_at=None)
    source, target = OuterRef("source__person"), OuterRef("target__person")
    pair = Q(one__person=source, other__person=target) | Q(one__person=target, other__person=source)
    apart = Match.objects.filter(is_live=True).exclude(source__person=F("target__person"))
    return apart.exclude(Exists(kept.filter(pair)))


def _wrongly_named() -> QuerySet[Person]:
    """Find persons whose public ID is not that of their founding ID; the order is that of `ScopedID.founding_order`."""
    members = ScopedID.objects.filter(person=OuterRef("pk"))
    by_age = members.order_by("first_seen", "asset__kind", "asset__graph_id", "value")
    earliest = Person.objects.annotate(earliest=Subquery(by_age.values("public_id")[:1]))
    return earliest.filter(earliest__isnull=False).exclude(earliest=F("public_id"))


def _lost_persons() -> QuerySet[Person]:
    went = PersonEvent.objects.filter(person=OuterRef("pk"), other__isnull=False)
    return Person.objects.filter(~Exists(ScopedID.objects.filter(person=OuterRef("pk"))), ~Exists(went))


def _done_without_end() -> QuerySet[Lookup]:
    """Find done lookups that lack an end or an outcome. A filter asks only the edge of its kind; a name has no edge."""
    unanswered = Q(pk__in=[])
    for edge in Edge:
        asked = Q(only=None) | Q(only__kind=edge.gives)
        unanswered |= asked & Q(**{outcome_column(edge): ""})
    open_end = Q(finished_at=None) | Q(unanswered, question=Question.LINKS)
    return Lookup.objects.filter(open_end, state=State.DONE)


def _reviewed_twice() -> QuerySet[Any, Any]:
    open_reviews = PolicyReview.objects.open().order_by().values("business")
    return open_reviews.annotate(reviews=Count("pk")).filter(reviews__gt=1)


def _managed_by_no_app() -> QuerySet[Asset]:
    return Asset.objects.filter(managed_by__isnull=False).exclude(managed_by__kind=AssetKind.APP)
