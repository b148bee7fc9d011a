"""How much a request may carry: told by its address and by who sends it, before anything reads it.

Django's own checks read a whole body before they know who has sent it.
"""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, close_old_connections
from django.http import HttpRequest, HttpResponse, parse_cookie
from django.urls import reverse

from lookups.lists.imports.limits import MEGABYTE

SMALL = 64 * 1024  # bytes; what somebody may send who has not logged in
OPEN = ("admin:login",)  # addresses that take something from such people
LISTS = "admin:lookups_run_new"
TOO_LARGE = "What you sent is too large for this address. If you are not logged in any more, log in and send it again."

_Answerer = Callable[[HttpRequest], HttpResponse]


def most_bytes(path: str, is_user: Callable[[], bool]) -> int:
    """Give how many bytes a request to this address may carry; `is_user` is asked only where it makes a difference."""
    if path in [reverse(name) for name in OPEN]:
        return SMALL
    if not is_user():
        return 0
    files = settings.IDLINK_LIST_CSV_MB * MEGABYTE if path == reverse(LISTS) else 0
    return files + settings.DATA_UPLOAD_MAX_MEMORY_SIZE + SMALL  # the form beside the file; then Django counts


def refuse_unwanted_bodies(get_response: _Answerer) -> _Answerer:
    """Lead strangers who send something to the log-in, and refuse what is too large; nothing of it is read."""

    def answer(request: HttpRequest) -> HttpResponse:
        size = int(request.META.get("CONTENT_LENGTH") or 0)
        most = most_bytes(request.path, lambda: request.user.is_authenticated) if size else 0
        if size and not most:
            return redirect_to_login(request.get_full_path())
        if size > most:
            return HttpResponse(TOO_LARGE, status=413, content_type="text/plain; charset=utf-8")
        return get_response(request)

    return answer


def comes_from_user(cookies: str) -> bool:
    """Tell whether the header `Cookie` names a session of somebody who is logged in, before there is a request."""
    request = HttpRequest()
    request.session = SessionStore(parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME))
    try:
        return get_user(request).is_authenticated
    except DatabaseError:
        return False  # nobody is known while the database is away, and nothing could be stored
    finally:
        close_old_connections()
