"""A new app secret is tried with Graph before it takes over, and the one before stays for a way back."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from businesses.credentials import Choice, app_key, choice_for, opened
from businesses.models import AccessToken, AppSecret, Asset, FacebookApp, SecretRole
from lookups import tasks
from lookups.asking import resolver
from lookups.asking.starting import ask_about
from lookups.models import HeldFor, Lookup, State
from lookups.tokens import checking, secret_rotation
from lookups.tokens.secret_rotation import Trial, TrialResult

pytestmark = [pytest.mark.django_db, pytest.mark.orm]


@pytest.fixture
def broker(settings):
    """A place for the messages that wake workers."""
    (settings.VAR_DIR / "broker" / "queue").mkdir(parents=True, exist_ok=True)


def rotate(app: FacebookApp, secret: str) -> Trial:
    secret_rotation.propose(app, secret)
    return secret_rotation.try_next(resolver.graph_client(), app.pk, now=timezone.now())


def back(app: FacebookApp) -> Trial:
    return secret_rotation.go_back(resolver.graph_client(), app.pk, now=timezone.now())


def reset_at_meta(world, sandbox) -> str:
    """Reset the app's secret at Graph; gives the new one."""
    told: str = sandbox.control("secrets", {"app": world.app.graph_id})["secret"]
    return told


def secret_in_use(world) -> str:
    return secret_in_role(world, SecretRole.IN_USE)


def secret_in_role(world, role: SecretRole) -> str:
    """The text of one of the app's secrets; empty if there is none, or if only its refusal is kept."""
    key = app_key(world.app.secret_in_role(role))
    return key.app_secret if key else ""


def signs_with(asset: Asset) -> str:
    """The secret that questions about this app or Page are signed with, or why there is none."""
    found = choice_for(asset)
    return opened(found).app_secret if isinstance(found, Choice) else found.code


def ask_graph(world, sandbox) -> str:
    """Ask about one PSID and give the outcome that comes of it."""
    lookup = ask_about(asset=world.page, value="12345123", by=world.user, now=timezone.now())
    while resolver.resolve_turn("staff", at_once=1, most=1):
        pass
    return Lookup.objects.get(pk=lookup.pk).apps_outcome


def test_a_right_secret_takes_over_at_once_and_the_one_before_is_kept(world, sandbox):
    old, new = secret_in_use(world), reset_at_meta(world, sandbox)

    tried = rotate(world.app, new)

    assert tried.result == TrialResult.WORKS
    assert (signs_with(world.page), signs_with(world.app)) == (new, new)
    assert secret_in_role(world, SecretRole.FORMER) == old
    assert not world.app.secrets.filter(role=SecretRole.WAITING).exists()
    assert ask_graph(world, sandbox) == "linked"


def test_a_wrong_secret_changes_nothing_and_is_not_kept(world, sandbox):
    old, before = secret_in_use(world), world.app.tokens.get().pk

    tried = rotate(world.app, "not-the-secret-of-any-app")

    assert tried.result == TrialResult.REFUSED
    assert tried.words, "Graph's own words"
    assert "not-the-secret" not in repr(tried)
    assert [secret_in_role(world, role) for role in (SecretRole.WAITING, SecretRole.FORMER)] == ["", ""]
    assert signs_with(world.page) == old
    assert world.app.tokens.get().pk == before
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

    used = choice_for(world.app)
    assert isinstance(used, Choice)
    assert opened(used).token == f"{world.app.graph_id}|{new}"
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

    locks = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"] or "FOR NO KEY" in query["sql"]]
    assert locks
    assert all(lock.endswith('OF "businesses_appsecret"') for lock in locks), "else a row that refers to the app waits"


def test_an_app_without_a_token_gets_none(world, sandbox):
    world.app.tokens.all().delete()

    assert rotate(world.app, reset_at_meta(world, sandbox)).result == TrialResult.WORKS

    assert not world.app.tokens.exists()


def test_what_waited_for_the_secret_goes_on_when_the_new_one_is_there(world, sandbox, broker):
    lookup = ask_about(asset=world.page, value="12345123", by=world.user, now=timezone.now())
    new = reset_at_meta(world, sandbox)
    checking.check(resolver.graph_client(), world.page.tokens.get().pk, now=timezone.now())
    resolver.resolve_turn("staff", at_once=1, most=1)
    assert Lookup.objects.get(pk=lookup.pk).held_for == HeldFor.TOKEN

    rotate(world.app, new)
    tasks.take_new_secret(world.app.pk)

    assert Lookup.objects.get(pk=lookup.pk).state == State.WAITING
    while resolver.resolve_turn("staff", at_once=1, most=1):
        pass
    assert Lookup.objects.get(pk=lookup.pk).apps_outcome == "linked"


