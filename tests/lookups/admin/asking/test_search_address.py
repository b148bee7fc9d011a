"""What is searched for stands in no address: a key stands for it, which only the user who searched can open."""

import re

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from businesses.models import Role
from lookups.asking.starting import ask_about
from lookups.models import Lookup
from tests.lookups.admin.pages import FIND
from tests.lookups.admin.searched import search_address
from tests.lookups.people_of_johns import resolve
from tests.pages import member, text_of

ID, NAME = "98765432101234567", "Ana Canary"
TOKENS = pytest.mark.parametrize(
    "token", ["EAAB" + "wzLixnjYBO" * 3, "259773517400382|" + "aZ3kQ9xWm2" * 3, "see EAAB" + "wzLixnjYBO" * 3], ids=str
)


@pytest.fixture
def somebody(world) -> Client:
    return member(world.page.business, Role.STAFF)


@pytest.mark.parametrize("text", [ID, NAME, NAME.split()[1]])
def test_a_search_leads_to_an_address_that_does_not_show_it(somebody, text):
    address = search_address(somebody, text)

    assert text.replace(" ", "+") not in address
    assert text.partition(" ")[0] not in address
    assert f'value="{text}"' in somebody.get(address).content.decode()


def test_back_reload_and_a_second_tab_show_what_each_was_opened_for(somebody):
    one, other = search_address(somebody, ID), search_address(somebody, NAME)

    for address, text in ((one, ID), (other, NAME), (one, ID), (one, ID)):
        assert f'value="{text}"' in somebody.get(address).content.decode()


def test_a_bookmark_lasts_beyond_the_session_and_a_new_encryption_key(somebody, settings):
    bookmark = search_address(somebody, ID)
    settings.IDLINK_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.IDLINK_ENCRYPTION_KEYS]
    later = Client()
    later.force_login(User.objects.get(pk=somebody.session["_auth_user_id"]))

    assert f'value="{ID}"' in later.get(bookmark).content.decode()


def test_the_address_of_somebody_elses_search_or_a_damaged_one_opens_nothing(world, somebody):
    theirs = search_address(member(world.page.business, Role.ADMIN), ID)

    for address in (theirs, theirs[:-3], f"{FIND}?key=x", f"{FIND}?key=v1:a:b", f"{FIND}?key="):
        page = somebody.get(address)
        assert page.status_code == 404
        assert "Search anew." in text_of(page)
        assert ID not in page.content.decode()


@TOKENS
@pytest.mark.parametrize("more", [{}, {"asset": "1"}], ids=["searched for", "asked about"])
def test_a_pasted_token_is_refused_and_not_shown(somebody, token, more):
    refused = somebody.post(FIND, {"q": token, **more})

    assert refused.status_code == 400
    assert "looks like an access token, not like an ID" in text_of(refused)
    assert "wzLixnjYBO" not in refused.content.decode()
    assert "aZ3kQ9xWm2" not in refused.content.decode()
    assert not Lookup.objects.exists()


def test_what_is_too_long_to_be_searched_for_is_told_at_once(somebody):
    answer = somebody.post(FIND, {"q": "9" * 300})

    assert answer.status_code == 400
    assert "has 300 digits; an ID has at most 32" in text_of(answer)


def test_pages_that_lead_to_a_search_do_not_show_it_in_their_links(somebody, world):
    lookup = ask_about(asset=world.app, value=ID, by=world.user, now=timezone.now())
    resolve()
    page = somebody.get(lookup.address).content.decode()

    links = re.findall(r'href="([^"]+)"', page)
    again = somebody.get(next(link for link in links if "key=" in link).replace("&amp;", "&"))

    assert "Choose another app or Page" in page
    assert not [link for link in links if ID in link]
    assert "Where does this ID come from?" in text_of(again)
    assert f'value="{ID}"' in again.content.decode()
