"""The page for an error that no page has foreseen. It uses neither database nor session: these may be what failed."""

import sys

from django.http import HttpRequest, HttpResponse
from django.views.defaults import server_error

from idlink.busy import busy_page, is_busy
from lookups.models.full_disk import FULL_DISK, is_full_disk

_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>No room | idlink</title>'
    '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"></head>'
    f'<body><h1>No room</h1><p role="alert">{FULL_DISK}</p></body></html>'
)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer 507 if the disk is full, 503 if the database is busy or away, each with a sentence; else Django's 500.

    Django calls it while it handles the error.
    """
    error = sys.exception()
    if is_full_disk(error):
        return HttpResponse(_PAGE, status=507)
    return busy_page(request) if is_busy(error) else server_error(request)
