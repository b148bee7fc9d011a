"""Which tokens are to be checked now, read from the database alone."""

from datetime import datetime, timedelta

from django.db.models import Case, Exists, F, OuterRef, Q, When

from businesses.models import AccessToken, AppSecret, AssetKind, SecretRole
from lookups.models import QuotaPool

CHECK_EVERY = timedelta(hours=24)
AGAIN_AFTER_TROUBLE = timedelta(minutes=9)
AGAIN_WHEN_DOUBTED = timedelta(minutes=1)
CHECKED_AT_ONCE = 20

_SIGNING_THEMSELVES = [kind for kind in AssetKind if kind.signs_itself]
_ISSUER = Case(When(asset__kind__in=_SIGNING_THEMSELVES, then=F("asset_id")), default=F("asset__managed_by_id"))
_CHECKED = F("last_check__checked_at")
_DOUBTED = Q(last_check__doubted_at__gt=_CHECKED)


def tokens_to_check(now: datetime, *, most: int = CHECKED_AT_ONCE) -> list[int]:
    """Give the keys of tokens to check now.

    A token is due if it was never checked or was checked a day ago. It is also due if, since its check, it was
    refused or doubted, or its app got a new secret.
    """
    return _keys_of_due(now, Q(), most)


def doubted_tokens(now: datetime) -> list[int]:
    """Give the keys of tokens that are due because Graph refused their signature. Lookups wait for these checks."""
    never_checked = Q(last_check__checked_at=None, last_check__doubted_at__isnull=False)
    return _keys_of_due(now, _DOUBTED | never_checked, CHECKED_AT_ONCE)


def tokens_issued_by(app_pk: int) -> list[int]:
    """Give the keys of the app's own tokens and of its Pages' tokens, which it should have issued."""
    mine = AccessToken.objects.filter(Q(asset=app_pk) | Q(asset__managed_by=app_pk))
    return list(mine.values_list("pk", flat=True))


def _keys_of_due(now: datetime, only: Q, most: int) -> list[int]:
    pausing = QuotaPool.objects.filter(wait_until__gt=now, asset=OuterRef("issuer"))
    due = AccessToken.objects.annotate(issuer=_ISSUER).filter(_is_due(now), _has_rested(now), only)
    oldest_first = (F("last_check__check_tried_at").asc(nulls_first=True), "pk")
    return list(due.exclude(Exists(pausing)).order_by(*oldest_first).values_list("pk", flat=True)[:most])


def _is_due(now: datetime) -> Q:
    in_use = AppSecret.objects.filter(app=OuterRef("issuer"), role=SecretRole.IN_USE)
    return (
        Q(last_check__checked_at=None)
        | Q(last_check__checked_at__lte=now - CHECK_EVERY)
        | Q(last_check__refused_at__gt=_CHECKED)
        | _DOUBTED
        | Q(Exists(in_use.filter(set_at__gt=OuterRef("last_check__checked_at"))))
    )


def _has_rested(now: datetime) -> Q:
    """Match tokens whose last try is long enough ago; a token doubted since then is tried again sooner."""
    doubted_since = Q(last_check__doubted_at__gt=F("last_check__check_tried_at"))
    return (
        Q(last_check__check_tried_at=None)
        | Q(last_check__check_tried_at__lte=now - AGAIN_AFTER_TROUBLE)
        | doubted_since & Q(last_check__check_tried_at__lte=now - AGAIN_WHEN_DOUBTED)
    )
