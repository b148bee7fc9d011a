"""A new app secret is tried with Graph before it takes over, and the one before stays for a way back."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from businesses.credentials import Credential, app_key, credential_for
from businesses.models import AccessToken, FacebookApp
from lookups import tasks
from lookups.asking import resolver
from lookups.asking.starting import ask_about
from lookups.models import HeldFor, Lookup, State
from lookups.tokens import checking, secret_rotation
from lookups.tokens.secret_rotation import Result

pytestmark = [pytest.mark.django_db, pytest.mark.database]
COLUMNS = ("sealed_secret", "sealed_next_secret", "sealed_former_secret")


@pytest.fixture
def broker(settings):
    """A place for the messages that wake workers."""
    (settings.VAR_DIR / "broker" / "queue").mkdir(parents=True, exist_ok=True)


def rotate(app: FacebookApp, secret: str) -> secret_rotation.Tried:
    secret_rotation.propose(app, secret)
    return secret_rotation.try_next(resolver.graph_client(), app.pk, now=timezone.now())


def back(app: FacebookApp) -> secret_rotation.Tried:
    return secret_rotation.go_back(resolver.graph_client(), app.pk, now=timezone.now())


def reset_at_meta(world, sandbox) -> str:
    """Reset the app's secret at Graph; gives the new one."""
    told: str = sandbox.control("secrets", {"app": world.app.app_id})["secret"]
    return told


def secret_in_use(world) -> str:
    key = app_key(world.app, world.app.sealed_secret)
    assert key
    return key.app_secret


def signs_with(asset) -> str:
    """The secret that questions about this app or Page are signed with, or why there is none."""
    found = credential_for(asset)
    return found.app_secret if isinstance(found, Credential) else found.code


def ask_graph(world, sandbox) -> str:
    """Ask about one PSID and give the outcome that comes of it."""
    lookup = ask_about(asset=world.page, value="12345123", by=world.user, now=timezone.now())
    while resolver.resolve_batch("staff"):
        pass
    return Lookup.objects.get(pk=lookup.pk).apps_outcome


def test_a_right_secret_takes_over_at_once_and_the_one_before_is_kept(world, sandbox):
    old, new = secret_in_use(world), reset_at_meta(world, sandbox)

    tried = rotate(world.app, new)

    app = world.app
    assert tried.result == Result.WORKS
    assert (signs_with(world.page), signs_with(app)) == (new, new)
    assert app.sealed_next_secret == ""
    assert app_key(app, app.sealed_former_secret).app_secret == old
    assert ask_graph(world, sandbox) == "linked"


def test_a_wrong_secret_changes_nothing_and_is_not_kept(world, sandbox):
    old, before = secret_in_use(world), world.app.tokens.get().pk

    tried = rotate(world.app, "not-the-secret-of-any-app")

    app = world.app
    assert tried.result == Result.REFUSED
    assert tried.words, "Graph's own words"
    assert "not-the-secret" not in repr(tried)
    assert (app.sealed_next_secret, app.sealed_former_secret) == ("", "")
    assert signs_with(world.page) == old
    assert app.tokens.get().pk == before
    assert ask_graph(world, sandbox) == "linked"


def test_the_one_call_that_tries_it_is_signed_with_the_new_secret(world, sandbox):
    new = reset_at_meta(world, sandbox)
    asked_before = len(sandbox.journal())

    rotate(world.app, new)

    (call,) = sandbox.journal()[asked_before:]
    assert call["path"].endswith("/debug_token")
    assert call["proof"] == "ok"


