"""What checks and calls have shown about a token, and which mails were sent about it, apart from the token itself."""

from datetime import datetime

from django.db import models

from businesses.models.business import Business
from businesses.models.graph_id import MAX_DIGITS
from businesses.models.problem import FATAL

REFUSAL = ["refused_at", "refused_because", "refused_code", "refused_subcode", "refused_trace"]


class TokenCheck(models.Model):
    """One row for each token, made together with it."""

    business = models.ForeignKey(Business, models.PROTECT, related_name="+", db_index=False)
    token = models.OneToOneField("businesses.AccessToken", models.CASCADE, related_name="last_check")
    last_used_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    refused_because = models.CharField(max_length=500, blank=True)
    refused_code = models.IntegerField(null=True)
    refused_subcode = models.IntegerField(null=True)
    refused_trace = models.CharField(max_length=64, blank=True)
    # What the last check learnt. `proven_at` is the first time that a check or a call showed that the token works.
    proven_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    issuing_app = models.CharField(max_length=MAX_DIGITS, blank=True)
    speaks_for_page = models.CharField(max_length=MAX_DIGITS, blank=True)
    told_kind = models.CharField(max_length=20, blank=True)
    expires_at = models.DateTimeField(null=True)
    data_access_ends_at = models.DateTimeField(null=True)
    scopes = models.JSONField(default=list)
    problem = models.CharField(max_length=30, blank=True)
    problem_text = models.CharField(max_length=500, blank=True)
    check_tried_at = models.DateTimeField(null=True)
    check_trouble = models.CharField(max_length=500, blank=True)
    doubted_at = models.DateTimeField(null=True, help_text="When something gave reason to check it.")
    names_given_at = models.DateTimeField(null=True, help_text="When it last gave somebody's name.")
    names_refused_until = models.DateTimeField(null=True, help_text="Until then nobody's name is asked for with it.")
    # The version of Graph that the last check asked for, the one that served it, and since when that is another.
    version_asked = models.CharField(max_length=10, blank=True)
    version_served = models.CharField(max_length=10, blank=True)
    version_differs_since = models.DateTimeField(null=True)

    business_path = "business"

    class Meta:
        verbose_name = "token check"

    def __str__(self) -> str:
        return f"check of {self.token}"

    @property
    def refused_code_text(self) -> str:
        """Graph's error code as support people write it: 190/460."""
        if self.refused_code is None:
            return ""
        return f"{self.refused_code}/{self.refused_subcode}" if self.refused_subcode else str(self.refused_code)

    @property
    def is_dead(self) -> bool:
        """Whether the token may not be used: Graph refused it, or the last check found it wrong."""
        return self.refused_at is not None or self.is_wrong

    @property
    def is_wrong(self) -> bool:
        """Whether the last check found the token wrong, or the token still has to be checked after a restore."""
        return self.problem in FATAL

    def mark_refused(
        self, *, because: str, at: datetime, code: int | None = None, subcode: int | None = None, trace: str = ""
    ) -> None:
        """Record that Graph refused this token; the first refusal stands."""
        if self.refused_at is None:
            self.refused_at = at
            self.refused_because = because[:500]
            self.refused_code, self.refused_subcode, self.refused_trace = code, subcode, trace[:64]
            self.save(update_fields=REFUSAL)


class TokenMail(models.Model):
    """The state of a token that was last reported to the admins by e-mail, so that each state is reported once."""

    business = models.ForeignKey(Business, models.PROTECT, related_name="+", db_index=False)
    token = models.OneToOneField("businesses.AccessToken", models.CASCADE, related_name="mail")
    about = models.CharField(max_length=60)

    business_path = "business"

    def __str__(self) -> str:
        return f"mail about {self.token}: {self.about}"
