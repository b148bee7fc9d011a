"""Token health, a token's page and the banner as their users meet them; no page ever holds a token."""

import io
import logging
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from businesses.credentials import Choice, choice_for, opened
from businesses.models import AccessToken, Asset, FacebookApp, Role
from lookups import tasks
from lookups.asking import resolver
from lookups.asking.starting import ask_about
from lookups.models import Lookup
from lookups.sandbox.world.default_world import default_world
from lookups.sandbox.world.tokens import page_token
from lookups.tokens import checking
from tests.makers import make_token, make_user
from tests.pages import member, text_of

HEALTH = "/admin/businesses/accesstoken/health/"
ADD = "/admin/businesses/accesstoken/add/"


@pytest.fixture
def sent(monkeypatch) -> list[dict]:
    """What would be sent to workers: the arguments of each message."""
    messages: list[dict] = []
    for task in (tasks.check_token, tasks.check_tokens, tasks.resolve_waiting, tasks.take_new_secret):
        monkeypatch.setattr(
            task, "apply_async", lambda kwargs, name=task.name, **how: messages.append({"task": name, **kwargs})
        )
    return messages


@pytest.fixture
def token(world) -> AccessToken:
    return world.page.tokens.get()


def check_all() -> None:
    for pk in AccessToken.objects.values_list("pk", flat=True):
        checking.check(resolver.graph_client(), pk, now=timezone.now())


def page_of(token: AccessToken, view: str = "change") -> str:
    return reverse(f"admin:businesses_accesstoken_{view}", args=[token.pk])


def happens(sandbox, world, **what) -> None:
    sandbox.control("tokens", {"token_of": {"page": world.page.graph_id}, **what})


def test_all_tokens_of_ones_businesses_stand_on_one_page_with_what_graph_tells(world, admin, token):
    check_all()

    told = text_of(admin.get(HEALTH))

    for name in ("John's Next Great Thing", "John's Fan Club", "JohnsMovieApp", "John's Game App"):
        assert name in told
    assert "North Harbour" not in told
    assert token.fingerprint in told
    assert "made by JohnsMovieApp; pages_messaging, pages_show_list" in told
    assert "It is valid, with no end." in told


def test_what_dies_first_comes_first_with_its_remedy(world, admin, sandbox):
    fan = Asset.objects.get(name="John's Fan Club")
    helping = Asset.objects.get(name="John's Game Help")
    happens(sandbox, world, because="role lost")
    sandbox.control("tokens", {"token_of": {"page": fan.graph_id}, "ends_in": 2.5 * 86400})
    sandbox.control("tokens", {"token_of": {"page": helping.graph_id}, "data_access_ends_in": 10.5 * 86400})
    check_all()

    told = text_of(admin.get(HEALTH))

    words = [
        "Graph refuses it since", "the role on the page was lost.", "an admin of the Page can mend it",
        "dies soon", "It expires in 2 days",
        "needs attention", "Its access to people's data ends in 10 days",
        "Log in to the app again: 90 days begin anew.",
        "It is valid, with no end.",
    ]  # fmt: skip
    places = [told.lower().find(one.lower()) for one in words]
    assert -1 not in places
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("days", "level"), [(14.5, "works"), (13.5, "needs attention"), (3.5, "needs attention"), (2.9, "dies soon")]
)
def test_warnings_begin_at_14_and_at_3_days(world, admin, sandbox, days, level):
    happens(sandbox, world, ends_in=days * 86400)
    check_all()
    AccessToken.objects.exclude(asset=world.page).delete()

    rows = re.findall(r"<tr>.*?</tr>", admin.get(HEALTH).content.decode(), re.DOTALL)

    (row,) = [one for one in rows if "John's Next Great Thing" in one.replace("&#x27;", "'")]
    assert level in row


def test_needs_me_shows_just_what_needs_somebody_and_says_so_when_nothing_does(world, admin, sandbox):
    check_all()
    assert "Nothing needs you." in text_of(admin.get(HEALTH, {"show": "mine"}))

    happens(sandbox, world, because="password changed")
    check_all()
    told = text_of(admin.get(HEALTH, {"show": "mine"}))
    assert "Needs me (1)" in told
    assert "John's Next Great Thing" in told
    assert "John's Fan Club" not in told


def test_apps_and_pages_without_a_token_are_listed(world, admin, token):
    token.delete()

    said = text_of(admin.get(HEALTH))

    assert "“John's Next Great Thing” has no page access token. What to do: Add one under Access tokens." in said


