"""Mails a business's admins when something needs a person: a token fails, a review begins. Off by default.

Each state is mailed once. A mail holds no secret and no ID of a person. A mail that can't be sent is sent later, and
nothing else fails.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage

from businesses.models import AccessToken, Business, Membership, Role, TokenMail
from lookups.models import PolicyReview
from lookups.tokens.overview import TokenHealth, token_healths

logger = logging.getLogger(__name__)

OFF = "django.core.mail.backends.dummy.EmailBackend"


def mail_what_is_new(now: datetime) -> int:
    """Mail each business's admins the news about its tokens and reviews; gives how many mails were sent.

    The first mail that can't be sent ends the round: the others would wait for the same server.
    """
    if settings.EMAIL_BACKEND == OFF:
        return 0
    sent = 0
    for business in Business.objects.order_by("pk"):
        to = _admins(business)
        if not to:
            continue
        for mails in (_mail_tokens(business, to, now), _mail_review(business, to, now)):
            if mails is None:
                return sent
            sent += mails
    return sent


def _admins(business: Business) -> list[str]:
    admins = Membership.objects.filter(business=business, role=Role.ADMIN, user__is_active=True, user__is_staff=True)
    return sorted(set(admins.exclude(user__email="").values_list("user__email", flat=True)))


def _mail_tokens(business: Business, to: Sequence[str], now: datetime) -> int | None:
    """Mail about tokens whose state is new; None if the mail could not be sent."""
    rows = token_healths(AccessToken.objects.filter(business=business), (), now)
    mailed = dict(TokenMail.objects.filter(business=business).values_list("token", "about"))
    news = [one for one in rows if one.token and _claim(one.token, one, mailed.get(one.token.pk, ""))]
    bad = [one for one in news if one.needs_somebody]
    if not bad:
        return 0
    if _send(f"idlink: {_subject(bad)} ({business})", _text_about(bad, business), to):
        return 1
    TokenMail.objects.filter(token__in=[one.token for one in bad]).delete()
    return None


def _claim(token: AccessToken, one: TokenHealth, mailed: str) -> bool:
    """Note a token's state as mailed; false if it is noted already, or if another worker is mailing it."""
    state = one.health.code if one.needs_somebody else ""
    same = TokenMail.objects.filter(token=token, about=mailed)
    if mailed == state:
        return False
    if not state:
        return bool(same.delete()[0])
    if mailed:
        return bool(same.update(about=state))
    return TokenMail.objects.get_or_create(token=token, defaults={"business_id": token.business_id, "about": state})[1]


def _subject(bad: Sequence[TokenHealth]) -> str:
    if len(bad) > 1:
        return f"{len(bad)} access tokens need you"
    return f"the {bad[0].token.kind if bad[0].token else 'token'} of “{bad[0].asset}” needs you"


def _text_about(bad: Sequence[TokenHealth], business: Business) -> str:
    parts = [f"{business}: what idlink can't put right by itself."]
    for one in bad:
        kind = one.token.kind if one.token else "token"
        parts.append(f"{kind.capitalize()} of “{one.asset}”: {one.health.words}\nWhat to do: {one.health.remedy}")
    parts.append(
        "Lookups that need such a token are held, not lost; they go on by themselves when a working one is saved.\n"
        "All of it stands in idlink under “Token health”. You get this once for each change, since you are an admin "
        "of this business there."
    )
    return "\n\n".join(parts)


def _mail_review(business: Business, to: Sequence[str], now: datetime) -> int | None:
    """Mail that a review has begun; None if the mail could not be sent."""
    review = PolicyReview.objects.open().filter(business=business, mailed_at=None).first()
    if review is None or not PolicyReview.objects.filter(pk=review.pk, mailed_at=None).update(mailed_at=now):
        return 0
    text = (
        f"Since {review.opened_at:%d %b %Y, %H:%M} UTC Graph answers:\n\n    {review.message}\n\n"
        f"All lookups of “{business}” are held, not lost; nothing is asked but one lookup now and then, to find out "
        "whether the review is over. Then they go on by themselves. Other businesses are not touched.\n\n"
        "What to do: look into Business settings and the app's Alert Inbox for questions of Meta. "
        "It all stands in idlink under “Reviews”."
    )
    if _send(f"idlink: Meta reviews “{business}”", text, to):
        return 1
    PolicyReview.objects.filter(pk=review.pk).update(mailed_at=None)
    return None


def _send(subject: str, text: str, to: Sequence[str]) -> bool:
    """Send one mail that hides its addresses from each other; false if it could not be sent."""
    failure = ""
    try:
        EmailMessage(subject=" ".join(subject.split()), body=text, bcc=list(to)).send()
    except Exception as error:  # noqa: BLE001  (checks go on whatever a mail server does)
        failure = type(error).__name__
    if failure:
        # The exception's text may hold addresses, or parts of the mail.
        logger.warning("A mail to the admins could not be sent: %s", failure)
    return not failure
