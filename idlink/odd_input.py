"""Refuse input that none of our fields can hold, before any page sees it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

_Answerer = Callable[[HttpRequest], HttpResponse]


def refuse_nul(get_response: _Answerer) -> _Answerer:
    """Answer 400 if an address or a form holds a NUL character: PostgreSQL stores no text with one."""

    def answer(request: HttpRequest) -> HttpResponse:
        values = [request.path, *request.GET.keys(), *(v for _, found in request.GET.lists() for v in found)]
        if request.method == "POST":
            values += [v for name, found in request.POST.lists() for v in (name, *found)]
        if any("\x00" in str(value) for value in values):
            return HttpResponseBadRequest("The address or form holds a character that no text can have (NUL).")
        return get_response(request)

    return answer
