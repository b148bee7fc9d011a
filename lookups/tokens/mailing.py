"""Mails a business's admins when something needs a person: a token fails, a review begins. Off by default.

Each state is mailed once. A mail holds no secret and no ID of a person. `posting` sends what is written here.
"""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction

from businesses.models import AccessToken, Business, TokenMail
from lookups.models import PolicyReview
from lookups.tokens.overview import TokenHealth, token_healths
from lookups.tokens.posting import admins_of, put_in, send_due

OFF = "django.core.mail.backends.dummy.EmailBackend"


def mail_what_is_new(now: datetime) -> int:
    """Mail each business's admins the news about its tokens and reviews; gives how many mails were sent."""
    if settings.EMAIL_BACKEND == OFF:
        return 0
    for business in Business.objects.order_by("pk"):
        if admins_of(business).exists():
            with transaction.atomic():  # what counts as told is in the post
                _tell_of_tokens(business, now)
                _tell_of_review(business, now)
    return send_due(now)


def _tell_of_tokens(business: Business, now: datetime) -> None:
    """Write about tokens whose state is new."""
    rows = token_healths(AccessToken.objects.filter(business=business), (), now)
    mailed = dict(TokenMail.objects.filter(business=business).values_list("token", "about"))
    news = [one for one in rows if one.token and _claim(one.token, one, mailed.get(one.token.pk, ""))]
    bad = [one for one in news if one.needs_somebody]
    if bad:
        put_in(business, f"idlink: {_subject(bad)} ({business})", _text_about(bad, business), now)


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


def _tell_of_review(business: Business, now: datetime) -> None:
    """Write that a review has begun."""
    review = PolicyReview.objects.open().filter(business=business, mailed_at=None).first()
    if review is None or not PolicyReview.objects.filter(pk=review.pk, mailed_at=None).update(mailed_at=now):
        return
    text = (
        f"Since {review.opened_at:%d %b %Y, %H:%M} UTC Graph answers:\n\n    {review.message}\n\n"
        f"All lookups of “{business}” are held, not lost; nothing is asked but one lookup now and then, to find out "
        "whether the review is over. Then they go on by themselves. Other businesses are not touched.\n\n"
        "What to do: look into Business settings and the app's Alert Inbox for questions of Meta. "
        "It all stands in idlink under “Reviews”."
    )
    put_in(business, f"idlink: Meta reviews “{business}”", text, now)
