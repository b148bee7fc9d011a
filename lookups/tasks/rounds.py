"""What is done in rounds for all businesses: refresh, counts of freshness, e-mail."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from lookups import mailing, promise, refresh
from lookups.models import Lane
from lookups.tasks.messages import send
from lookups.tasks.waking import wake


@shared_task(name="lookups.refresh")
def refresh_what_is_due(**later: Any) -> None:
    """Make lookups of what was not confirmed for too long."""
    if refresh.pick(timezone.now()).made:
        wake(Lane.BULK)


@shared_task(name="lookups.count_freshness")
def count_freshness(business_pk: int | None = None, **later: Any) -> None:
    """Count how fresh the IDs of one business are, or of all."""
    promise.count_all(timezone.now(), only=business_pk)


def count_freshness_soon(business_pk: int) -> None:
    """Have a business's IDs counted by a worker; if the broker is down, the next round does it."""
    send(count_freshness, {"business_pk": business_pk}, Lane.STAFF)


@shared_task(name="lookups.mail_admins")
def mail_admins(**later: Any) -> None:
    """Tell admins by e-mail what needs a person."""
    mailing.mail_what_is_new(timezone.now())
