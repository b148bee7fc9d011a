"""Choose whom to ask about: a person with an ID on a Page, in the app that manages it, and in another app."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from businesses.credentials import Credential, opened
from businesses.models import Asset, AssetKind, Business
from lookups.asking import pacing
from lookups.asking.planning import Plan, plans
from lookups.assumptions.interview import Interview, KnownID
from lookups.graph import GraphClient
from lookups.models import ScopedID


class CannotInterview(Exception):
    """Nothing of this business may be asked now; the text says why."""


def interview_with(client: GraphClient, business: Business, *, now: datetime) -> Interview:
    """Choose what can be asked about, from the database alone; raises CannotInterview."""
    planned = plans(Asset.objects.filter(business=business).to_plan())
    able = [asset for asset, plan in planned.items() if plan.allowed and not plan.held and not _is_limited(asset, now)]
    if not able:
        raise CannotInterview(_why_nothing(planned.values()))
    on_page = _ids(able).filter(asset__kind=AssetKind.PAGE)
    same = ScopedID.objects.filter(person=OuterRef("person"), asset=OuterRef("asset__managed_by"))
    best = on_page.annotate(is_in_app=Exists(same)).order_by("-is_in_app", "pk").first()
    in_apps = _ids(able).filter(asset__kind=AssetKind.APP).order_by("pk")
    app = in_apps.filter(person=best.person_id, asset=best.asset.managed_by_id).first() if best else None
    other = in_apps.filter(person=app.person_id).exclude(pk=app.pk).first() if app else None
    return Interview(
        client, settings.IDLINK_GRAPH_VERSION, *(_known(one, planned) for one in (best, app or in_apps.first(), other))
    )


def _ids(assets: Iterable[Asset]) -> "QuerySet[ScopedID]":
    return ScopedID.objects.filter(asset__in=[asset.pk for asset in assets]).select_related("asset")


def _known(found: ScopedID | None, planned: dict[Asset, Plan]) -> KnownID | None:
    choice = planned[found.asset].credential if found else None
    credential = opened(choice) if choice else None
    if found is None or not isinstance(credential, Credential):
        return None
    return KnownID(found.asset.graph_id, found.value, credential.token, credential.app_secret)


def _is_limited(asset: Asset, now: datetime) -> bool:
    pool = pacing.pool_of(asset)
    return pool is not None and pool.wait_until is not None and pool.wait_until > now


def _why_nothing(planned: Iterable[Plan]) -> str:
    whys = dict.fromkeys(reason.text for plan in planned for reason in plan.reasons[:1])
    return " ".join(whys) or "No app or Page of this business can be asked now: add one, or wait for its limit."
