"""Searching as browsers do it: the text goes by POST, which leads to an address that doesn't show it."""

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse


def search_address(client: Client, text: str) -> str:
    """Where a search leads."""
    return client.post(reverse("find"), {"q": text}).url


def found(client: Client, text: str, more: str = "") -> HttpResponse:
    """What a search shows; `more` comes to the end of its address."""
    return client.get(search_address(client, text) + more)
