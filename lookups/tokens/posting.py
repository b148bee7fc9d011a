"""Sends the mails that wait, each to one admin. What fails stays with its recipient, and is tried again later."""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused

from django.core.mail import EmailMessage
from django.db.models import QuerySet

from businesses.models import Business, Membership, Role, UnsentMail

KEEP = timedelta(days=7)  # what nobody could be told of for so long is no news any more

logger = logging.getLogger(__name__)


def admins_of(business: Business) -> "QuerySet[Membership]":
    """Give the memberships of the admins who can be told something by e-mail."""
    admins = Membership.objects.filter(business=business, role=Role.ADMIN, user__is_active=True, user__is_staff=True)
    return admins.exclude(user__email="").select_related("user")


def put_in(business: Business, subject: str, text: str, now: datetime) -> None:
    """Have a mail sent to each admin of a business; nothing is sent yet."""
    UnsentMail.objects.bulk_create(
        UnsentMail(business=business, user=one.user, subject=subject[:500], text=text, made_at=now, due_at=now)
        for one in admins_of(business)
    )


def send_due(now: datetime) -> int:
    """Send the mails that are due, the oldest first; gives how many were sent.

    A server that takes no mail at all ends the round; one that refuses a mail or its recipient does not.
    """
    UnsentMail.objects.filter(made_at__lt=now - KEEP).delete()
    sent = 0
    for mail in UnsentMail.objects.filter(due_at__lte=now).select_related("business", "user").order_by("due_at", "pk"):
        if not admins_of(mail.business).filter(user=mail.user).exists():
            mail.delete()
        elif mail.claim(now):
            error = _error_in_sending(mail)
            if error is None:
                sent += 1
            elif isinstance(error, OSError) and not isinstance(error, SMTPRecipientsRefused | SMTPDataError):
                break
    return sent


def _error_in_sending(mail: UnsentMail) -> Exception | None:
    """Send one mail and delete its row, or note in the row what went wrong."""
    failure = None
    message = EmailMessage(subject=" ".join(mail.subject.split()), body=mail.text, to=[mail.user.email])
    try:
        message.send()
    except Exception as error:  # noqa: BLE001  (the other mails go on whatever is wrong with this one)
        failure = error
    if failure is None:
        mail.delete()
    else:
        # The exception's text may hold addresses, or parts of the mail.
        logger.warning("A mail to an admin could not be sent: %s", type(failure).__name__)
        UnsentMail.objects.filter(pk=mail.pk).update(failure=_in_words(failure))
    return failure


def _in_words(error: Exception) -> str:
    if isinstance(error, SMTPRecipientsRefused):
        codes = sorted({str(code) for code, _ in error.recipients.values()})
        return f"The mail server refuses this address ({', '.join(codes)})."
    if isinstance(error, SMTPDataError):
        return f"The mail server refuses this mail ({error.smtp_code})."
    if isinstance(error, OSError):
        return f"The mail server can't be reached, or takes no mail ({type(error).__name__})."
    return f"The mail could not be made ({type(error).__name__})."
