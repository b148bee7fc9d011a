"""The pages: they translate between a browser and the rooms below, and hold no rule. Importing this registers them.

    people     persons, their history, conflicts, decisions
    lists      lists and runs
    tokens     tokens, app secrets, owners, preflight: for admins
    asking     *Find a person*, lookups, reviews
    freshness  how fresh IDs are, and schedules

A page may call any room of `lookups` but `management`; only `idlink.urls` calls a page. Begin reading at
`asking.finding`, then `people.person_page`.
"""

from lookups.admin.asking import lookup, policy_review
from lookups.admin.freshness import freshness_count, schedule
from lookups.admin.lists import run
from lookups.admin.people import conflict, person
from lookups.admin.tokens import access_token, app_secret, business

__all__ = [
    "access_token",
    "app_secret",
    "business",
    "conflict",
    "freshness_count",
    "lookup",
    "person",
    "policy_review",
    "run",
    "schedule",
]
