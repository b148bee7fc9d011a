"""Stores which business owns an app or a Page, as Graph told. Calls nobody."""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from businesses.models import Asset, Business, Ownership, ShownBy

logger = logging.getLogger(__name__)


def note_owner(asset: Asset, owner_id: str, now: datetime) -> None:
    """Store the owner that the asset's own field names; `owner_id` is empty if it names none."""
    _store(asset, _judged(asset, owner_id), owner_id, ShownBy.FIELD, now)


def note_lists(business: Business, *, owned: Iterable[Asset], client: Iterable[Asset], now: datetime) -> None:
    """Store what Graph's lists of a business say about its stored apps and Pages."""
    for asset in client:
        _store(asset, Ownership.CLIENT, asset.owner_graph_id, ShownBy.LIST, now)
    for asset in owned:  # owned ones last: a list may name one asset as both, and then it is owned
        _store(asset, Ownership.OWN, business.graph_id, ShownBy.LIST, now)


def note_owner_not_told(asset: Asset, why: str, now: datetime) -> None:
    """Store that Graph could not be asked, and why; the owner known before stays."""
    Asset.objects.filter(pk=asset.pk).update(owner_tried_at=now, owner_trouble=why[:500])


def _judged(asset: Asset, owner_id: str) -> Ownership:
    if not owner_id:
        return Ownership.UNKNOWN
    if owner_id == asset.business.graph_id:
        return Ownership.OWN
    # The field can't say whether this business works on another's asset. A list said so before, and that stays.
    return Ownership.CLIENT if asset.ownership == Ownership.CLIENT else Ownership.OTHER


def _store(asset: Asset, ownership: Ownership, owner_id: str, shown_by: ShownBy, now: datetime) -> None:
    if ownership != asset.ownership:
        logger.info("%s %s: %s", asset.kind_of.label, asset.pk, ownership)
    with transaction.atomic():
        if ownership == Ownership.OWN:
            _forget_former_owner(asset)
        # Not save(): it would overwrite what an admin changes in the form meanwhile.
        Asset.objects.filter(pk=asset.pk).update(
            ownership=ownership,
            owner_graph_id=owner_id,
            owner_shown_by=shown_by,
            owner_checked_at=now,
            owner_tried_at=now,
            owner_trouble="",
        )


def _forget_former_owner(asset: Asset) -> None:
    """Reset the rows of other businesses that count as this asset's owner, and have Graph asked about them again.

    Graph's newer answer counts. All rows of the asset are locked in the order of their keys: so two workers that store
    different owners at the same time wait for each other.
    """
    same = Asset.objects.filter(graph_id=asset.graph_id)
    list(same.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    others = same.filter(ownership=Ownership.OWN).exclude(pk=asset.pk)
    others.update(ownership=Ownership.UNKNOWN, owner_graph_id="", owner_shown_by="", owner_checked_at=None)
