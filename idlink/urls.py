"""Addresses: the admin site, and the health of the installation."""

from django.contrib import admin
from django.urls import path, reverse_lazy
from django.views.generic import RedirectView

from idlink.health import health
from lookups.admin.asking.finding import FindView

handler500 = "idlink.busy.answer_to_error"
urlpatterns = [
    path("", RedirectView.as_view(url=reverse_lazy("admin:index"))),
    path("health/", health, name="health"),
    path("admin/find/", admin.site.admin_view(FindView.as_view()), name="find"),
    path("admin/", admin.site.urls),
]
