"""The page for an error that no page has foreseen. It uses neither database nor session: these may be what failed."""

import sys

from django.http import HttpRequest, HttpResponse
from django.views.defaults import server_error

from lookups.models.full_disk import FULL_DISK, is_full_disk

_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>No room | idlink</title>'
    '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"></head>'
    f'<body><h1>No room</h1><p role="alert">{FULL_DISK}</p></body></html>'
)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer 507 with a sentence if the disk is full, else Django's 500. Django calls it while it handles the error."""
    if is_full_disk(sys.exception()):
        return HttpResponse(_PAGE, status=507)
    return server_error(request)