def test_while_graph_can_not_be_asked_the_new_secret_waits_and_the_old_one_signs(world, sandbox, settings):
    old, new = secret_in_use(world), reset_at_meta(world, sandbox)
    settings.IDLINK_GRAPH_URL = "http://127.0.0.1:9"
    resolver.graph_client.cache_clear()

    tried = rotate(world.app, new)

    app = world.app
    assert tried.result == TrialResult.TROUBLE
    assert app.secret_in_role(SecretRole.WAITING).trouble == tried.words != ""
    assert signs_with(world.page) == old
    assert secret_rotation.secrets_to_try(timezone.now()) == [], "not at once again"
    assert secret_rotation.secrets_to_try(timezone.now() + timedelta(minutes=10)) == [app.pk]

    settings.IDLINK_GRAPH_URL = sandbox.url
    resolver.graph_client.cache_clear()
    tasks.try_secret(app.pk)
    assert signs_with(world.page) == new
    assert world.app.secret.trouble == ""
    assert secret_rotation.secrets_to_try(timezone.now() + timedelta(minutes=10)) == []


def test_a_secret_that_is_reset_again_while_it_waits_never_takes_over(world, sandbox, settings):
    old, new = secret_in_use(world), reset_at_meta(world, sandbox)
    settings.IDLINK_GRAPH_URL = "http://127.0.0.1:9"
    resolver.graph_client.cache_clear()
    rotate(world.app, new)

    reset_at_meta(world, sandbox)
    settings.IDLINK_GRAPH_URL = sandbox.url
    resolver.graph_client.cache_clear()
    tried = secret_rotation.try_next(resolver.graph_client(), world.app.pk, now=timezone.now())

    assert tried.result == TrialResult.REFUSED
    refused = world.app.secret_in_role(SecretRole.WAITING)
    assert refused.sealed_value == ""
    assert refused.trouble == tried.words != ""
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
    AppSecret.objects.filter(app=world.app).update(role=SecretRole.FORMER)
    untried = AppSecret(
        business=world.app.business, app=world.app, role=SecretRole.IN_USE, set_at=timezone.now() - timedelta(days=1)
    )
    untried.set_value("entered-past-the-trial")
    untried.save()

    tried = back(world.app)

    assert tried.result == TrialResult.WORKS
    assert signs_with(world.page) == right
    assert signs_with(world.app) == right
    assert secret_in_role(world, SecretRole.FORMER) == "entered-past-the-trial"
    assert back(world.app).result == TrialResult.REFUSED
    assert signs_with(world.page) == right


def test_going_back_to_a_secret_that_graph_refuses_changes_nothing_and_forgets_it(world, sandbox):
    new = reset_at_meta(world, sandbox)
    rotate(world.app, new)

    tried = back(world.app)

    assert (tried.result, bool(tried.words)) == (TrialResult.REFUSED, True)
    assert secret_in_use(world) == new
    assert secret_in_role(world, SecretRole.FORMER) == ""
    assert back(world.app).result == TrialResult.GONE


def test_a_secret_entered_meanwhile_is_not_replaced_by_an_older_one(world, sandbox, monkeypatch):
    new = reset_at_meta(world, sandbox)
    client = resolver.graph_client()
    ask = client.describe_token

    def somebody_else_enters_another(*asked, **how):
        secret_rotation.propose(world.app, "somebody-else's")
        return ask(*asked, **how)

    monkeypatch.setattr(client, "describe_token", somebody_else_enters_another)
    old = secret_in_use(world)

    assert rotate(world.app, new).result == TrialResult.GONE
    assert secret_in_use(world) == old
    assert secret_in_role(world, SecretRole.WAITING) == "somebody-else's"


def test_a_former_secret_is_forgotten_after_a_week(world, sandbox):
    rotate(world.app, reset_at_meta(world, sandbox))
    now = timezone.now()

    assert secret_rotation.forget_old(now + timedelta(days=6)) == 0
    assert secret_rotation.forget_old(now + timedelta(days=8)) == 1
    assert secret_in_role(world, SecretRole.FORMER) == ""


def test_secrets_that_wait_or_are_kept_are_encrypted_anew_with_the_others(world, sandbox, settings):
    rotate(world.app, reset_at_meta(world, sandbox))
    secret_rotation.propose(world.app, "the next")
    old_key = settings.IDLINK_ENCRYPTION_KEYS[0]
    new_key = "bmV3LWtleS1uZXcta2V5LW5ldy1rZXktMDEyMzQ1Njc="
    settings.IDLINK_ENCRYPTION_KEYS = [new_key, old_key]

    call_command("rotate_secrets")
    settings.IDLINK_ENCRYPTION_KEYS = [new_key]

    roles = (SecretRole.IN_USE, SecretRole.WAITING, SecretRole.FORMER)
    assert all(secret_in_role(world, role) for role in roles)


def test_the_round_of_checks_has_waiting_secrets_tried_and_old_ones_forgotten(world, sandbox, monkeypatch):
    rotate(world.app, reset_at_meta(world, sandbox))
    world.app.secrets.filter(role=SecretRole.IN_USE).update(set_at=timezone.now() - timedelta(days=8))
    secret_rotation.propose(world.app, "the next")
    sent: list[dict] = []
    for task in (tasks.try_secret, tasks.check_token):
        monkeypatch.setattr(
            task, "apply_async", lambda kwargs, name=task.name, **how: sent.append({"task": name, **kwargs})
        )

    tasks.check_tokens()

    assert {"task": "lookups.try_secret", "app_pk": world.app.pk} in sent
    assert secret_in_role(world, SecretRole.FORMER) == ""
    assert "the next" not in repr(sent)
