"""Whose an app or a Page is, as Graph tells: the API links only what one business owns (the guide, Policy)."""

from django.db import models


class Ownership(models.TextChoices):
    """What is known of who owns an app or a Page."""

    UNKNOWN = "unknown", "not known"
    OWN = "own", "owned by this business"
    OTHER = "other", "owned by another business"
    CLIENT = "client", "only shared with this business"


REFUSED = (Ownership.OTHER, Ownership.CLIENT)
