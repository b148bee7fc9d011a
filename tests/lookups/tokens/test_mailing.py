"""Admins are told by e-mail once of what needs a person; a mail server that fails harms nothing else."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from businesses.models import AccessToken, Asset, Role
from lookups.asking import resolver
from lookups.models import PolicyReview
from lookups.sandbox.world.default_world import default_world
from lookups.sandbox.world.tokens import page_token
from lookups.tokens import checking, mailing
from tests.makers import make_business, make_token, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(world):
    """An admin of John's Entertainment."""
    return user("ana", world.page.business, Role.ADMIN)


def user(name: str, business, role: Role, **fields):
    made = make_user(name, business, role=role)
    made.email = f"{name}@example.com"
    for field, value in fields.items():
        setattr(made, field, value)
    made.save()
    return made


def check_all() -> None:
    for pk in AccessToken.objects.values_list("pk", flat=True):
        checking.check(resolver.graph_client(), pk, now=timezone.now())


def happens(sandbox, world, **what) -> None:
    sandbox.control("tokens", {"token_of": {"page": world.page.graph_id}, **what})
    check_all()


def mails(*, minutes: int = 0) -> list[mail.EmailMessage]:
    """What is sent now, or so many minutes later."""
    mail.outbox.clear()
    mailing.mail_what_is_new(timezone.now() + timedelta(minutes=minutes))
    return list(mail.outbox)


def test_a_dead_token_is_told_once_with_cause_and_remedy(world, ana, sandbox):
    happens(sandbox, world, because="password changed")

    (told,) = mails()

    assert told.subject == "idlink: the page access token of “John's Next Great Thing” needs you (John's Entertainment)"
    assert told.recipients() == ["ana@example.com"]
    assert "the password was changed" in told.body
    assert "What to do: The person whose login made the token can mend it." in told.body
    assert mails() == []


def test_each_step_towards_the_end_is_told_once(world, ana, sandbox):
    subjects = []
    for days in (20, 13, 12, 2.5, 2, -1):
        happens(sandbox, world, ends_in=days * 86400)
        subjects.append(len(mails()))

    assert subjects == [0, 1, 0, 1, 0, 1]


def test_a_token_that_relapses_is_told_again(world, ana, sandbox):
    happens(sandbox, world, refuse={"code": 190, "subcode": 459})
    assert len(mails()) == 1
    happens(sandbox, world, refuse=None)
    assert mails() == []
    happens(sandbox, world, refuse={"code": 190, "subcode": 459})
    assert len(mails()) == 1


def test_nobody_is_bothered_about_a_token_that_another_has_replaced(world, ana, sandbox):
    new = make_token(world.page, page_token(default_world(), world.page.graph_id))
    check_all()
    old = world.page.tokens.exclude(pk=new.pk).get()
    old.last_check.mark_refused(because="gone", at=timezone.now(), code=190, subcode=460)

    assert mails() == []


def test_several_in_one_business_make_one_mail(world, ana, sandbox):
    sandbox.control("secrets", {"app": world.app.graph_id})
    check_all()

    (told,) = mails()

    assert told.subject == "idlink: 3 access tokens need you (John's Entertainment)"


def test_only_active_admins_with_an_address_of_that_business_are_told(world, ana, sandbox):
    user("sam", world.page.business, Role.STAFF)
    user("gone", world.page.business, Role.ADMIN, is_active=False)
    user("silent", world.page.business, Role.ADMIN, email="")
    user("stranger", make_business("Elsewhere"), Role.ADMIN)
    happens(sandbox, world, because="role lost")

    (told,) = mails()

    assert told.recipients() == ["ana@example.com"]


def test_each_admin_gets_a_mail_without_the_address_of_the_others(world, ana, sandbox):
    user("ben", world.page.business, Role.ADMIN)
    happens(sandbox, world, because="role lost")

    assert sorted(told.recipients() for told in mails()) == [["ana@example.com"], ["ben@example.com"]]


def test_a_mail_holds_no_secret_and_no_id_of_a_person(world, ana, sandbox):
    happens(sandbox, world, because="role lost")

    (told,) = mails()

    text = told.subject + told.body
    assert world.page.graph_id not in text
    assert page_token(default_world(), world.page.graph_id)[:12] not in text
    assert "12345123" not in text


def test_a_mail_server_that_fails_is_tried_again_later_and_its_words_are_not_logged(
    world, ana, sandbox, monkeypatch, caplog
):
    happens(sandbox, world, because="role lost")

    def refuses(self, **how):
        raise OSError("535 authentication failed for mailer:hunter2")

    with monkeypatch.context() as broken:
        broken.setattr(mail.EmailMessage, "send", refuses)
        assert mails() == []
    assert "could not be sent: OSError" in caplog.text
    assert "hunter2" not in caplog.text

    assert len(mails(minutes=5)) == 1


def test_without_a_mail_server_nothing_is_marked_as_mailed(world, ana, sandbox, settings):
    happens(sandbox, world, because="role lost")
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, mailing.OFF
    assert mails() == []

    settings.EMAIL_BACKEND = working
    assert len(mails()) == 1


def test_a_review_is_told_once_as_it_begins(world, ana):
    now = timezone.now()
    review = PolicyReview.objects.create(
        business=world.page.business, opened_at=now, last_answer_at=now, next_probe_at=now + timedelta(hours=6),
        message="(#200) Your business is currently going through review to access this API.",
    )  # fmt: skip

    (told,) = mails()

    assert told.subject == "idlink: Meta reviews “John's Entertainment”"
    assert review.message in told.body
    assert mails() == []


def test_nobody_is_bothered_about_what_is_retired(world, ana, sandbox):
    Asset.objects.filter(pk=world.page.pk).update(retired_at=timezone.now())
    happens(sandbox, world, because="role lost")

    assert mails() == []
