"""Addresses of *Find a person* that search for a text, and don't show it."""

from urllib.parse import urlencode

from django import template
from django.template import Context
from django.urls import reverse

from businesses.access import AnyUser
from lookups.people.sealed_search import seal_search

register = template.Library()


def find_address(text: str, user: AnyUser, **more: str) -> str:
    """Give the address at which a user sees what a text finds."""
    return f"{reverse('find')}?{urlencode({'key': seal_search(text, user), **more})}"


@register.simple_tag(takes_context=True)
def asking_address(context: Context, text: str) -> str:
    """Give the address at which the reader is asked to which app or Page an ID belongs."""
    return find_address(text, context["request"].user, ask="1")
