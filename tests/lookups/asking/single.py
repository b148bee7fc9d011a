"""Single lookups in tests: asked for, and resolved at once."""

from django.utils import timezone

from businesses.credentials import opened
from lookups.asking import recording, resolver
from lookups.asking.planning import plan
from lookups.asking.reports import Reported
from lookups.asking.starting import ask_about
from lookups.models import Lookup


def ask(world, asset, value) -> Lookup:
    return ask_about(asset=asset, value=value, by=world.user, now=timezone.now())


def resolve(lookup: Lookup) -> Lookup:
    """Resolve all that waits, and read the lookup again."""
    while resolver.resolve_turn("staff", at_once=1, most=1):
        pass
    lookup.refresh_from_db()
    return lookup


def answer(claimed: list[Lookup]) -> None:
    """Do what a worker does after its claim, however late."""
    credential, now = plan(claimed[0].asset).credential, timezone.now()
    replies = resolver._ask([resolver._question(lookup) for lookup in claimed], opened(credential))
    reported = [Reported(*pair) for pair in zip(claimed, replies, strict=True)]
    recording.record(reported, credential, asked_at=now, now=now)
