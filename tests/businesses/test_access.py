"""Who may see and do what."""

import pytest

from businesses.access import Action, business_keys_of, businesses_of, may, may_here, visible
from businesses.models import FacebookApp, Role
from tests.makers import make_app, make_business, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.VIEWER, {Action.VIEW}),
        (Role.STAFF, {Action.VIEW, Action.ASK}),
        (Role.ADMIN, {Action.VIEW, Action.ASK, Action.DECIDE, Action.MANAGE}),
    ],
)
def test_each_role_may_do_just_its_own(role, allowed):
    business = make_business()
    user = make_user("ana", business, role=role)

    assert {action for action in Action if may(user, action, business)} == allowed


def test_the_menu_asks_once_a_request(rf, django_assert_num_queries):
    request = rf.get("/")
    request.user = make_user("ana", make_business(), role=Role.STAFF)

    with django_assert_num_queries(1):
        told = [[may_here(request, action) for action in (Action.ASK, Action.MANAGE)] for _ in range(3)]

    assert told == [[True, False]] * 3
    assert not may_here(request, Action.VIEW, make_business("Other"))


def test_members_see_their_own_business_only():
    own, other = make_business("Own"), make_business("Other")
    make_app(own, "own app")
    make_app(other, "other app")

    seen = visible(FacebookApp.objects.all(), make_user("ana", own))

    assert [app.name for app in seen] == ["own app"]


def test_a_user_switched_off_sees_nothing():
    user = make_user("ana", make_app(make_business()).business, superuser=True)
    assert visible(FacebookApp.objects.all(), user).exists()
    user.is_active = False

    assert not businesses_of(user).exists()
    assert not visible(FacebookApp.objects.all(), user).exists()


def test_roles_are_read_once_a_request_and_anew_for_the_next(django_assert_num_queries):
    own, other = make_business("Own"), make_business("Other")
    user = make_user("ana", own, role=Role.STAFF)

    with django_assert_num_queries(1):
        assert may(user, Action.ASK, own)
        assert not may(user, Action.DECIDE, own)
        assert not may(user, Action.VIEW, other)
        assert business_keys_of(user) == [own.pk]
    own.memberships.all().delete()

    assert not may(type(user).objects.get(pk=user.pk), Action.VIEW, own), "a request has a user of its own"


def test_only_an_active_member_of_staff_has_businesses():
    user = make_user("ana", make_business(), role=Role.ADMIN)

    for switch in ("is_staff", "is_active"):
        switched = type(user).objects.get(pk=user.pk)
        setattr(switched, switch, False)
        assert business_keys_of(switched) == []
        assert not may(switched, Action.VIEW)


def test_who_runs_idlink_sees_every_business():
    user = make_user("root", superuser=True)
    assert not may(user, Action.VIEW), "there is none yet"

    keys = [make_business("Own").pk, make_business("Other").pk]

    assert sorted(business_keys_of(user)) == keys