def test_the_app_is_asked_with_the_token_of_its_id_and_the_new_secret(world, sandbox):
    stored = world.app.tokens.get()
    new = reset_at_meta(world, sandbox)

    rotate(world.app, new)

    used = credential_for(world.app)
    assert isinstance(used, Credential)
    assert used.token == f"{world.app.app_id}|{new}"
    assert AccessToken.objects.filter(pk=stored.pk).exists(), "made otherwise: it shows by itself that it has died"

    rotate(world.app, reset_at_meta(world, sandbox))
    assert not AccessToken.objects.filter(pk=used.token_pk).exists(), "it would keep the old secret for ever"


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_graph_is_asked(world, sandbox, monkeypatch, broker):
    client = resolver.graph_client()
    ask, seen = client.describe_token, []
    monkeypatch.setattr(
        client, "describe_token", lambda *a, **how: (seen.append(connection.in_atomic_block), ask(*a, **how))[1]
    )

    rotate(world.app, reset_at_meta(world, sandbox))
    back(world.app)

    assert seen == [False, False]


def test_answers_about_the_app_are_stored_while_its_secret_changes(world, sandbox):
    if not connection.features.has_select_for_update:
        return  # there one writes at a time
    with CaptureQueriesContext(connection) as queries:
        rotate(world.app, reset_at_meta(world, sandbox))

    locks = [query["sql"] for query in queries if "FOR " in query["sql"] and "facebookapp" in query["sql"]]
    assert locks
    assert all("FOR NO KEY UPDATE" in lock for lock in locks), "else a row that refers to the app waits"


def test_an_app_without_a_token_gets_none(world, sandbox):
    world.app.tokens.all().delete()

    assert rotate(world.app, reset_at_meta(world, sandbox)).result == Result.WORKS

    assert not world.app.tokens.exists()


def test_what_waited_for_the_secret_goes_on_when_the_new_one_is_there(world, sandbox, broker):
    lookup = ask_about(asset=world.page, value="12345123", by=world.user, now=timezone.now())
    new = reset_at_meta(world, sandbox)
    checking.check(resolver.graph_client(), world.page.tokens.get().pk, now=timezone.now())
    resolver.resolve_batch("staff")
    assert Lookup.objects.get(pk=lookup.pk).held_for == HeldFor.TOKEN

    rotate(world.app, new)
    tasks.take_new_secret(world.app.pk)

    assert Lookup.objects.get(pk=lookup.pk).state == State.WAITING
    while resolver.resolve_batch("staff"):
        pass
    assert Lookup.objects.get(pk=lookup.pk).apps_outcome == "linked"


def test_while_graph_can_not_be_asked_the_new_secret_waits_and_the_old_one_signs(world, sandbox, settings):
    old, new = secret_in_use(world), reset_at_meta(world, sandbox)
    settings.IDLINK_GRAPH_URL = "http://127.0.0.1:9"
    resolver.graph_client.cache_clear()

    tried = rotate(world.app, new)

    app = world.app
    assert tried.result == Result.TROUBLE
    assert app.next_secret_trouble == tried.words != ""
    assert signs_with(world.page) == old
    assert secret_rotation.due(timezone.now()) == [], "not at once again"
    assert secret_rotation.due(timezone.now() + timedelta(minutes=10)) == [app.pk]

    settings.IDLINK_GRAPH_URL = sandbox.url
    resolver.graph_client.cache_clear()
    tasks.try_secret(app.pk)
    assert signs_with(world.page) == new
    assert (world.app.next_secret_trouble, secret_rotation.due(timezone.now())) == ("", [])


def test_a_secret_that_is_reset_again_while_it_waits_never_takes_over(world, sandbox, settings):
    old, new = secret_in_use(world), reset_at_meta(world, sandbox)
    settings.IDLINK_GRAPH_URL = "http://127.0.0.1:9"
    resolver.graph_client.cache_clear()
    rotate(world.app, new)

    reset_at_meta(world, sandbox)
    settings.IDLINK_GRAPH_URL = sandbox.url
    resolver.graph_client.cache_clear()
    tried = secret_rotation.try_next(resolver.graph_client(), world.app.pk, now=timezone.now())

    assert tried.result == Result.REFUSED
    assert world.app.sealed_next_secret == ""
    assert world.app.next_secret_trouble == tried.words != ""
    assert secret_in_use(world) == old


