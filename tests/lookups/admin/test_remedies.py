"""Every remedy that leads somewhere: whoever may act finds there what it names, others read whose turn it is."""

import re
from collections import defaultdict
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from businesses.models import Business, FacebookApp, Role
from businesses.reasons import REASONS, Place, Reason, Turn, nameless, reason
from lookups.templatetags.remedies import Reader, Remedy, told
from tests.makers import make_app, make_business, make_page, make_user

pytestmark = pytest.mark.django_db

LEADING = sorted(code for code, entry in REASONS.items() if entry.place)
ROLES = [*Role, "superuser"]
NAMED = {  # what a remedy sends to; of the business's page each code names another thing
    Place.TOKEN_FORM: r'name="token"',
    Place.NEW_SECRET: r'name="secret"',
    Place.APP_FORM: r'name="app_secret"',
    Place.PAGE_FORM: r'<select name="managed_by"',
    Place.FIND: r'<input id="q" name="q"',
    "policy_not_confirmed": r">Read and confirm the policy<",
    "not_owned": r">Check the owners now<",
    "only_shared": r">Check the owners now<",
    "not_one_business": r">Check the owners now<",
    "owner_not_asked": r">Find apps and Pages<",
}


@dataclass(frozen=True)
class Scene:
    """A reason as it comes up, in a business in which it does."""

    reason: Reason
    business: Business

    def user(self, role: str) -> User:
        """Somebody with this role there."""
        if role == "superuser":
            return make_user("the superuser", superuser=True)
        return make_user(f"a {role}", self.business, role=Role(role))

    def remedy(self, user: User) -> Remedy:
        """What this user reads."""
        return Reader(user).remedy_for(self.reason)


@pytest.fixture
def scene(code) -> Scene:
    business = make_business(policy=code != "policy_not_confirmed")
    place = REASONS[code].place
    app = make_app(business, secret="" if place == Place.APP_FORM else "a-secret")
    page = make_page(business, None if place == Place.PAGE_FORM else app)
    rows = {"asset": page, "app": app, "business": business}
    words = defaultdict(lambda: "…", token=page.kind_of.token)
    names = re.findall(r"{(\w+)}", REASONS[code].sentence)
    about = {name: rows[name] for name in {*names, place.row} & rows.keys()}
    texts = {name: words[name] for name in names if name not in rows}
    return Scene(reason(code, about=about, **texts), business)


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def may_act(code: str, role: str) -> bool:
    return role in ("admin", "superuser") or (role == "staff" and REASONS[code].turn == Turn.STAFF)


def pairs(*, acting: bool) -> list[tuple[str, str]]:
    return [(code, role) for code in LEADING for role in ROLES if may_act(code, role) == acting]


@pytest.mark.parametrize(("code", "role"), pairs(acting=True))
def test_whoever_may_act_finds_what_the_remedy_names(code, role, scene):
    user = scene.user(role)
    remedy = scene.remedy(user)

    page = browser_of(user).get(remedy.address)

    assert page.status_code == 200
    named = NAMED.get(code) or NAMED[REASONS[code].place]
    assert re.search(named, page.content.decode()), f"{remedy.text} → {remedy.address}"
    assert "sk an admin" not in remedy.text
    assert "{" not in remedy.text


@pytest.mark.parametrize(("code", "role"), pairs(acting=False))
def test_others_get_no_link_but_read_whose_turn_it_is(code, role, scene):
    remedy = scene.remedy(scene.user(role))

    assert (remedy.address, remedy.label) == ("", "")
    assert REASONS[code].turn.label in remedy.text


@pytest.mark.parametrize("code", LEADING)
def test_an_admin_of_another_business_gets_no_link(code, scene):
    stranger = make_user("a stranger", make_business("Other"), role=Role.ADMIN)

    assert scene.remedy(stranger).address == ""


@pytest.mark.parametrize("code", sorted(set(REASONS) - set(LEADING)))
def test_what_is_done_nowhere_here_has_no_link(code):
    superuser = make_user("the superuser", superuser=True)

    assert Reader(superuser).remedy_for(nameless(code)).address == ""


@pytest.mark.parametrize("code", ["no_token"])
def test_the_form_of_a_token_has_the_app_or_page_chosen(code, scene):
    admin = scene.user("admin")

    page = browser_of(admin).get(scene.remedy(admin).address).content.decode()

    chosen = re.findall(r'<option value="(\d+)"\s+selected', page)
    assert set(chosen) == {str(pk) for name, pk in scene.reason.about if name in ("business", "asset")}


@pytest.mark.parametrize("code", ["no_secret"])
def test_once_a_secret_is_stored_the_apps_form_has_no_field_for_one(code, scene):
    """So no remedy for a secret that is wrong leads there."""
    admin, app = scene.user("admin"), dict(scene.reason.about)["app"]
    before = browser_of(admin).get(reverse("admin:businesses_facebookapp_change", args=[app])).content.decode()
    FacebookApp.objects.get(pk=app).set_secret("a-secret")
    after = browser_of(admin).get(reverse("admin:businesses_facebookapp_change", args=[app])).content.decode()

    assert 'name="app_secret"' in before
    assert 'name="app_secret"' not in after
    assert f"/{app}/secret/" in after


@pytest.mark.parametrize("code", ["no_token"])
def test_a_message_leads_there_too_and_takes_names_as_they_are(code, scene, rf):
    scene.business.assets.pages().update(name="<b>Bot</b>")
    page = scene.business.assets.pages().get()
    request = rf.get("/")
    request.user = scene.user("admin")

    said = told(request, [reason("no_token", about={"asset": page}, token="page access token")])

    assert "“&lt;b&gt;Bot&lt;/b&gt;” has no page access token. Add one under Access tokens. <a " in said
