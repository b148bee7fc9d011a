"""*Rotate the secret*: takes a new app secret, tries it with Graph, and uses it only if it works."""

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from businesses.access import Action, visible
from businesses.admin.facebook_app import FacebookAppAdmin
from businesses.admin.new_secret import NewSecretForm
from businesses.credentials import is_secret_wrong
from businesses.models import FacebookApp, SecretRole
from lookups.admin.tokens.secret_effects import assets_signed_by
from lookups.asking.resolver import graph_client
from lookups.tasks import take_new_secret_soon
from lookups.tokens import secret_rotation
from lookups.tokens.secret_rotation import Trial, TrialResult

admin.site.unregister(FacebookApp)


@method_decorator(sensitive_post_parameters("secret"), name="dispatch")
class RotateSecretView(View):
    """GET shows what depends on the secret, and the steps; POST does the act that `act` names, in no transaction."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the steps."""
        app = _app(request, pk)
        return _page(request, app, NewSecretForm(app))

    @sensitive_variables()
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a new secret, or do another act that `act` names; leads back here with the result."""
        app, act = _app(request, pk), request.POST.get("act", "")
        if act == "new":
            form = NewSecretForm(app, request.POST)
            if not form.is_valid():
                return _page(request, app, form, status=400)
            secret_rotation.propose(app, form.cleaned_data["secret"])
        elif act not in _ACTS:
            raise Http404
        _ACTS[act](request, app)
        return HttpResponseRedirect(reverse("admin:businesses_facebookapp_secret", args=[pk]))


_NEW_WORDS = {
    TrialResult.WORKS: "Graph takes the new secret: it is in use from now on. Lookups that waited for it go on.",
    TrialResult.REFUSED: "Graph does not take this secret, so nothing has changed. The secret you entered was not "
    "kept.",
    TrialResult.TROUBLE: "Graph could not be asked, so nothing has changed. The new secret is kept and tried again by "
    "itself every ten minutes.",
    TrialResult.GONE: "There is no secret that waits to be tried: somebody else has settled it meanwhile.",
}
_BACK_WORDS = {
    TrialResult.WORKS: "Graph still takes the former secret: it is in use again.",
    TrialResult.REFUSED: "Graph does not take the former secret any more. It was forgotten; the present one stays in "
    "use.",
    TrialResult.TROUBLE: "Graph could not be asked about the former secret. Nothing has changed; try again in a "
    "moment.",
    TrialResult.GONE: "There is no former secret to go back to: somebody else has settled it meanwhile.",
}


def _try_new(request: HttpRequest, app: FacebookApp) -> None:
    trial = secret_rotation.try_next(graph_client(), app.pk, now=timezone.now(), by=request.user.pk)
    _follow(request, app, trial, _NEW_WORDS)


def _go_back(request: HttpRequest, app: FacebookApp) -> None:
    trial = secret_rotation.go_back(graph_client(), app.pk, now=timezone.now(), by=request.user.pk)
    _follow(request, app, trial, _BACK_WORDS)


def _withdraw(request: HttpRequest, app: FacebookApp) -> None:
    secret_rotation.withdraw(app)
    messages.info(request, "The secret that waited was forgotten. Nothing else has changed.")


def _take_note(request: HttpRequest, app: FacebookApp) -> None:
    secret_rotation.forget_refusal(app)


def _forget(request: HttpRequest, app: FacebookApp) -> None:
    secret_rotation.forget_former(app)
    messages.info(request, "The former secret was forgotten.")


_ACTS = {
    "new": _try_new,
    "again": _try_new,
    "back": _go_back,
    "withdraw": _withdraw,
    "note": _take_note,
    "forget": _forget,
}


def _follow(request: HttpRequest, app: FacebookApp, trial: Trial, words: dict[TrialResult, str]) -> None:
    """Show the result of a trial. If the secret works, have the tokens it signs checked, and let lookups go on."""
    said = words[trial.result]
    if trial.words:
        said = f"{said} Graph says: {trial.words}"
    if trial.trace_id:
        said = f"{said} (trace ID {trial.trace_id})"
    works = trial.result == TrialResult.WORKS
    messages.add_message(request, messages.SUCCESS if works else messages.WARNING, said)
    if works:
        take_new_secret_soon(app.pk)


def _app(request: HttpRequest, pk: int) -> FacebookApp:
    apps = FacebookApp.objects.select_related("business").prefetch_related("secrets")
    app = visible(apps, request.user, Action.MANAGE).filter(pk=pk).first()
    if app is None:
        raise Http404
    return app


def _page(request: HttpRequest, app: FacebookApp, form: NewSecretForm, *, status: int = 200) -> HttpResponse:
    signed, in_use = assets_signed_by(app), app.secret
    context = {
        **admin.site.each_context(request),
        "title": f"Secret of {app}",
        "app": app,
        "in_use": in_use,
        "next": app.secret_in_role(SecretRole.WAITING),
        "former": app.secret_in_role(SecretRole.FORMER),
        "form": form,
        "signed": signed,
        "held": sum(one.held for one in signed),
        "is_wrong": any(one.token and is_secret_wrong(app, one.token.last_check) for one in signed),
        "former_until": in_use.set_at + secret_rotation.KEEP_FORMER if in_use and in_use.set_at else None,
    }
    return render(request, "lookups/app_secret.html", context, status=status)


@admin.register(FacebookApp)
class FacebookAppPagesAdmin(FacebookAppAdmin):
    """The admin of apps, with a page for the secret."""

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the secret's page."""
        view = self.admin_site.admin_view(RotateSecretView.as_view())
        return [path("<int:pk>/secret/", view, name="businesses_facebookapp_secret"), *super().get_urls()]
