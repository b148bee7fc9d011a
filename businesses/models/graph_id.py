"""The field for Graph's IDs: strings of ASCII digits that are never converted to numbers."""

from typing import Any

from django.core.validators import RegexValidator
from django.db import models

MAX_DIGITS = 32
DIGITS = r"^[0-9]{1,32}\Z"


class GraphIDField(models.CharField):
    """1 to 32 ASCII digits, kept as text: a float would change 10152368852405295."""

    default_validators = [
        RegexValidator(DIGITS, "Enter digits only (0-9), at most 32, as Meta shows them."),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", MAX_DIGITS)
        super().__init__(*args, **kwargs)
