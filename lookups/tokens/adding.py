"""Adds the apps and Pages that a person chose from Graph's lists, and their page access tokens.

All data come from Graph; the form says only which ones are chosen.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from businesses.models import AccessToken, Asset, AssetKind, Business, FoundBy
from lookups.evidence.found_assets import LONGEST_LINK
from lookups.tokens.candidates import Candidate, candidates_in
from lookups.tokens.discovery import AssetsSeen


@dataclass(frozen=True)
class Added:
    """How many assets were added, and the keys of the stored tokens: the caller has these checked."""

    apps: int
    pages: int
    tokens: tuple[int, ...]


def add_chosen(seen: AssetsSeen, business: Business, chosen: Collection[str], *, tokens: bool, by: int | None) -> Added:
    """Add the chosen apps and Pages (by Graph's IDs) that may be added; with `tokens`, store the tokens that fit."""
    wanted = [one for one in candidates_in(seen, business) if one.may_be_added and one.graph_id in chosen]
    added = [one.kind for one in wanted if _add(seen, business, one)]
    stored = _store_tokens(seen, business, chosen, by) if tokens else []
    return Added(added.count(AssetKind.APP), added.count(AssetKind.PAGE), tuple(stored))


def _add(seen: AssetsSeen, business: Business, one: Candidate) -> bool:
    """Add an app or a Page; false if somebody else has added it meanwhile."""
    label = one.kind.label
    try:
        with transaction.atomic():
            Asset.objects.create(
                business=business,
                kind=one.kind,
                graph_id=one.graph_id,
                name=one.name or f"{label[0].upper()}{label[1:]} {one.graph_id}",
                category=one.listed.category,
                link=one.listed.link[:LONGEST_LINK],
                found_by=FoundBy.LIST,
                managed_by=seen.maker if one.token_fits else None,
            )
    except IntegrityError:
        return False
    return True


def _store_tokens(seen: AssetsSeen, business: Business, chosen: Collection[str], by: int | None) -> list[int]:
    fitting = {one.graph_id for one in candidates_in(seen, business) if one.token_fits and one.graph_id in chosen}
    pages = business.assets.pages().filter(graph_id__in=fitting).select_related("managed_by")
    return [_store_token(page, seen.maker, seen.tokens[page.graph_id], by) for page in pages if seen.maker]


def _store_token(page: Asset, maker: Asset, text: str, by: int | None) -> int:
    """Store a Page's token; gives its key."""
    if page.managed_by is None:
        page.managed_by = maker
        page.save(update_fields=["managed_by"])
    token = AccessToken(business_id=page.business_id, asset=page, created_by_id=by)
    token.set_value(text)
    token.save()
    return token.pk
