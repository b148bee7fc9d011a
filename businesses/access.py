"""Decide which rows a user may see and what the user may do. Only this module scopes rows to a user's businesses.

Every model that belongs to a business names the path to the business in `business_path`.
"""

from typing import Any, TypeVar

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db import models
from django.http import HttpRequest

from businesses.models import Business, Membership, Role

AnyUser = AbstractUser | AnonymousUser
Row = TypeVar("Row", bound=models.Model)


class Action(models.TextChoices):
    """What a user does with a business."""

    VIEW = "view"
    ASK = "ask"
    DECIDE = "decide"
    MANAGE = "manage"


ROLES_FOR: dict[Action, tuple[Role, ...]] = {
    Action.VIEW: (Role.VIEWER, Role.STAFF, Role.ADMIN),
    Action.ASK: (Role.STAFF, Role.ADMIN),
    Action.DECIDE: (Role.ADMIN,),  # retract, assert, keep apart, accept a conflict, undo an import
    Action.MANAGE: (Role.ADMIN,),
}

_ROLES = "_roles_by_business"


def businesses_of(user: AnyUser, action: Action = Action.VIEW) -> models.QuerySet[Business]:
    """Give the businesses in which the user may do this; none for anonymous and inactive users."""
    if runs_idlink(user) and user.is_staff:
        return Business.objects.all()
    return Business.objects.filter(pk__in=_keys_of_member(user, action))


def business_keys_of(user: AnyUser, action: Action = Action.VIEW) -> list[int]:
    """Give the keys of these businesses: a database plans better with keys than with a query for them."""
    if runs_idlink(user):
        return list(businesses_of(user, action).order_by().values_list("pk", flat=True))
    return _keys_of_member(user, action)


def visible(rows: models.QuerySet[Row], user: AnyUser, action: Action = Action.VIEW) -> models.QuerySet[Row]:
    """Keep only the rows of businesses in which the user may do this."""
    if runs_idlink(user):
        return rows
    path: str = rows.model.business_path  # type: ignore[attr-defined]  # AttributeError: a model without one is a bug
    return rows.filter(**{f"{path}__in": _keys_of_member(user, action)})


def runs_idlink(user: AnyUser) -> bool:
    """Tell whether the user runs this installation: adds businesses, users and schedules, and hands out roles."""
    return bool(user.is_active and user.is_superuser)


def is_scoped(model: type[models.Model]) -> bool:
    """Tell whether rows of this model belong to a business."""
    return hasattr(model, "business_path")


def may_here(request: HttpRequest, action: Action, row: Any = None) -> bool:
    """Tell whether the request's user may do this (see `may`).

    Without a row, the answer is kept for the request, because the menu asks for every model.
    """
    if row is not None:
        return may(request.user, action, row)
    told: dict[Action, bool] = request.__dict__.setdefault("_may_somewhere", {})
    if action not in told:
        told[action] = may(request.user, action)
    return told[action]


def may(user: AnyUser, action: Action, row: Any = None) -> bool:
    """Tell whether the user may do this to the row's business; without a row, to any business.

    The row is read again, since a form may have changed it; of a business only the key counts.
    """
    if row is None:
        return businesses_of(user, action).exists() if runs_idlink(user) else bool(_keys_of_member(user, action))
    if isinstance(row, Business) and not runs_idlink(user):
        return row.pk in _keys_of_member(user, action)
    return visible(type(row)._default_manager.filter(pk=row.pk), user, action).exists()


def _keys_of_member(user: AnyUser, action: Action) -> list[int]:
    """Give the keys of the businesses in which a member may do this.

    The roles are kept with the user: each request has a user of its own, so they are read once a request.
    """
    if not (user.is_active and user.is_staff):
        return []
    roles: dict[int, str] | None = getattr(user, _ROLES, None)
    if roles is None:
        roles = dict(Membership.objects.filter(user=user.pk).order_by("business").values_list("business", "role"))
        setattr(user, _ROLES, roles)
    return [key for key, role in roles.items() if role in ROLES_FOR[action]]
