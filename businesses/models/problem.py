"""What a check can find wrong with a token."""

from django.db import models


class Problem(models.TextChoices):
    """What the last check found wrong with a token; empty if it found nothing wrong."""

    REFUSED = "refused", "Graph calls it invalid"
    WRONG_APP = "wrong_app", "made by another app"
    WRONG_PAGE = "wrong_page", "speaks for another Page"
    WRONG_KIND = "wrong_kind", "another kind of token"
    DATA_ACCESS = "data_access", "its access to data has ended"
    NO_PERMISSION = "no_permission", "a permission is missing"
    SECRET_WRONG = "secret_wrong", "the app's secret is not the present one"
    UNCHECKABLE = "uncheckable", "can't be checked"
    RESTORED = "restored", "came back with a backup"


# A token with one of these problems is kept, but no question is asked with it.
FATAL = (
    Problem.REFUSED,
    Problem.WRONG_APP,
    Problem.WRONG_PAGE,
    Problem.WRONG_KIND,
    Problem.DATA_ACCESS,
    Problem.RESTORED,
)
