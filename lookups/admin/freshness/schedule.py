"""Schedules: how often each periodic task runs. Superusers only; they can't choose other tasks or arguments."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from businesses.access import runs_idlink
from lookups.templatetags.idlink import age

admin.site.unregister([PeriodicTask, IntervalSchedule, CrontabSchedule, SolarSchedule, ClockedSchedule])

SWEEP = "sweep"
ABOUT = {
    SWEEP: "Looks for waiting and abandoned work. How often is a setting, IDLINK_SWEEP_SECONDS; it is always on.",
    "refresh": "Asks again about IDs that were not confirmed for too long, a part of them each time.",
    "count_freshness": "Counts how many IDs were confirmed within the interval of their business.",
    "check_tokens": "Asks Graph about tokens that were not checked for a day.",
    "check_owners": "Asks Graph who owns the apps and Pages of which that was not asked for a week.",
    "remove_old_lists": "Deletes the files of lists that ended so many days ago as IDLINK_LIST_KEEP_DAYS says.",
    "mail_admins": "Tells admins by e-mail what needs a person.",
}
PERIODS = [("seconds", "seconds"), ("minutes", "minutes"), ("hours", "hours"), ("days", "days")]
SHORTEST, LONGEST = timedelta(seconds=10), timedelta(days=7)


class ScheduleForm(forms.ModelForm):
    """Whether a task runs, and how often."""

    enabled = forms.BooleanField(
        required=False, label="On", help_text="Switch it off, and it runs no more.", widget=UnfoldBooleanSwitchWidget
    )
    every = forms.IntegerField(min_value=1, max_value=100_000, widget=UnfoldAdminIntegerFieldWidget)
    period = forms.ChoiceField(choices=PERIODS, label="Unit", widget=UnfoldAdminSelectWidget)

    class Meta:
        model = PeriodicTask
        fields = ["enabled"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        interval = self.instance.interval
        if interval and "every" in self.fields:
            self.fields["every"].initial, self.fields["period"].initial = interval.every, interval.period

    def clean(self) -> dict[str, Any]:
        """Refuse an interval that is too short or too long."""
        cleaned = super().clean() or {}
        if "every" in cleaned and "period" in cleaned:
            time = timedelta(**{cleaned["period"]: cleaned["every"]})
            if not SHORTEST <= time <= LONGEST:
                self.add_error("every", "Choose a time from 10 seconds to 7 days. To stop it, switch it off.")
        return cleaned

    def save(self, commit: bool = True) -> Any:
        """Save the schedule with another interval row: several schedules may share a row, so rows never change."""
        every, period = self.cleaned_data["every"], self.cleaned_data["period"]
        same = IntervalSchedule.objects.filter(every=every, period=period).first()
        self.instance.interval = same or IntervalSchedule.objects.create(every=every, period=period)
        return super().save(commit)


@admin.register(PeriodicTask)
class ScheduleAdmin(ModelAdmin):
    """Changelist and form of schedules; nobody can add or delete one."""

    form = ScheduleForm
    list_display = ["title", "about", "enabled", "interval", "last_run"]
    list_display_links = ["title"]
    list_select_related = ["interval"]
    sortable_by = ()
    ordering = ["name"]
    actions = None
    fieldsets = [(None, {"fields": ["title", "about", "enabled", "every", "period", "last_run"]})]
    readonly_fields = ["title", "about", "last_run", "how_often"]

    @admin.display(description="name")
    def title(self, task: PeriodicTask) -> str:
        """The task's name; a method, since the field would bring the package's help text."""
        return str(task.name)

    @admin.display(description="how often")
    def how_often(self, task: PeriodicTask) -> str:
        """The task's interval; a method for the same reason."""
        return str(task.interval)

    @admin.display(description="what it does")
    def about(self, task: PeriodicTask) -> str:
        """What the task does, in one sentence."""
        return ABOUT.get(task.name, "")

    @admin.display(description="last sent")
    def last_run(self, task: PeriodicTask) -> str:
        """When the scheduler last sent the task, as far as it has stored that."""
        return age(task.last_run_at)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PeriodicTask]:
        """Give all tasks to superusers; none to others."""
        tasks = super().get_queryset(request)
        return tasks if self.has_view_permission(request) else tasks.none()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the sweep without fields to edit."""
        if obj and obj.name == SWEEP:
            return [(None, {"fields": ["title", "about", "how_often", "last_run"]})]
        return super().get_fieldsets(request, obj)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> Any:
        raise Http404

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow superusers."""
        return runs_idlink(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow superusers, but not for the sweep: without it nothing goes on by itself."""
        return self.has_view_permission(request) and (obj is None or obj.name != SWEEP)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Allow nobody: the settings name the periodic tasks."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow nobody: an unwanted schedule is switched off."""
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Allow superusers."""
        return self.has_view_permission(request)
