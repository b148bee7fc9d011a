"""What the businesses of `make bench-scale` own, who works for them, and their tokens: made row by row."""

from datetime import datetime, timedelta

from django.db import transaction

from businesses.models import Business, FacebookApp, Membership, Role, TokenCheck
from lookups.models import PolicyReview, QuotaPool
from tests.makers import make_app, make_business, make_page, make_token, make_user

BUSINESSES, LARGEST_OWNS, LARGEST_NAME = 50, 300, "Lotus Group"
GROUP = 5  # an app, and the Pages that it manages
REVIEWED = (7, 19, 31)  # businesses that are under review now
SUPERUSER, ADMIN, STAFF = "superuser", "admin", "staff"
_WORDS = ("Lotus", "Harbour", "Mekong", "Alster", "Saigon", "Orchid", "Linden", "River", "Phở", "Kite")


def make_estates(now: datetime) -> None:
    """Store the businesses, the largest first, with users, apps, Pages, tokens and reviews."""
    with transaction.atomic():
        businesses = [_business(number) for number in range(BUSINESSES)]
        make_user(SUPERUSER, superuser=True)
        make_user(STAFF, businesses[0], role=Role.STAFF)
        admin = make_user(ADMIN, businesses[0], role=Role.ADMIN)
        for business in businesses[1:3]:
            Membership.objects.create(user=admin, business=business, role=Role.ADMIN)
        for number, business in enumerate(businesses):
            _own(business, LARGEST_OWNS if number == 0 else GROUP * (1 + number % 2), now)
            _review(business, now, is_open=number in REVIEWED)
        _check_tokens(businesses[0], now)


def _business(number: int) -> Business:
    name = f"{_WORDS[number % len(_WORDS)]} {number}"
    return make_business(name if number else LARGEST_NAME, profile_days=None, read_names=True)


def _own(business: Business, assets: int, now: datetime) -> None:
    for group in range(assets // GROUP):
        app: FacebookApp = make_app(business, f"{_WORDS[group % len(_WORDS)]} app {group + 1}")
        pages = [make_page(business, app, f"{word} {group + 1}") for word in _WORDS[: GROUP - 1]]
        for asset in (app, *pages):
            make_token(asset)
    pools = (QuotaPool(business=business, asset=asset, percent=12, seen_at=now) for asset in business.assets.all())
    QuotaPool.objects.bulk_create(pools)


def _review(business: Business, now: datetime, *, is_open: bool) -> None:
    """Store a review that is over and, if one is open, that one."""
    long_ago, of_late = now - timedelta(days=400), now - timedelta(days=3)
    reviews = [(long_ago, long_ago + timedelta(days=2)), *([(of_late, None)] if is_open else [])]
    for began, closed in reviews:
        PolicyReview.objects.create(
            business=business,
            opened_at=began,
            last_answer_at=began,
            closed_at=closed,
            next_probe_at=now + timedelta(hours=1),
            message="(#200) This business is going through review",
        )


def _check_tokens(largest: Business, now: datetime) -> None:
    """Let all tokens have worked until today, but that of the largest business's most used Page: it is refused."""
    TokenCheck.objects.update(proven_at=now, checked_at=now, last_used_at=now, check_tried_at=now)
    most_used = largest.assets.order_by("-pk")[0]
    check = most_used.tokens.get().last_check
    check.last_used_at = now - timedelta(days=2)
    check.save()
    because = "Error validating access token: the session is invalid because the user has changed the password."
    check.mark_refused(because=because, at=now - timedelta(days=1), code=190, subcode=460)
