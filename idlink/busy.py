"""Says in words that the database is busy or away, in place of the page for errors of ours."""

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

TRY_AGAIN_SECONDS = 10
_SQLITE_BUSY = (5, 6)  # SQLITE_BUSY, SQLITE_LOCKED
# Of PostgreSQL: a lock or a statement took too long, the session was ended, the server stops or takes no more sessions.
_POSTGRES_BUSY = ("55P03", "57014", "25P03", "57P01", "57P02", "57P03", "53300", "08006", "08003", "08001", None)


def busy_page(request: HttpRequest) -> HttpResponse:
    """Answer 503, and when to try again."""
    # No context of the request: reading the user would ask the database again.
    page = render_to_string("busy.html", {"seconds": TRY_AGAIN_SECONDS, "was_reading": request.method == "GET"})
    response = HttpResponse(page, status=503)
    response["Retry-After"] = str(TRY_AGAIN_SECONDS)
    if request.headers.get("HX-Request") and request.method == "GET":
        response["HX-Refresh"] = "true"  # a part that asks for itself again and again would fall silent
    return response


def is_busy(error: BaseException | None) -> bool:
    """Tell whether an error means that the database was busy or away, so that the same may work later."""
    # The bare DatabaseError is psycopg2's for a server that goes in the middle of a statement.
    is_of_these = isinstance(error, OperationalError | InterfaceError) or type(error) is DatabaseError
    cause = error.__cause__ if error and is_of_these else None
    if cause is None:
        return False
    if hasattr(cause, "sqlite_errorcode"):
        return cause.sqlite_errorcode & 0xFF in _SQLITE_BUSY
    return getattr(cause, "pgcode", "") in _POSTGRES_BUSY
