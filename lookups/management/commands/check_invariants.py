"""Count what must never be in the database; each line should end in 0."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from lookups.models import Decision, Lookup, Match, Person, PersonEvent, PolicyReview, Question, ScopedID, State


class Command(BaseCommand):
    """Reads only. Exits with 1 if anything is found."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each invariant with how many rows break it."""
        broken = False
        for name, rows in invariants().items():
            count = rows.count()
            broken = broken or count > 0
            self.stdout.write(f"{name}: {count}")
        if broken:
            sys.exit(1)


def invariants() -> dict[str, QuerySet[Any, Any]]:
    """Give what breaks each invariant, by its name; each is empty in a sound database."""
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
    }


def _stored_twice() -> QuerySet[Any, Any]:
    by_asset = ScopedID.objects.values("app", "page", "value")
    return by_asset.annotate(rows=Count("pk")).filter(rows__gt=1)


def _unexplained_matches() -> QuerySet[Match]:
    """A match is skipped only where it would join a pair that is kept apart: then each person holds one of it."""
    kept = Decision.objects.filter(kind=Decision.Kind.KEEP_APART, undone_at=None)
    source, target = OuterRef("source__person"), OuterRef("target__person")
    pair = Q(one__person=source, other__person=target) | Q(one__person=target, other__person=source)
    apart = Match.objects.filter(is_live=True).exclude(source__person=F("target__person"))
    return apart.exclude(Exists(kept.filter(pair)))


def _wrongly_named() -> QuerySet[Person]:
    """The order is that of `ScopedID.founding_order`."""
    asset = Coalesce("app__app_id", "page__page_id")
    members = ScopedID.objects.filter(person=OuterRef("pk"))
    by_age = members.order_by("first_seen", Case(When(page=None, then=0), default=1), asset, "value")
    earliest = Person.objects.annotate(earliest=Subquery(by_age.values("public_id")[:1]))
    return earliest.filter(earliest__isnull=False).exclude(earliest=F("public_id"))


def _lost_persons() -> QuerySet[Person]:
    went = PersonEvent.objects.filter(
        person=OuterRef("pk"), kind__in=(PersonEvent.Kind.JOINED, PersonEvent.Kind.SPLIT), other__isnull=False
    )
    return Person.objects.filter(~Exists(ScopedID.objects.filter(person=OuterRef("pk"))), ~Exists(went))


def _done_without_end() -> QuerySet[Lookup]:
    """A filter narrows a question to its own edge; a question for a name has no edge."""
    unanswered = Q(apps_outcome="", only_page=None) | Q(pages_outcome="", only_app=None)
    open_end = Q(finished_at=None) | Q(unanswered, question=Question.LINKS)
    return Lookup.objects.filter(open_end, state=State.DONE)


def _reviewed_twice() -> QuerySet[Any, Any]:
    open_reviews = PolicyReview.objects.filter(closed_at=None).order_by().values("business")
    return open_reviews.annotate(reviews=Count("pk")).filter(reviews__gt=1)
