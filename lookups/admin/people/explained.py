"""Two pages: why two IDs belong to one person, with every proof; and why two persons are not one."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from businesses.access import Action, may, visible
from lookups.admin.people.deciding import scoped_id_named
from lookups.models import Person
from lookups.people import explaining


class ExplainView(View):
    """The shortest chain of matches between two IDs (`one` and `other`, public IDs)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show each link of the chain with the request that proved it."""
        one = scoped_id_named(request, request.GET.get("one", ""))
        other = scoped_id_named(request, request.GET.get("other", ""))
        if one is None or other is None or one.business_id != other.business_id:
            raise Http404
        steps = explaining.chain_between(one, other)
        context = {
            **admin.site.each_context(request),
            "title": "Why these IDs are one person" if steps else "Nothing live connects these IDs",
            "one": one,
            "other": other,
            "steps": [(step, _proofs(step)) for step in explaining.with_proofs(steps or [])],
            "may_decide": may(request.user, Action.DECIDE, one),
        }
        return render(request, "lookups/explain.html", context)


class CompareView(View):
    """Why this person and another (`other`, a public ID) are not one."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """Show the links that ended, the decisions, and one question to Graph that would settle it."""
        people = visible(Person.objects.select_related("business"), request.user)
        one = people.filter(public_id=public_id).first()
        named = request.GET.get("other", "").strip().upper()[:20]
        if one is None:
            raise Http404
        other = people.filter(public_id=named, business=one.business).first() if named else None
        shown: dict[str, Any] = {"one": one.now(), "other": other.now() if other else None, "named": named}
        if shown["other"] and shown["one"] != shown["other"]:
            shown["comparison"] = explaining.compare(shown["one"], shown["other"])
        context = {
            **admin.site.each_context(request),
            "title": "Are these two the same?",
            "may_ask": may(request.user, Action.ASK, one),
            "may_decide": may(request.user, Action.DECIDE, one),
            **shown,
        }
        return render(request, "lookups/compare.html", context)


def _proofs(step: explaining.ChainLink) -> list[dict[str, Any]]:
    return [
        {"match": match, "request": explaining.request_of(match.proving_answer) if match.proving_answer else ""}
        for match in step.matches
    ]
