"""What starts a refresh, every minute by the schedule, and what has freshness counted."""

from typing import Any

from celery import shared_task
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from businesses.models import Business
from lookups.freshness import counting, refresh
from lookups.models import Lane
from lookups.models.long_work import taking_long
from lookups.tasks.messages import send
from lookups.tasks.waking import wake


@shared_task(name="lookups.refresh")
def refresh_what_is_due(**later: Any) -> None:
    """Make lookups for the IDs that were not confirmed for too long."""
    if refresh.pick(timezone.now()).made:
        wake(Lane.BULK)


@shared_task(name="lookups.count_freshness")
def count_freshness(business_pk: int | None = None, **later: Any) -> None:
    """Count how fresh the IDs of one business are, or of all."""
    with taking_long():
        counting.count_all(timezone.now(), only=business_pk)


def count_freshness_soon(business_pk: int) -> None:
    """Let a worker count a business's IDs; if the broker is down, the next round does it."""
    send(count_freshness, {"business_pk": business_pk}, Lane.BULK)


@receiver(post_save, sender=Business)
def _business_is_saved(instance: Business, created: bool = False, raw: bool = False, **kwargs: Any) -> None:
    if created and not raw:  # the next round, after which pages show the business, is up to an hour away
        business_pk = instance.pk
        transaction.on_commit(lambda: count_freshness_soon(business_pk))
