"""Adding apps and Pages by hand: each business its own, whatever others have typed in."""

import pytest
from django.urls import reverse

from businesses.models import Asset, FoundBy, Ownership, Role
from tests.makers import make_app, make_business, make_page
from tests.pages import member, text_of

pytestmark = pytest.mark.django_db


def test_what_another_business_only_claims_can_be_added(db):
    business, other = make_business(), make_business("Other")
    make_app(other, "typed in by mistake", graph_id="4711")
    form = {"business": business.pk, "graph_id": "4711", "name": "Ours"}

    added = member(business, Role.ADMIN).post(reverse("admin:businesses_facebookapp_add"), form, follow=True)

    assert "typed in by mistake" not in text_of(added)
    app = Asset.objects.get(business=business)
    assert (app.kind, app.graph_id, app.found_by, app.ownership) == ("app", "4711", FoundBy.HAND, Ownership.UNKNOWN)


@pytest.mark.parametrize("model", ["facebookapp", "page"])
def test_one_business_has_a_graph_id_once_as_app_or_as_page(model):
    business = make_business()
    make_app(business, graph_id="4711")
    form = {"business": business.pk, "graph_id": "4711", "name": "The same"}

    refused = member(business, Role.ADMIN).post(reverse(f"admin:businesses_{model}_add"), form)

    assert "This business has an app or a Page with this ID already." in text_of(refused)
    assert Asset.objects.count() == 1


def test_a_page_is_managed_by_an_app_of_its_business_and_by_nothing_else():
    business, other = make_business(), make_business("Other")
    page = make_page(business, None)
    address = reverse("admin:businesses_page_change", args=[page.pk])
    admin = member(business, Role.ADMIN)

    for wrong in (make_app(other), make_page(business, None, "Another")):
        assert admin.post(address, {"name": "Bot", "managed_by": wrong.pk}).status_code == 200
    app = make_app(business)
    assert admin.post(address, {"name": "Bot", "managed_by": app.pk}).status_code == 302

    assert Asset.objects.get(pk=page.pk).managed_by == app
    options = admin.get(address).content.decode()
    assert f'value="{app.pk}"' in options
    assert ">Another<" not in options


def test_the_forms_name_things_as_meta_does():
    business = make_business()
    admin = member(business, Role.ADMIN)

    for model, words in (("facebookapp", ("App ID", "Daily users")), ("page", ("Page ID", "Engaged users"))):
        added = text_of(admin.get(reverse(f"admin:businesses_{model}_add")))
        assert all(word in added for word in words)
        assert "Graph ID" not in added
