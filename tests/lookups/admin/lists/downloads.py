"""An import whose results are downloaded in tests, and what such a file holds."""

import csv
import io

from django.urls import reverse

from lookups.models import Run
from tests.lookups.people_of_johns import OMAR_PSID, PSID

LIST = f'psid,name\n{PSID},"=HYPERLINK(""http://evil.example"")"\n{OMAR_PSID},Omar\n12a,Nobody\n'.encode()


def address(run: Run, what: str, file_format: str = "") -> str:
    return reverse(f"admin:lookups_run_{what}", args=[run.pk]) + (f"?format={file_format}" if file_format else "")


def csv_of(response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content_of(response).decode("utf-8-sig"), newline="")))


def content_of(response) -> bytes:
    content = b"".join(response.streaming_content)
    response.close()
    return content


def text(response) -> str:
    return response.content.decode()
