"""Receives uploads into a folder of our own, up to a limit, and says in words if the disk is full."""

import os
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler

from lookups.lists.imports.limits import MEGABYTE

FULL = (
    "The disk of this installation is full, so the file could not be stored, and nothing of it was kept. "
    "Tell whoever runs idlink; then send it again."
)


class CarefulUpload(TemporaryFileUploadHandler):
    """Streams a file to disk. If that fails, `request.upload_failed` says why there is no file."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Open a temporary file; skip the upload if the disk takes no more files."""
        try:
            super().new_file(*args, **kwargs)
        except OSError:
            self._fail(FULL)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a part to disk at once. After a full disk, a buffered rest would fail again when the file is closed."""
        most = settings.IDLINK_LIST_CSV_MB
        if start + len(raw_data) > most * MEGABYTE:
            self._fail(f"The file is larger than {most} MB, the most that is taken. Split it and send the parts.")
        rest = memoryview(raw_data)
        try:
            while rest:
                rest = rest[os.write(self.file.fileno(), rest) :]
        except OSError:
            self._fail(FULL)

    def _fail(self, why: str) -> None:
        setattr(self.request, "upload_failed", why)  # noqa: B010  (Django's request class has no such attribute)
        raise SkipFile
