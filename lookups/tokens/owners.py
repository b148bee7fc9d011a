"""Asks Graph which business owns each app and Page: Graph matches IDs only between assets of one business.

The question reads the asset's field owner_business with the asset's own token. It is sent even while the asset can't be
asked about people: the answer shows whether a token works that nobody could check. No transaction is open during it.
"""

import logging
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone

from businesses.credentials import Credential, credential_to_read, mark_refused
from businesses.models import AccessToken, Asset, TokenCheck
from lookups.asking import pacing
from lookups.graph import AssetOwner, GraphClient, GraphError, ProofRefused, TokenRefused, TooManyCalls
from lookups.graph.discovery import owner_of
from lookups.tokens.ownership import note_owner, note_owner_not_told

logger = logging.getLogger(__name__)

OWNER_ASKED_EVERY = timedelta(days=7)
OWNER_ASKED_AGAIN_AFTER = timedelta(hours=1)
OWNERS_AT_ONCE = 20


def owners_to_ask(now: datetime, *, most: int = OWNERS_AT_ONCE) -> list[int]:
    """Give the keys of apps and Pages whose owner Graph has not told for a week, the longest untried first.

    Left out are assets that were tried within the hour, lack a usable token, have reached their limit or are retired.
    """
    due = Q(owner_checked_at=None) | Q(owner_checked_at__lte=now - OWNER_ASKED_EVERY)
    rested = Q(owner_tried_at=None) | Q(owner_tried_at__lte=now - OWNER_ASKED_AGAIN_AFTER)
    askable = Q(tokens__isnull=False, tokens__last_check__refused_at=None) & ~Q(pool__wait_until__gt=now)
    rows = Asset.objects.filter(due, rested, askable, retired_at=None)
    oldest_first = (F("owner_tried_at").asc(nulls_first=True), "pk")
    return list(rows.order_by(*oldest_first).distinct().values_list("pk", flat=True)[:most])


def ask_owner(client: GraphClient, asset_pk: int, *, now: datetime) -> None:
    """Ask who owns an app or a Page. If Graph can't be asked, the known owner stays."""
    asset = Asset.objects.select_related("business", "managed_by").filter(pk=asset_pk).first()
    if asset is None:
        return
    credential = credential_to_read(asset)
    if credential is None:
        note_owner_not_told(asset, "It has no token that could be asked with.", now)
        return
    owner = _ask(client, asset, credential)
    if isinstance(owner, GraphError):
        _note_trouble(asset, credential, owner, now)
        return
    pacing.note_answer(asset, owner.usage, now=timezone.now())
    note_owner(asset, owner.id, now)


def ask_owner_by_token(client: GraphClient, token_pk: int, *, now: datetime, by_hand: bool) -> None:
    """Ask who owns a checked token's app or Page, if a person started the check or the owner was never told."""
    token = AccessToken.objects.select_related("asset").filter(pk=token_pk).first()
    if token and (by_hand or token.asset.owner_checked_at is None):
        ask_owner(client, token.asset_id, now=now)


def _ask(client: GraphClient, asset: Asset, credential: Credential) -> AssetOwner | GraphError:
    failure = None
    try:
        return owner_of(client, asset.graph_id, credential.token, credential.app_secret)
    except GraphError as error:
        failure = error
    return failure


def _note_trouble(asset: Asset, credential: Credential, error: GraphError, now: datetime) -> None:
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
    if isinstance(error, ProofRefused):  # the next round of checks then tests the secret
        TokenCheck.objects.filter(pk=credential.token_pk).update(doubted_at=now)
    logger.warning("%s %s: its owner could not be asked: %s", asset.kind_of.label, asset.pk, type(error).__name__)
    note_owner_not_told(asset, error.message, now)
