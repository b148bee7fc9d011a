"""Finds the business that a command's option names."""

from django.core.management.base import CommandError

from businesses.models import Business


def business_named(text: str) -> Business:
    """Find a business by primary key, else by Graph ID, else by name."""
    is_key = text.isascii() and text.isdecimal() and len(text) <= 18
    found = list(Business.objects.filter(pk=int(text))) if is_key else []
    found = found or list(Business.objects.filter(graph_id=text)) or list(Business.objects.filter(name=text))
    if not found:
        raise CommandError(f"There is no business with the primary key, Graph ID or name “{text}”.")
    if len(found) > 1:
        raise CommandError(f"{len(found)} businesses are named “{text}”: give the Graph ID of one.")
    return found[0]
