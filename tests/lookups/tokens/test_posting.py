"""A mailbox that its server refuses delays nobody's mail but its own; over a real connection to a mail server."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from businesses.models import Business, Role, UnsentMail
from lookups.tokens import posting
from tests.makers import make_business, make_user
from tests.pages import text_of
from tests.smtp_server import Mailboxes, smtp_server

pytestmark = pytest.mark.django_db
HEALTH = "/admin/businesses/accesstoken/health/"


@pytest.fixture
def boxes(settings) -> Iterator[Mailboxes]:
    with smtp_server() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield running


@pytest.fixture
def businesses() -> list[Business]:
    """Two businesses with two admins each."""
    made = []
    for name in ("Alder", "Birch"):
        made.append(make_business(name))
        for who in ("ana", "ben"):
            admin = make_user(f"{who}-{name}", made[-1], role=Role.ADMIN)
            admin.email = f"{who}@{name}.example".lower()
            admin.save()
    return made


def told(businesses: list[Business]) -> None:
    for business in businesses:
        posting.put_in(business, "A token needs you", "It is dead.", timezone.now())


def shown_to(name: str) -> str:
    """What *Token health* says to this user."""
    client = Client()
    client.force_login(User.objects.get(username=name))
    return text_of(client.get(HEALTH))


def test_the_mail_of_a_refused_mailbox_waits_and_all_others_are_sent(boxes, businesses):
    boxes.refused = {"ana@alder.example"}
    told(businesses)

    assert posting.send_due(timezone.now()) == 3

    assert sorted(boxes.taken) == ["ana@birch.example", "ben@alder.example", "ben@birch.example"]
    waiting = UnsentMail.objects.get()
    assert waiting.user.email == "ana@alder.example"
    assert waiting.failure == "The mail server refuses this address (550)."


def test_it_is_tried_again_ever_more_rarely_until_it_is_sent(boxes, businesses):
    boxes.refused = {"ana@alder.example"}
    told(businesses[:1])
    tries, now = [], timezone.now()
    for minutes in range(0, 60, 5):
        posting.send_due(now + timedelta(minutes=minutes))
        tries.append(UnsentMail.objects.get().tries)
    assert tries == [1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4]

    boxes.refused = set()
    assert posting.send_due(now + timedelta(days=2)) == 1

    assert boxes.taken[-1] == "ana@alder.example"
    assert not UnsentMail.objects.exists()


def test_the_admins_of_the_business_see_what_could_not_be_sent_and_nobody_else_does(boxes, businesses):
    boxes.refused = {"ana@alder.example"}
    told(businesses)
    posting.send_due(timezone.now())

    assert "ana@alder.example: The mail server refuses this address (550)." in shown_to("ben-Alder")
    assert "ana@alder.example" not in shown_to("ben-Birch")
    make_user("sam", businesses[0], role=Role.STAFF)
    assert "ana@alder.example" not in shown_to("sam")


def test_a_corrected_address_gets_the_mail_and_who_is_no_admin_any_more_does_not(boxes, businesses):
    boxes.refused, later = {"ana@alder.example", "ben@alder.example"}, timezone.now() + timedelta(hours=1)
    told(businesses[:1])
    posting.send_due(timezone.now())
    ana, ben = (mail.user for mail in UnsentMail.objects.order_by("user__username"))
    ana.email = "ana@new.example"
    ana.save()
    ben.memberships.all().delete()

    assert posting.send_due(later) == 1

    assert boxes.taken == ["ana@new.example"]
    assert not UnsentMail.objects.exists()


def test_a_server_that_does_not_answer_is_asked_once_in_a_round(boxes, businesses, settings, caplog):
    settings.EMAIL_PORT = 9
    told(businesses)

    assert posting.send_due(timezone.now()) == 0

    assert sorted(UnsentMail.objects.values_list("tries", flat=True)) == [0, 0, 0, 1]
    assert "could not be sent: ConnectionRefusedError" in caplog.text


def test_what_is_a_week_old_is_sent_no_more(boxes, businesses):
    told(businesses)

    assert posting.send_due(timezone.now() + timedelta(days=8)) == 0

    assert not UnsentMail.objects.exists()
