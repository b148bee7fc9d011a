"""Sends the whole page to the log-in if its session has ended when htmx asks for a part of it.

After the log-in the user is back on the same page.
"""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

_Answerer = Callable[[HttpRequest], HttpResponse]


def lead_whole_page_to_log_in(get_response: _Answerer) -> _Answerer:
    """Redirect the whole page to the log-in: htmx would follow a plain redirect inside the page."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        log_in = resolve_url(settings.LOGIN_URL)
        to_log_in = response.status_code == 302 and urlsplit(response.get("Location", "")).path == log_in
        if not (to_log_in and request.headers.get("HX-Request")):
            return response
        whole = HttpResponse(status=204)
        whole["HX-Redirect"] = f"{log_in}?{urlencode({'next': _page_of(request)})}"
        return whole

    return answer


def _page_of(request: HttpRequest) -> str:
    """Give the address of the page that asked; the start page if the browser names no page of this site."""
    named = request.headers.get("HX-Current-URL", "")
    if not url_has_allowed_host_and_scheme(named, {request.get_host()}, require_https=request.is_secure()):
        return resolve_url(settings.LOGIN_REDIRECT_URL)
    parts = urlsplit(named)
    return parts.path + (f"?{parts.query}" if parts.query else "")
