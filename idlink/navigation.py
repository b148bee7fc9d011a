"""The look and the menu of the admin site. Unfold reads both from the settings."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy


def _is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_superuser)


def _is_at_access_tokens(request: HttpRequest) -> bool:
    # Unfold marks every menu item as current whose address is the beginning of the page's address.
    here = reverse("admin:businesses_accesstoken_changelist")
    return request.path.startswith(here) and request.path != reverse("admin:businesses_accesstoken_health")


def _is_at_preflight(request: HttpRequest) -> bool:
    return request.path.startswith(reverse("admin:businesses_business_changelist")) and "/preflight/" in request.path


def _is_at_people(request: HttpRequest) -> bool:
    here = reverse("admin:lookups_person_changelist")
    return request.path.startswith(here) and request.path != reverse("admin:lookups_person_export")


def _is_at_businesses(request: HttpRequest) -> bool:
    here = reverse("admin:businesses_business_changelist")
    return request.path.startswith(here) and not _is_at_preflight(request)


def _item(title: str, icon: str, name: str, permission: Any = None) -> dict[str, Any]:
    item = {"title": title, "icon": icon, "link": reverse_lazy(name)}
    return {**item, "permission": permission} if permission else item


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "idlink",
    "SITE_HEADER": "idlink",
    "SITE_SUBHEADER": "One person, every ID",
    "SITE_SYMBOL": "link",
    "SITE_URL": None,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("lookups/icon.svg")},
    ],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": False,
    "STYLES": [
        lambda request: static("lookups/idlink.css"),
        lambda request: static("lookups/picture.css"),
        lambda request: static("lookups/runs.css"),
        lambda request: static("lookups/preflight.css"),
    ],
    "SCRIPTS": [lambda request: static("lookups/idlink.js")],
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": [
            {
                "title": "People",
                "items": [
                    _item("Find a person", "person_search", "find"),
                    {**_item("People", "group", "admin:lookups_person_changelist"), "active": _is_at_people},
                    _item("Export links", "download", "admin:lookups_person_export"),
                    _item("Conflicts", "rule", "admin:lookups_conflict_changelist"),
                    _item("Lists and runs", "playlist_add_check", "admin:lookups_run_changelist"),
                    _item("Lookups", "manage_search", "admin:lookups_lookup_changelist"),
                    _item("Freshness", "update", "admin:lookups_freshnesscount_changelist"),
                    _item("Reviews", "policy", "admin:lookups_policyreview_changelist"),
                ],
            },
            {
                "title": "What we own",
                "separator": True,
                "items": [
                    {
                        **_item("Businesses", "business_center", "admin:businesses_business_changelist"),
                        "active": _is_at_businesses,
                    },
                    _item("Apps", "apps", "admin:businesses_facebookapp_changelist"),
                    _item("Pages", "flag", "admin:businesses_page_changelist"),
                    {
                        **_item("Access tokens", "key", "admin:businesses_accesstoken_changelist"),
                        "active": _is_at_access_tokens,
                    },
                    {
                        **_item("Preflight", "checklist", "admin:businesses_business_preflights"),
                        "active": _is_at_preflight,
                    },
                    _item("Token health", "monitor_heart", "admin:businesses_accesstoken_health"),
                ],
            },
            {
                "title": "Administration",
                "separator": True,
                "items": [
                    _item("Users", "manage_accounts", "admin:auth_user_changelist", _is_superuser),
                    _item("Memberships", "badge", "admin:businesses_membership_changelist", _is_superuser),
                    _item("Schedules", "schedule", "admin:django_celery_beat_periodictask_changelist", _is_superuser),
                ],
            },
        ],
    },
}
