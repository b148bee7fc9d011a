"""Ask Graph which business owns each app and Page, and write it down: only what one business owns is matched.

An app or Page is asked about with its own token (its field owner_business), even if it can't be asked about people
yet: so a token that nobody could check shows whether it works. Somebody's list of what the
business owns, read while apps and Pages are looked for, tells it, too. Graph is asked with no transaction open.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone

from businesses.credentials import Credential, credential_to_read, mark_refused
from businesses.models import AccessToken, Business, FacebookApp, Ownership, Page, Shown
from lookups.asking import pacing
from lookups.graph import GraphClient, GraphError, Owner, ProofRefused, TokenRefused, TooManyCalls
from lookups.graph.discovery import owner_of
from lookups.models.scoped_id import asset_of

logger = logging.getLogger(__name__)

EVERY = timedelta(days=7)
AGAIN_AFTER_TROUBLE = timedelta(hours=1)
AT_ONCE = 20
Key = tuple[int | None, int | None]  # of an app, or of a Page


def due_for_check(now: datetime, *, most: int = AT_ONCE) -> list[Key]:
    """Give the apps and Pages whose owner was not asked for a week, the longest ago first.

    Left out are those tried within the hour, those without a token, and those whose limit is reached.
    """
    due = Q(owner_checked_at=None) | Q(owner_checked_at__lte=now - EVERY)
    rested = Q(owner_tried_at=None) | Q(owner_tried_at__lte=now - AGAIN_AFTER_TROUBLE)
    oldest_first = (F("owner_tried_at").asc(nulls_first=True), "pk")
    askable = Q(tokens__refused_at=None, tokens__isnull=False) & ~Q(pool__wait_until__gt=now)
    found: list[tuple[datetime | None, Key]] = []
    for model in (FacebookApp, Page):
        rows = model.objects.filter(due, rested, askable).order_by(*oldest_first).distinct()[:most]
        found += [(one.owner_tried_at, (one.pk, None) if model is FacebookApp else (None, one.pk)) for one in rows]
    found.sort(key=lambda pair: (pair[0] is not None, pair[0] and pair[0].timestamp()))
    return [key for _, key in found[:most]]


def check(client: GraphClient, key: Key, *, now: datetime) -> None:
    """Ask who owns an app or a Page. If Graph can't be asked, what was known of it stays."""
    asset = _asset(key)
    if asset is None:
        return
    credential = credential_to_read(asset)
    if credential is None:
        _note_tried(asset, "It has no token that could be asked with.", now)
        return
    owner = _ask(client, asset, credential)
    if isinstance(owner, GraphError):
        _note_trouble(asset, credential, owner, now)
        return
    pacing.note_answer(asset, owner.usage, now=timezone.now())
    _store(asset, _judged(asset, owner), owner.id, Shown.FIELD, now)


def check_by_token(client: GraphClient, token_pk: int, *, now: datetime, by_hand: bool) -> None:
    """Ask who owns the app or Page of a token that was just checked, if a person had it checked or nobody knows yet."""
    token = AccessToken.objects.select_related("app", "page").filter(pk=token_pk).first()
    if token and token.asset and (by_hand or token.asset.owner_checked_at is None):
        check(client, (token.app_id, token.page_id), now=now)


def note_lists(
    business: Business, *, owned: Iterable[FacebookApp | Page], client: Iterable[FacebookApp | Page], now: datetime
) -> None:
    """Write down what the business's own lists told of apps and Pages that stand here."""
    for asset in client:
        _store(asset, Ownership.CLIENT, asset.owner_graph_id, Shown.LIST, now)
    for asset in owned:  # last: what it owns it may also work on
        _store(asset, Ownership.OWN, business.graph_id, Shown.LIST, now)


def _asset(key: Key) -> FacebookApp | Page | None:
    try:
        return asset_of(*key)
    except (FacebookApp.DoesNotExist, Page.DoesNotExist):
        return None


def _ask(client: GraphClient, asset: FacebookApp | Page, credential: Credential) -> Owner | GraphError:
    failure = None
    try:
        return owner_of(client, asset.graph_id, credential.token, credential.app_secret)
    except GraphError as error:
        failure = error
    return failure


def _judged(asset: FacebookApp | Page, owner: Owner) -> Ownership:
    if not owner.id:
        return Ownership.UNKNOWN
    if owner.id == asset.business.graph_id:
        return Ownership.OWN
    # The field can't tell whether the business works on what another owns; a list had told it.
    return Ownership.CLIENT if asset.ownership == Ownership.CLIENT else Ownership.OTHER


def _store(asset: FacebookApp | Page, ownership: str, owner_id: str, shown_by: str, now: datetime) -> None:
    if ownership != asset.ownership:
        logger.info("%s %s: %s", type(asset).__name__, asset.pk, ownership)
    asset.ownership, asset.owner_graph_id, asset.owner_shown_by = ownership, owner_id, shown_by
    asset.owner_checked_at = asset.owner_tried_at = now
    asset.owner_trouble = ""
    columns = ("ownership", "owner_graph_id", "owner_shown_by", "owner_checked_at", "owner_tried_at", "owner_trouble")
    # Not save(): what an admin changes in the form meanwhile stays.
    type(asset)._default_manager.filter(pk=asset.pk).update(**{name: getattr(asset, name) for name in columns})


def _note_trouble(asset: FacebookApp | Page, credential: Credential, error: GraphError, now: datetime) -> None:
    if isinstance(error, TooManyCalls):
        pacing.note_error(asset, error, asked_at=now, now=now)
    if isinstance(error, TokenRefused):
        mark_refused(
            credential.token_pk,
            because=error.message,
            at=now,
            code=error.code,
            subcode=error.subcode,
            trace=error.trace_id,
        )
    if isinstance(error, ProofRefused):  # the next round of checks finds out whether the secret is wrong
        AccessToken.objects.filter(pk=credential.token_pk).update(doubted_at=now)
    logger.warning("%s %s: its owner could not be asked: %s", type(asset).__name__, asset.pk, type(error).__name__)
    _note_tried(asset, error.message, now)


def _note_tried(asset: FacebookApp | Page, trouble: str, now: datetime) -> None:
    rows = type(asset)._default_manager.filter(pk=asset.pk)
    rows.update(owner_tried_at=now, owner_trouble=trouble[:500])
