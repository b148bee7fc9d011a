"""The file of a list: its place on the disk, its format, and how far it was read."""

from pathlib import Path

from django.conf import settings
from django.db import models

from businesses.models import Asset, Business
from lookups.models.public_id import new_public_id
from lookups.models.run import Run


def lists_folder() -> Path:
    """Give the folder for uploaded lists. Only this machine has it; idlink itself makes the files' names."""
    return Path(settings.VAR_DIR) / "lists"


class ListFile(models.Model):
    """An uploaded, pasted or imported list. Rows and offset are committed together, so reading can be resumed."""

    class Kind(models.TextChoices):
        """The format of the content; the file's name does not decide it."""

        CSV = "csv", "CSV"
        XLSX = "xlsx", "XLSX"

    business = models.ForeignKey(Business, models.PROTECT, related_name="+")
    run = models.OneToOneField(Run, models.PROTECT, related_name="list_file")
    stored_as = models.CharField(max_length=40, default=new_public_id, unique=True, editable=False)
    name = models.CharField(max_length=200, help_text="What it was called where it came from.")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    size = models.PositiveBigIntegerField(help_text="In bytes.")
    sha256 = models.CharField(max_length=64)
    encoding = models.CharField(max_length=20, blank=True)
    separator = models.CharField(max_length=1, blank=True)
    has_header = models.BooleanField(default=True)
    columns = models.JSONField(default=list, help_text="Names of its columns, in order.")
    id_column = models.PositiveSmallIntegerField(null=True)
    asset_column = models.PositiveSmallIntegerField(null=True)
    asset = models.ForeignKey(Asset, models.PROTECT, null=True, related_name="+")
    first_look = models.JSONField(default=dict, help_text="Its first rows, shortened; empty until a worker looked.")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Readings begun since the last that was stored.")
    offset = models.PositiveBigIntegerField(default=0, help_text="How far it was read: bytes, or rows of a sheet.")
    line = models.PositiveIntegerField(default=0, help_text="The last line that was read.")
    removed_at = models.DateTimeField(null=True)

    business_path = "business"

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> Path:
        """The path of the content on the disk."""
        return lists_folder() / self.stored_as

    @property
    def is_new(self) -> bool:
        """Whether nobody has named its columns yet: a worker that reads it only looks at its first rows."""
        return self.id_column is None