def test_a_secret_that_is_reset_right_after_it_took_over_is_found_and_the_next_one_mends_it(world, sandbox):
    rotate(world.app, reset_at_meta(world, sandbox))
    newest = reset_at_meta(world, sandbox)

    checking.check(resolver.graph_client(), world.page.tokens.get().pk, now=timezone.now())
    assert signs_with(world.page) == "secret_wrong"

    rotate(world.app, newest)
    assert signs_with(world.page) == newest


def test_going_back_works_while_graph_takes_the_former_one_and_back_again(world, sandbox):
    right = secret_in_use(world)
    app = world.app
    app.set_secret("entered-past-the-trial")
    app.sealed_former_secret, app.former_secret_fingerprint = world.app.sealed_secret, world.app.secret_fingerprint
    app.save()

    tried = back(world.app)

    assert tried.result == Result.WORKS
    assert signs_with(world.page) == right
    assert signs_with(world.app) == right
    app = world.app
    assert app_key(app, app.sealed_former_secret).app_secret == "entered-past-the-trial"
    assert back(world.app).result == Result.REFUSED
    assert signs_with(world.page) == right


def test_going_back_to_a_secret_that_graph_refuses_changes_nothing_and_forgets_it(world, sandbox):
    new = reset_at_meta(world, sandbox)
    rotate(world.app, new)

    tried = back(world.app)

    assert (tried.result, bool(tried.words)) == (Result.REFUSED, True)
    assert secret_in_use(world) == new
    assert world.app.sealed_former_secret == ""
    assert back(world.app).result == Result.GONE


def test_a_secret_entered_meanwhile_is_not_replaced_by_an_older_one(world, sandbox, monkeypatch):
    new = reset_at_meta(world, sandbox)
    client = resolver.graph_client()
    ask = client.describe_token

    def somebody_else_enters_another(*asked, **how):
        secret_rotation.propose(world.app, "somebody-else's")
        return ask(*asked, **how)

    monkeypatch.setattr(client, "describe_token", somebody_else_enters_another)
    old = secret_in_use(world)

    assert rotate(world.app, new).result == Result.GONE
    assert secret_in_use(world) == old
    assert app_key(world.app, world.app.sealed_next_secret).app_secret == "somebody-else's"


def test_a_former_secret_is_forgotten_after_a_week(world, sandbox):
    rotate(world.app, reset_at_meta(world, sandbox))
    now = timezone.now()

    assert secret_rotation.forget_old(now + timedelta(days=6)) == 0
    assert secret_rotation.forget_old(now + timedelta(days=8)) == 1
    assert world.app.sealed_former_secret == ""


def test_secrets_that_wait_or_are_kept_are_encrypted_anew_with_the_others(world, sandbox, settings):
    rotate(world.app, reset_at_meta(world, sandbox))
    secret_rotation.propose(world.app, "the next")
    old_key = settings.IDLINK_ENCRYPTION_KEYS[0]
    new_key = "bmV3LWtleS1uZXcta2V5LW5ldy1rZXktMDEyMzQ1Njc="
    settings.IDLINK_ENCRYPTION_KEYS = [new_key, old_key]

    call_command("rotate_secrets")
    settings.IDLINK_ENCRYPTION_KEYS = [new_key]

    app = world.app
    assert all(app_key(app, getattr(app, column)) for column in COLUMNS)


def test_the_round_of_checks_has_waiting_secrets_tried_and_old_ones_forgotten(world, sandbox, monkeypatch):
    rotate(world.app, reset_at_meta(world, sandbox))
    FacebookApp.objects.filter(pk=world.app.pk).update(secret_set_at=timezone.now() - timedelta(days=8))
    secret_rotation.propose(world.app, "the next")
    sent: list[dict] = []
    for task in (tasks.try_secret, tasks.check_token):
        monkeypatch.setattr(
            task, "apply_async", lambda kwargs, name=task.name, **how: sent.append({"task": name, **kwargs})
        )

    tasks.check_tokens()

    assert {"task": "lookups.try_secret", "app_pk": world.app.pk} in sent
    assert world.app.sealed_former_secret == ""
    assert "the next" not in repr(sent)
