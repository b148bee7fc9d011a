"""What can become of a question, by name; screens, tests and docs read the names from here."""

from django.db import models

APPS = "ids_for_apps"
PAGES = "ids_for_pages"


class Edge(models.TextChoices):
    """The two edges of a user node."""

    APPS = APPS, "IDs for apps"
    PAGES = PAGES, "IDs for Pages"


class Outcome(models.TextChoices):
    """The seven outcomes of a question, and *failed* for what is nobody's to mend on the spot."""

    LINKED = "linked", "linked"
    NONE = "none", "asked, none"
    REVIEW = "review", "business under review"
    TOKEN = "token", "token unusable"
    PROOF = "proof", "proof wrong"
    NOT_VISIBLE = "not_visible", "not visible with this token"
    NOT_ASKED = "not_asked", "not asked"
    FAILED = "failed", "failed"


ANSWERED = (Outcome.LINKED, Outcome.NONE)
