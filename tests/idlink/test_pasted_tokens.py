"""A token that was pasted into the search of a list is refused with a sentence, and not shown."""

import pytest
from django.urls import reverse

from businesses.models import Role
from tests.makers import make_business
from tests.pages import member, text_of

pytestmark = pytest.mark.django_db
USER, APP = "EAAB" + "wzLixnjYBO" * 3, "259773517400382|" + "aZ3kQ9xWm2" * 3


@pytest.mark.parametrize("token", [USER, APP, f"see {USER}"])
@pytest.mark.parametrize("name", ["lookups_person", "lookups_lookup", "businesses_accesstoken", "businesses_page"])
def test_a_token_in_a_lists_search_is_refused(name, token):
    address = reverse(f"admin:{name}_changelist")

    answer = member(make_business(), Role.ADMIN).get(address, {"q": token}, follow=True)

    assert answer.redirect_chain == [(address, 302)]
    assert "What you sent looks like an access token." in text_of(answer)
    assert USER not in answer.content.decode()
    assert APP not in answer.content.decode()


def test_it_is_refused_where_the_log_in_would_lead_to_it_too(client):
    address = reverse("admin:login")

    answer = client.get(address, {"next": f"/admin/lookups/person/?q={USER}"}, follow=True)

    assert answer.redirect_chain == [(address, 302)]
    assert USER not in answer.content.decode()


def test_the_way_out_of_it_stays_on_this_site(client):
    assert client.get("/", {"q": USER}, PATH_INFO="//x.example/").url == "/%2Fx.example/"


@pytest.mark.parametrize("text", ["EAA", "Eaah, who?", "10152368852405295", "a|b", "EAA" + "é" * 30])
def test_what_is_no_token_is_searched_for(text):
    answer = member(make_business(), Role.ADMIN).get(reverse("admin:lookups_person_changelist"), {"q": text})

    assert answer.status_code == 200
