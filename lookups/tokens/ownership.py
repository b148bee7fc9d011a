"""Write down which business owns an app or a Page, as Graph tells it. Asks nobody."""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from businesses.models import Asset, Business, Ownership, ShownBy

logger = logging.getLogger(__name__)


def note_owner(asset: Asset, owner_id: str, now: datetime) -> None:
    """Write down whom the asset's own field names as its owner; an empty ID if it names nobody."""
    _store(asset, _judged(asset, owner_id), owner_id, ShownBy.FIELD, now)


def note_lists(business: Business, *, owned: Iterable[Asset], client: Iterable[Asset], now: datetime) -> None:
    """Write down what the business's own lists told of apps and Pages that stand here."""
    for asset in client:
        _store(asset, Ownership.CLIENT, asset.owner_graph_id, ShownBy.LIST, now)
    for asset in owned:  # last: what it owns it may also work on
        _store(asset, Ownership.OWN, business.graph_id, ShownBy.LIST, now)


def note_owner_not_told(asset: Asset, why: str, now: datetime) -> None:
    """Write down that Graph could not be asked, and why; what was known before stays."""
    Asset.objects.filter(pk=asset.pk).update(owner_tried_at=now, owner_trouble=why[:500])


def _judged(asset: Asset, owner_id: str) -> Ownership:
    if not owner_id:
        return Ownership.UNKNOWN
    if owner_id == asset.business.graph_id:
        return Ownership.OWN
    # The field can't tell whether the business works on what another owns; a list had told it.
    return Ownership.CLIENT if asset.ownership == Ownership.CLIENT else Ownership.OTHER


def _store(asset: Asset, ownership: Ownership, owner_id: str, shown_by: ShownBy, now: datetime) -> None:
    if ownership != asset.ownership:
        logger.info("%s %s: %s", asset.kind_of.label, asset.pk, ownership)
    with transaction.atomic():
        if ownership == Ownership.OWN:
            _forget_former_owner(asset)
        # Not save(): what an admin changes in the form meanwhile stays.
        Asset.objects.filter(pk=asset.pk).update(
            ownership=ownership,
            owner_graph_id=owner_id,
            owner_shown_by=shown_by,
            owner_checked_at=now,
            owner_tried_at=now,
            owner_trouble="",
        )


def _forget_former_owner(asset: Asset) -> None:
    """Let no other business here count as its owner any more, and have Graph asked about that one again.

    Graph's newer word counts. All that claim the asset are locked in one order, so that two who are told to be its
    owner at the same time wait for each other.
    """
    same = Asset.objects.filter(graph_id=asset.graph_id)
    list(same.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    others = same.filter(ownership=Ownership.OWN).exclude(pk=asset.pk)
    others.update(ownership=Ownership.UNKNOWN, owner_graph_id="", owner_shown_by="", owner_checked_at=None)
