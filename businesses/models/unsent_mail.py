"""Mails to admins that have not been sent yet."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F

from businesses.models.business import Business

FIRST_WAIT = timedelta(minutes=4)  # less than from one round to the next
LONGEST_WAIT = timedelta(days=1)


class UnsentMails(models.QuerySet["UnsentMail"]):
    """Questions about many mails."""

    def failing(self) -> "UnsentMails":
        """Those of which a try has failed, the oldest first."""
        return self.exclude(failure="").select_related("user").order_by("made_at", "pk")


class UnsentMail(models.Model):
    """A mail to one admin; the row is deleted when the mail is sent. It holds no secret and no ID of a person."""

    business = models.ForeignKey(Business, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    subject = models.CharField(max_length=500)
    text = models.TextField()
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=200, blank=True, help_text="Why the last try failed, in words for admins.")

    business_path = "business"
    objects = UnsentMails.as_manager()

    class Meta:
        verbose_name = "unsent mail"

    def __str__(self) -> str:
        return f"{self.subject}, to {self.user}"

    def claim(self, now: datetime) -> bool:
        """Begin a try, and plan the next one in case it fails; false if another worker has begun one."""
        wait = min(FIRST_WAIT * 2 ** min(self.tries, 20), LONGEST_WAIT)
        same = UnsentMail.objects.filter(pk=self.pk, tries=self.tries, due_at__lte=now)
        return bool(same.update(tries=F("tries") + 1, due_at=now + wait))
