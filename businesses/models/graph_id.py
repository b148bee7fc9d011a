"""The field for Graph's own IDs: strings of ASCII digits that never pass through a number."""

from typing import Any

from django.core.validators import RegexValidator
from django.db import models

MAX_DIGITS = 32
DIGITS = r"^[0-9]{1,32}\Z"


class GraphIDField(models.CharField):
    """1 to 32 ASCII digits, kept as text: 10152368852405295 does not survive a float."""

    default_validators = [
        RegexValidator(DIGITS, "Enter digits only (0-9), at most 32, as Meta shows them."),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", MAX_DIGITS)
        super().__init__(*args, **kwargs)
