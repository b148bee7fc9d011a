"""Short ways for tests of pages: somebody who is logged in, a person to look at, what a page says."""

import html
import re

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from businesses.models import Business, Role
from lookups.asking.starting import ask_about
from lookups.models import Person
from tests.lookups.people_of_johns import PSID, resolve
from tests.makers import make_user

FIND = "/admin/find/"


def member(business: Business, role: Role = Role.STAFF) -> Client:
    """Somebody who has just logged in, with this role in the business."""
    client = Client()
    client.force_login(make_user(f"a {role}", business, role=role))
    return client


def text_of(response: HttpResponse) -> str:
    """What a page says, without tags."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def looked_up(world, value: str = PSID) -> Person:
    """A person, found by a real lookup."""
    lookup = ask_about(asset=world.page, value=value, by=world.user, now=timezone.now())
    resolve()
    lookup.refresh_from_db()
    return lookup.scoped_id.person
