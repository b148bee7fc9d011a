"""Known devices: browsers in which a user has logged in before. Strangers who guess the password lock only others out.

Such a browser keeps a signed cookie of that user. Failed log-ins that bring it are counted by themselves, under a name
of their own; whoever has no such cookie is counted under the user's plain name.
"""

import secrets
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import salted_hmac

_KEPT = 180 * 24 * 3600  # seconds; each log-in begins them anew


def counted_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str | None:
    """Give the name under which axes counts a log-in's failures."""
    name = (credentials or request.POST).get("username")
    device = _device(request, name) if name else ""
    return f"{name} on device {device}" if device else name


def remember_device(request: HttpRequest, response: HttpResponse, name: str) -> None:
    """Let the browser keep the cookie that makes it a known device of this user."""
    response.set_cookie(
        _cookie(name),
        _signer(name).sign(_device(request, name) or secrets.token_hex(8)),
        max_age=_KEPT,
        path=reverse("admin:login"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def _device(request: HttpRequest, name: str) -> str:
    """Give the device's random name from its cookie; empty without a cookie that was signed for this user."""
    try:
        return _signer(name).unsign(request.COOKIES.get(_cookie(name), ""), max_age=_KEPT)
    except BadSignature:
        return ""


def _cookie(name: str) -> str:
    return f"device_{salted_hmac('idlink.known_device', name, algorithm='sha256').hexdigest()[:16]}"


def _signer(name: str) -> TimestampSigner:
    return TimestampSigner(salt=f"idlink.known_device:{name}")