def test_what_is_retired_needs_nobody(world, admin, token, sandbox):
    check_all()
    happens(sandbox, world, because="role lost")
    check_all()
    Asset.objects.filter(pk=world.page.pk).update(retired_at=timezone.now())

    assert "Needs me (0)" in text_of(admin.get(HEALTH))
    assert banner(admin) == ""
    token.delete()
    assert "John's Next Great Thing" not in text_of(admin.get(HEALTH))


def test_nobody_without_a_business_sees_anything(world):
    client = Client()
    client.force_login(make_user("new"))

    assert client.get(HEALTH).status_code in (403, 404)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.STAFF])
def test_others_than_admins_see_but_can_do_nothing(world, token, role, sent):
    client = member(world.page.business, role)

    assert "Check now" not in client.get(HEALTH).content.decode()
    assert "Check now" not in client.get(page_of(token)).content.decode()
    assert client.post(page_of(token, "check")).status_code == 404
    assert "Needs me (0)" in text_of(client.get(HEALTH))
    assert sent == []


def test_check_now_is_a_post_that_has_the_token_checked(world, admin, token, sent, django_capture_on_commit_callbacks):
    assert admin.get(page_of(token, "check")).status_code == 405

    with django_capture_on_commit_callbacks(execute=True):
        response = admin.post(page_of(token, "check"))
    assert sent == [{"task": "lookups.check_token", "token_pk": token.pk, "by_hand": True}]

    waiting = admin.get(response.url)
    assert "Asking Graph what this token is" in text_of(waiting)
    assert "hx-get" in waiting.content.decode()
    tasks.check_token(token.pk, by_hand=True)
    done = admin.get(response.url)
    assert "It is valid, with no end." in text_of(done)
    assert "hx-get" not in done.content.decode().partition('id="token-state"')[2].partition("What it is")[0]


def test_the_page_stops_waiting_when_no_worker_comes(admin, token):
    long_ago = (timezone.now() - timedelta(minutes=3)).timestamp()

    told = admin.get(page_of(token), {"since": str(long_ago)})

    assert "No worker has come round to the check yet" in text_of(told)
    assert admin.get(page_of(token), {"since": "nonsense"}).status_code == 200
    assert admin.get(page_of(token), {"since": "1e400"}).status_code == 200


def test_a_saved_token_leads_to_its_verdict_and_what_it_opens(
    world, admin, token, sent, django_capture_on_commit_callbacks
):
    check_all()
    value = page_token(default_world(), world.page.graph_id)
    with django_capture_on_commit_callbacks(execute=True):
        response = admin.post(ADD, {"business": world.page.business.pk, "asset": world.page.pk, "token": value})
    new = AccessToken.objects.latest("pk")
    assert response.url.startswith(page_of(new))
    assert sent == [{"task": "lookups.check_token", "token_pk": new.pk, "by_hand": True}]
    assert "takes over when a check or a call has shown that it works" in text_of(admin.get(page_of(new)))

    tasks.check_token(new.pk)

    told = text_of(admin.get(response.url))
    assert "opens PSID → IDs for apps" in told
    assert "opens PSID → IDs for Pages" in told
    assert "does not open ASID → IDs for apps : needs an app access token" in told
    old = text_of(admin.get(page_of(token)))
    assert f"is asked with {new.fingerprint} , which has shown that it works" in old
    assert "Delete that one to go back to this." in old


def test_going_back_to_the_old_token_is_deleting_the_new_one(world, admin, token, sent):
    check_all()
    new = make_token(world.page, page_token(default_world(), world.page.graph_id))
    tasks.check_token(new.pk)
    assert choice_for(world.page).token_pk == new.pk
    address = page_of(new, "delete")
    assert address in admin.get(page_of(new)).content.decode()

    admin.post(address, {"post": "yes"})

    assert choice_for(world.page).token_pk == token.pk


def test_a_wrong_token_is_kept_unused_and_says_why(world, admin, token, sent):
    check_all()
    wrong = make_token(world.page, page_token(default_world(), "380374449010777"))
    tasks.check_token(wrong.pk)

    told = text_of(admin.get(page_of(wrong)))

    assert "It is of the Page 380374449010777, not of “John's Next Great Thing”" in told
    assert "opens PSID" not in told.replace("does not open PSID", "")
    assert choice_for(world.page).token_pk == token.pk


