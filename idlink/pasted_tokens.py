"""Refuses access tokens in addresses: people paste them into the search of a list, which sends them there."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import escape_leading_slashes

from businesses.lookalikes import holds_token

_Answerer = Callable[[HttpRequest], HttpResponse]
_REFUSED = (
    "What you sent looks like an access token. It was neither searched for nor kept here, but it stood in an address: "
    "the browser may remember it, and so may a proxy. Make a new token, and end this one at Meta."
)


def refuse_tokens_in_addresses(get_response: _Answerer) -> _Answerer:
    """Lead to the same page without its query if a token stands in that, and say so."""

    def answer(request: HttpRequest) -> HttpResponse:
        values = (value for _, found in request.GET.lists() for value in found)
        if not any(map(holds_token, values)):
            return get_response(request)
        messages.error(request, _REFUSED)
        return HttpResponseRedirect(escape_leading_slashes(request.path))

    return answer
