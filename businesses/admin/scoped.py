"""The base of every admin page with rows of a business: it shows, offers, filters and deletes own rows only.

If only `get_queryset()` is scoped, Django's admin still has eight ways to other rows: choices of foreign keys,
sidebar filters, forged foreign keys, raw-ID links and labels, cascades, `?field__lookup=` and the `/r/` short cut.
This class closes all but the last, which the site does not serve.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.filters import RelatedFieldListFilter
from django.contrib.admin.utils import NestedObjects
from django.core.exceptions import ImproperlyConfigured
from django.db import models, router
from django.http import Http404, HttpRequest

from businesses.access import Action, is_scoped, may, may_here, visible
from businesses.admin.bulk_acts import BulkActs
from businesses.admin.offering import offered
from businesses.admin.paging import BoundedChangeList, BoundedPaginator


class OwnRelatedFilter(RelatedFieldListFilter):
    """A sidebar filter that offers rows of the user's businesses only."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[Any, Any]]:
        """List what the user may see."""
        rows = visible(field.remote_field.model._default_manager.all(), request.user)
        rows = rows.complex_filter(field.get_limit_choices_to())
        has_business = any(one.name == "business" for one in rows.model._meta.fields)
        return [(str(row.pk), str(row)) for row in (offered(rows, request) if has_business else rows)]


class ScopedAdmin(BulkActs):
    """Rows of the user's own businesses: seen by members, changed by its admins.

    `list_filter` holds names of fields and SimpleListFilter classes; `own_filters` names foreign keys
    to filter by. No other filter works, even if the address contains one.
    """

    own_filters: Sequence[str] = ()
    view_action = Action.VIEW
    change_action = Action.MANAGE
    settled_once_added: Sequence[str] = ()
    nothing_yet = ""  # the text of an empty list: how rows come into it
    list_filter_sheet = False
    compressed_fields = True
    warn_unsaved_form = True
    paginator = BoundedPaginator
    list_per_page = 50
    show_full_result_count = False

    def __init__(self, model: type[models.Model], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        if self.raw_id_fields or not is_scoped(model):
            raise ImproperlyConfigured(f"{type(self).__name__} needs a business_path and no raw_id_fields.")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        """Give own rows only."""
        return visible(super().get_queryset(request), request.user, self.view_action)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[BoundedChangeList]:
        """Give the list that goes with the paginator."""
        return BoundedChangeList

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Give the filters on own rows, then the page's other filters."""
        return [*((name, OwnRelatedFilter) for name in self.own_filters), *self.list_filter]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allow only the lookups that the sidebar offers: with others, a user could read columns out by guessing."""
        allowed = {f"{name}__{suffix}" for name in self.own_filters for suffix in ("id__exact", "isnull")}
        for item in self.list_filter:
            if isinstance(item, str):
                allowed |= {f"{item}__exact", f"{item}__isnull"}
            else:
                allowed.add(item.parameter_name)
        return lookup in allowed

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer, and accept, only rows of businesses in which the user may do this."""
        related = db_field.remote_field.model
        if is_scoped(related):
            rows = kwargs.get("queryset") or related._default_manager.all()
            kwargs["queryset"] = visible(rows, request.user, self.change_action)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Add the fields that can't be changed once a row exists: its business and its identity."""
        fixed = self.settled_once_added if obj else ()
        return [*super().get_readonly_fields(request, obj), *fixed]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Give a form that takes only what the page shows: Django keeps the fields that a form class adds."""
        form = super().get_form(request, obj, change=change, **kwargs)
        shown = kwargs.get("fields")
        if shown is None:  # Django asks which fields there are
            return form
        return type(form)(form.__name__, (form,), {name: None for name in form.declared_fields if name not in shown})

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, list[str]]:
        """Refuse a deletion that would also delete rows of another business, without naming these rows."""
        rows = list(objs)
        collector = NestedObjects(using=router.db_for_write(self.model), origin=rows)
        collector.collect(rows)
        touched: set[models.Model] = set(collector.protected)
        touched.update(*collector.model_objs.values())
        if any(is_scoped(type(row)) and not may(request.user, Action.VIEW, row) for row in touched):
            return [], {}, set(), ["Something that you can't see depends on this."]
        return super().get_deleted_objects(rows, request)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> Any:
        # The same answer for a missing row and for another business's row.
        raise Http404

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show in the menu what the user may view."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Members see their business's rows."""
        return may_here(request, self.view_action, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Allow adding for users who may change rows of some business."""
        return may_here(request, self.change_action)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Admins of the row's business."""
        return may_here(request, self.change_action, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Admins of the row's business."""
        return may_here(request, self.change_action, obj)


class ReadOnlyAdmin(ScopedAdmin):
    """Rows that only lookups write."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False
