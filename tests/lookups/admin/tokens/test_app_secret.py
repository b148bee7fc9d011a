"""*Rotate the secret* as an admin meets it; no page, message or address ever holds a secret."""

import re

import pytest
from django.urls import reverse

from businesses.admin.facebook_app import FacebookAppAdmin
from businesses.credentials import Choice, app_key, choice_for, opened
from businesses.models import FacebookApp, Role, SecretRole
from lookups import tasks
from lookups.asking import resolver
from tests.pages import member, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(world) -> str:
    return reverse("admin:businesses_facebookapp_secret", args=[world.app.pk])


def in_use(world) -> str:
    found = choice_for(world.page)
    return opened(found).app_secret if isinstance(found, Choice) else found.code


def test_the_apps_page_leads_admins_there_and_nobody_else(world, admin, address):
    form = reverse("admin:businesses_facebookapp_change", args=[world.app.pk])

    assert address in admin.get(form).content.decode()
    assert 'name="app_secret"' not in admin.get(form).content.decode(), "it would be overwritten untried"
    for role in (Role.VIEWER, Role.STAFF):
        client = member(world.page.business, role)
        assert address not in client.get(form).content.decode()
        assert (client.get(address).status_code, client.post(address, {"act": "forget"}).status_code) == (404, 404)


def test_it_shows_what_the_secret_signs_and_what_waits(world, admin, address):
    page = text_of(admin.get(address))

    assert world.app.secret.fingerprint in page
    assert "John's Next Great Thing" in page
    assert world.page.tokens.get().fingerprint in page
    assert in_use(world) not in page


def test_a_right_secret_takes_over_and_can_be_told_to_forget_the_one_before(world, admin, address, sandbox):
    old, new = in_use(world), sandbox.control("secrets", {"app": world.app.graph_id})["secret"]

    page = text_of(admin.post(address, {"act": "new", "secret": new}, follow=True))

    assert "it is in use from now on" in page
    assert "Go back to it" in page
    assert in_use(world) == new
    assert not re.search(f"{re.escape(old)}|{re.escape(new)}", page)
    assert str(choice_for(world.app).fingerprint) in page
    assert world.app.tokens.order_by("-pk").first().created_by.username == "a admin"

    assert "The way back" not in text_of(admin.post(address, {"act": "forget"}, follow=True))
    assert world.app.secret_in_role(SecretRole.FORMER) is None


def test_a_wrong_secret_is_told_in_graphs_words_and_the_old_one_stays(world, admin, address):
    old = in_use(world)

    page = text_of(admin.post(address, {"act": "new", "secret": "canary-of-a-wrong-secret"}, follow=True))

    assert "Graph does not take this secret" in page
    assert "Graph says: " in page
    assert "canary" not in page
    assert in_use(world) == old


@pytest.mark.parametrize(
    ("entered", "said"),
    [
        ("", "required"),
        ("two words", "without blanks"),
        ("123|abc", "without the app's ID"),
        ("same", "in use already"),
    ],
)
def test_what_is_no_new_secret_is_refused_before_graph_is_asked(world, admin, address, sandbox, entered, said):
    asked = len(sandbox.journal())
    secret = in_use(world) if entered == "same" else entered

    response = admin.post(address, {"act": "new", "secret": secret})

    assert response.status_code == 400
    assert said in text_of(response)
    assert in_use(world) not in response.content.decode()
    assert len(sandbox.journal()) == asked


def test_while_graph_can_not_be_asked_it_says_that_the_secret_waits(world, admin, address, settings, sandbox):
    settings.IDLINK_GRAPH_URL = "http://127.0.0.1:9"
    resolver.graph_client.cache_clear()

    page = text_of(admin.post(address, {"act": "new", "secret": "canary-that-waits"}, follow=True))

    assert "A new secret waits to be tried" in page
    assert "tried again by itself" in page
    assert "canary" not in page
    assert "waits to be tried" in text_of(admin.get(address.replace("secret/", "change/")))

    assert "was forgotten" in text_of(admin.post(address, {"act": "withdraw"}, follow=True))
    assert world.app.secret_in_role(SecretRole.WAITING) is None


def test_going_back_says_when_graph_takes_the_former_one_no_more(world, admin, address, sandbox):
    new = sandbox.control("secrets", {"app": world.app.graph_id})["secret"]
    admin.post(address, {"act": "new", "secret": new})

    page = text_of(admin.post(address, {"act": "back"}, follow=True))

    assert "Graph does not take the former secret any more" in page
    assert in_use(world) == new


def test_a_secret_that_works_has_what_it_signs_checked(world, admin, address, sandbox, monkeypatch):
    sent: list[dict] = []
    monkeypatch.setattr(tasks.take_new_secret, "apply_async", lambda kwargs, **how: sent.append(kwargs))
    new = sandbox.control("secrets", {"app": world.app.graph_id})["secret"]

    admin.post(address, {"act": "new", "secret": "of-no-app"})
    assert sent == []
    admin.post(address, {"act": "new", "secret": new})
    assert sent == [{"app_pk": world.app.pk}]


def test_an_act_that_does_not_exist_is_not_there(admin, address):
    assert admin.post(address, {"act": "nonsense"}).status_code == 404


def test_a_secret_that_is_refused_when_nobody_looks_is_told_to_who_comes_next(world, admin, address, settings, sandbox):
    settings.IDLINK_GRAPH_URL = "http://127.0.0.1:9"
    resolver.graph_client.cache_clear()
    admin.post(address, {"act": "new", "secret": "canary-that-waits"})
    settings.IDLINK_GRAPH_URL = sandbox.url
    resolver.graph_client.cache_clear()

    tasks.try_secret(app_pk=world.app.pk)

    form = address.replace("secret/", "change/")
    assert "The last one entered was refused" in text_of(admin.get(address))
    assert "The new secret was refused" in text_of(admin.get(form))
    admin.post(address, {"act": "note"})
    for page in (address, form):
        assert "was refused" not in text_of(admin.get(page))


def test_taking_note_of_a_refusal_forgets_no_secret_that_waits_since(world, admin, address, settings):
    settings.IDLINK_GRAPH_URL = "http://127.0.0.1:9"
    resolver.graph_client.cache_clear()
    admin.post(address, {"act": "new", "secret": "canary-that-waits"})

    admin.post(address, {"act": "note"})

    assert world.app.secret_in_role(SecretRole.WAITING).sealed_value


def test_the_apps_form_writes_nothing_but_what_was_entered(world, admin, address, monkeypatch):
    form, before = address.replace("secret/", "change/"), world.app
    read = FacebookAppAdmin.get_object

    def rotated_meanwhile(*args):
        found = read(*args)
        FacebookApp.objects.get(pk=before.pk).set_secret("rotated-meanwhile")
        return found

    monkeypatch.setattr(FacebookAppAdmin, "get_object", rotated_meanwhile)

    assert admin.post(form, {"name": "Renamed", "daily_people": "7"}).status_code == 302

    after = FacebookApp.objects.get(pk=before.pk)
    assert (after.name, after.daily_people) == ("Renamed", 7)
    assert app_key(after.secret).app_secret == "rotated-meanwhile"


def test_a_new_app_comes_in_with_its_first_secret(world, admin):
    form = {"business": world.page.business_id, "graph_id": "4711", "name": "New", "app_secret": "its-first-secret"}

    assert admin.post(reverse("admin:businesses_facebookapp_add"), form).status_code == 302

    app = FacebookApp.objects.get(graph_id="4711")
    assert app_key(app.secret).app_secret == "its-first-secret"
