"""Finds the business that an address names, and its apps and Pages."""

from django.http import Http404, HttpRequest

from businesses.access import Action, visible
from businesses.models import Asset, Business


def business_for(request: HttpRequest, pk: int, action: Action) -> Business:
    """Give the business if the user may do this action there; else Http404."""
    business = visible(Business.objects.all(), request.user, action).filter(pk=pk).first()
    if business is None:
        raise Http404
    return business


def assets_to_plan(business: Business) -> list[Asset]:
    """Give a business's apps, then its Pages, as planning reads them."""
    return list(business.assets.to_plan().select_related("managed_by__business").order_by("kind", "name", "pk"))
