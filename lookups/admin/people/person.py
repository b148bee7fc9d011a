"""People: the changelist, and the person page with its buttons."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path

from businesses.admin.scoped import ReadOnlyAdmin
from lookups.admin.asking.finding import persons_seen_with
from lookups.admin.people.deciding import DecideView, UndoView
from lookups.admin.people.explained import CompareView, ExplainView
from lookups.admin.people.link_export import LinksView
from lookups.admin.people.person_filters import ChangedSince, LinkedTo, NotLinkedTo, StateFilter
from lookups.admin.people.person_page import AskView, PersonView
from lookups.admin.tokens.preflight_page import PersonPreflightView
from lookups.models import Person, Profile, ScopedID
from lookups.templatetags.idlink import moment


@admin.register(Person)
class PersonAdmin(ReadOnlyAdmin):
    """Changelist of the persons that have IDs; a row leads to the person's page."""

    nothing_yet = (
        "No people yet. They come with the first answers: paste an ID under Find a person, or bring in a list."
    )
    list_display = ["public_id", "name", "business", "ids", "since"]
    own_filters = ["business"]
    list_filter = [StateFilter, LinkedTo, NotLinkedTo, ChangedSince]
    search_fields = ["public_id"]  # shows the box; `get_search_results` decides
    search_help_text = "Name, public ID, or the beginning of any ID"
    list_select_related = ["business"]
    sortable_by = ["since"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Give the user's persons, without those whose IDs were all joined to another person."""
        members = ScopedID.objects.order_by().filter(person=OuterRef("pk"))
        size = members.values("person").annotate(how_many=Count("pk")).values("how_many")
        names = Profile.objects.filter(scoped_id__person=OuterRef("pk")).order_by("-read_at").values("name")
        people = super().get_queryset(request).filter(Exists(members))
        # Both are read for the rows of the page alone: joined, they would be read for all.
        return people.annotate(size=Subquery(size), last_name_read=Subquery(names[:1]))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """Narrow to the persons with this public ID, an ID that begins so, or such a name; however many."""
        text = search_term.strip()
        return (queryset.filter(pk__in=persons_seen_with(text, request.user)) if text else queryset), False

    @admin.display(description="name")
    def name(self, person: Any) -> str:
        """The person's latest name."""
        return person.last_name_read or "–"

    @admin.display(description="known since", ordering="created_at")
    def since(self, person: Person) -> str:
        """When the first ID was seen, in the reader's zone."""
        return moment(person.created_at)

    @admin.display(description="IDs")
    def ids(self, person: Any) -> int:
        """How many IDs are linked."""
        return int(person.size)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Redirect to the person's page."""
        person = self.get_object(request, object_id)
        if person is None:
            raise Http404
        return HttpResponseRedirect(person.address)

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses of the person page, and of asking, explaining, comparing and deciding."""
        view = self.admin_site.admin_view
        return [
            path("export/", view(LinksView.as_view()), name="lookups_person_export"),
            path("explain/", view(ExplainView.as_view()), name="lookups_person_explain"),
            path("decide/", view(DecideView.as_view()), name="lookups_person_decide"),
            path("undo/<int:pk>/", view(UndoView.as_view()), name="lookups_person_undo"),
            path("<slug:public_id>/page/", view(PersonView.as_view()), name="lookups_person_page"),
            path("<slug:public_id>/ask/", view(AskView.as_view()), name="lookups_person_ask"),
            path(
                "<slug:public_id>/preflight/",
                view(PersonPreflightView.as_view()),
                name="lookups_person_preflight",
            ),
            path("<slug:public_id>/compare/", view(CompareView.as_view()), name="lookups_person_compare"),
            *super().get_urls(),
        ]