def test_the_autopsy_tells_cause_times_what_suffers_and_who_can_mend_it(world, admin, token, sandbox):
    look_up(world, "12345123")
    happens(sandbox, world, because="role lost")
    look_up(world, "77001234567")

    told = text_of(admin.get(page_of(token)))

    assert "The role on the Page was lost" in told
    assert "Error 190/492" in told
    assert "1 lookup waits for a working token; it goes on by itself." in told
    assert "2 links age" in told
    assert "Who can mend it: an admin of the Page" in told
    links = text_of(admin.get(page_of(token, "links")))
    assert "645195294 in JohnsMovieApp" in links
    assert "10152368852405295 in John's Game App" in links
    listed = text_of(admin.get(reverse("admin:lookups_lookup_changelist"), held_list(world)))
    assert "77001234567" in listed
    assert "12345123" not in listed


def held_list(world) -> dict[str, str]:
    return {"state__exact": "held", "asset__id__exact": str(world.page.pk)}


def look_up(world, value: str) -> Lookup:
    lookup = ask_about(asset=world.page, value=value, by=world.user, now=timezone.now())
    while resolver.resolve_turn("staff", at_once=1, most=1):
        pass
    return lookup


def test_the_banner_is_for_admins_and_goes_when_the_token_is_replaced(world, admin, token, sandbox, sent):
    check_all()
    assert "access token" not in banner(admin)
    happens(sandbox, world, because="password changed")
    check_all()

    assert "John's Entertainment: 1 access token can't be used. See what to do" in banner(admin)
    assert banner(member(world.page.business, Role.STAFF)) == ""

    happens(sandbox, world, refuse=None)
    tasks.check_token(make_token(world.page, page_token(default_world(), world.page.graph_id)).pk)
    assert banner(admin) == ""


def banner(client: Client) -> str:
    found = re.search(
        r'aria-label="Access tokens that need you">(.*?)</section>', client.get("/admin/find/").content.decode(), re.S
    )
    words = re.sub(r"<[^>]+>", " ", found[1]) if found else ""
    return re.sub(r" ([:.])", r"\1", re.sub(r"\s+", " ", words)).replace("&#x27;", "'").strip()


def test_saving_an_apps_secret_has_its_tokens_checked(world, admin, sent, django_capture_on_commit_callbacks, settings):
    app = world.app
    with django_capture_on_commit_callbacks(execute=True):
        app.set_secret("another")
    assert sent == [{"task": "lookups.take_new_secret", "app_pk": app.pk}]

    sent.clear()
    tasks.take_new_secret(app.pk)
    of_app = AccessToken.objects.filter(asset=app) | AccessToken.objects.filter(asset__managed_by=app)
    assert {one["token_pk"] for one in sent} == set(of_app.values_list("pk", flat=True))


def test_no_token_in_any_page_log_or_message(world, admin, sandbox, sent, django_capture_on_commit_callbacks):
    canary = f"{page_token(default_world(), '380374449010777')}"
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        pages = seen_with(canary, world, admin, sandbox, django_capture_on_commit_callbacks)
    finally:
        root.setLevel(level)
        root.removeHandler(handler)

    secrets = [canary, *(secret for app in FacebookApp.objects.all() for secret in secrets_of(app))]
    everything = stream.getvalue() + "".join(pages) + repr(sent) + repr(list(AccessToken.objects.values()))
    assert len(secrets) > 6
    for secret in secrets:
        for start in range(0, len(secret) - 12, 6):
            assert secret[start : start + 12] not in everything or secret[start : start + 12].isdigit()


def secrets_of(app: FacebookApp) -> list[str]:
    found = choice_for(app)
    if not isinstance(found, Choice):
        return []
    credential = opened(found)
    return [credential.token.partition("|")[2], credential.app_secret]


def seen_with(canary: str, world, admin, sandbox, on_commit) -> list[str]:
    """Save the token where it does not belong, let it be checked in fair weather and foul; give all pages seen."""
    form = {"business": world.page.business.pk, "asset": world.page.pk, "token": canary}
    pages = [admin.post(ADD, {**form, "business": ""}).content.decode()]
    with on_commit(execute=True):
        admin.post(ADD, form)
    new = AccessToken.objects.latest("pk")
    tasks.check_token(new.pk)
    check_all()
    addresses = [HEALTH, page_of(new), page_of(new, "links"), "/admin/businesses/accesstoken/"]
    return pages + [admin.get(address).content.decode() for address in addresses]
