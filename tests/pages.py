"""Pages as their users see them: who is logged in, and what a page says."""

import html
import re
from typing import Any

from django.test import Client

from businesses.models import Business, Role
from tests.makers import make_user


def member(business: Business, role: Role = Role.STAFF) -> Client:
    """The browser of somebody with this role in a business."""
    client = Client()
    client.force_login(make_user(f"a {role}", business, role=role))
    return client


def text_of(response: Any) -> str:
    """What the page says, without tags."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))
