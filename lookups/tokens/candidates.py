"""How each app and Page that Graph named relates to a business, and which of them may be added."""

from collections.abc import Collection
from dataclasses import dataclass

from businesses.models import AccessToken, Asset, AssetKind, Business
from businesses.secrets import fingerprint
from lookups.graph import ListedAsset
from lookups.tokens.discovery import AssetsSeen, Relation

StoredTokens = set[tuple[int, str]]  # a Page's key and the fingerprint of its token


@dataclass(frozen=True)
class Candidate:
    """An app or a Page that Graph named. `token_fits`: Graph also gave a page access token that can be stored."""

    kind: AssetKind
    listed: ListedAsset
    relation: Relation
    is_here: bool
    token_fits: bool = False
    why_no_token: str = ""

    @property
    def graph_id(self) -> str:
        """The asset's ID at Graph; the form names the asset by it."""
        return self.listed.id

    @property
    def name(self) -> str:
        """The asset's name at Graph."""
        return self.listed.name

    @property
    def may_be_added(self) -> bool:
        """Whether it may be added: Meta's policy allows only assets that the business owns."""
        return not self.is_here and self.relation == Relation.OWNED


def candidates_in(seen: AssetsSeen, business: Business) -> list[Candidate]:
    """Give each app and Page with its relation to the business, and whether the business has it stored already."""
    rows = list(seen.relations())
    here = _here(business, [row.id for _, row, _ in rows])
    stored = _stored_tokens(business)
    return [_candidate(seen, kind, row, relation, here.get(row.id), stored) for kind, row, relation in rows]


def stored_in(seen: AssetsSeen, business: Business, relation: Relation) -> list[Asset]:
    """Give the business's stored apps and Pages that Graph lists in this relation."""
    lists = seen.owned if relation == Relation.OWNED else seen.client
    return list(_here(business, [row.id for rows in lists.values() for row in rows]).values())


def _here(business: Business, graph_ids: Collection[str]) -> dict[str, Asset]:
    assets = business.assets.filter(graph_id__in=set(graph_ids)).select_related("business", "managed_by")
    return {asset.graph_id: asset for asset in assets}


def _stored_tokens(business: Business) -> StoredTokens:
    """Give the Pages' stored tokens that Graph has not refused."""
    tokens = AccessToken.objects.filter(business=business, asset__kind=AssetKind.PAGE, last_check__refused_at=None)
    return set(tokens.values_list("asset", "fingerprint"))


def _candidate(
    seen: AssetsSeen, kind: AssetKind, row: ListedAsset, relation: Relation, here: Asset | None, stored: StoredTokens
) -> Candidate:
    fits, why = False, ""
    if kind == AssetKind.PAGE and row.id in seen.tokens and relation == Relation.OWNED:
        why = _why_no_token(seen, row.id, here, stored)
        fits = not why
    return Candidate(kind, row, relation, here is not None, fits, why)


def _why_no_token(seen: AssetsSeen, page_id: str, here: Asset | None, stored: StoredTokens) -> str:
    """Say why a Page's token can't be stored; empty if it can.

    The app that made the pasted token also makes the Page's token. It must be the app that manages the Page.
    """
    if here and (here.pk, fingerprint(seen.tokens[page_id])) in stored:
        return "this very one is stored already"
    if seen.maker is None:
        return "which app made it can't be told: that app must stand here with its secret"
    manager = here.managed_by if here else None
    if manager and manager != seen.maker:
        return f"it is made by “{seen.maker}”, but “{manager}” manages the Page"
    return ""
