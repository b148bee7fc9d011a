"""Schedules in the admin: superusers change how often, nobody what; the sweep is shown only."""

import pytest
from django.conf import settings
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask, PeriodicTasks

from businesses.models import Role
from idlink.beat import store_schedules
from lookups.admin.freshness.schedule import ABOUT
from tests.makers import make_business, make_user

pytestmark = [pytest.mark.django_db]
LIST = "admin:django_celery_beat_periodictask_changelist"


@pytest.fixture(autouse=True)
def _installed() -> None:
    store_schedules(settings.CELERY_BEAT_SCHEDULE)


@pytest.fixture
def root() -> Client:
    client = Client()
    client.force_login(make_user("root", superuser=True))
    return client


def address_of(name: str) -> str:
    return reverse("admin:django_celery_beat_periodictask_change", args=[PeriodicTask.objects.get(name=name).pk])


def test_every_schedule_is_listed_with_what_it_does(root):
    page = root.get(reverse(LIST)).content.decode()

    assert set(settings.CELERY_BEAT_SCHEDULE) == set(ABOUT)
    for name, about in ABOUT.items():
        assert name in page
        assert about in page


def test_a_schedule_is_changed_and_others_with_the_same_interval_keep_theirs(root):
    store_schedules({"other": {"task": "lookups.refresh", "schedule": 60}})
    before = PeriodicTasks.last_change()

    answer = root.post(address_of("refresh"), {"enabled": "on", "every": "10", "period": "minutes"})

    assert answer.status_code == 302
    refresh, other = (PeriodicTask.objects.get(name=name) for name in ("refresh", "other"))
    assert (refresh.interval.every, refresh.interval.period, refresh.enabled) == (10, "minutes", True)
    assert (refresh.task, refresh.queue, refresh.args, refresh.kwargs) == ("lookups.refresh", "bulk", "[]", "{}")
    assert other.interval.schedule.run_every.total_seconds() == 60
    assert PeriodicTasks.last_change() > before, "beat looks at this to read the schedules anew"


def test_a_schedule_is_switched_off(root):
    root.post(address_of("mail_admins"), {"every": "300", "period": "seconds"})

    assert not PeriodicTask.objects.get(name="mail_admins").enabled


@pytest.mark.parametrize(("every", "period"), [("1", "seconds"), ("0", "hours"), ("8", "days"), ("x", "hours")])
def test_what_is_too_often_or_never_is_refused(root, every, period):
    page = root.post(address_of("refresh"), {"enabled": "on", "every": every, "period": period})

    assert page.status_code == 200
    assert PeriodicTask.objects.get(name="refresh").interval.schedule.run_every.total_seconds() == 60


def test_neither_the_task_nor_its_arguments_can_be_changed(root):
    root.post(
        address_of("refresh"),
        {"enabled": "on", "every": "60", "period": "seconds", "task": "os.system", "args": '["x"]', "name": "x"},
    )

    row = PeriodicTask.objects.get(name="refresh")
    assert (row.task, row.args) == ("lookups.refresh", "[]")


def test_the_sweep_can_be_seen_but_not_changed_and_nothing_added_or_deleted(root):
    assert root.get(address_of("sweep")).status_code == 200
    assert root.post(address_of("sweep"), {"every": "9", "period": "hours"}).status_code == 403
    assert root.get(reverse("admin:django_celery_beat_periodictask_add")).status_code == 403
    assert root.post(address_of("refresh").replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert PeriodicTask.objects.filter(name="sweep", enabled=True).exists()


@pytest.mark.parametrize("role", list(Role))
def test_others_than_superusers_find_nothing(role):
    client = Client()
    client.force_login(make_user("ana", make_business(), role=role))

    assert client.get(reverse(LIST)).status_code == 403
    assert client.get(address_of("refresh")).status_code in (403, 404)
    assert client.post(address_of("refresh"), {"every": "9", "period": "days"}).status_code in (403, 404)
    assert "Schedules" not in client.get("/admin/find/").content.decode()


def test_the_library_s_own_pages_are_gone():
    assert not admin.site.is_registered(CrontabSchedule)
    assert not admin.site.is_registered(IntervalSchedule)
