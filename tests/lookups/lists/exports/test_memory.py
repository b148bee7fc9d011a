"""However many rows are downloaded, memory stays flat: measured in a process of its own."""

import os
import subprocess
import sys

import pytest

from tests.stack import ROOT

MEASURE = """
import sys
import tests.environment, django, os
os.environ["DJANGO_SETTINGS_MODULE"] = "idlink.settings"
django.setup()
from django.conf import settings
from tests.migrated import copy_of_sqlite
copy_of_sqlite(settings.DATABASES["default"]["NAME"])
from lookups.lists import exports
from lookups.models import ListRow, Run
from tests.makers import NOW, make_app, make_business, make_page
from tests.lookups.lists.exports.many import store
from tests.memory import most_megabytes
rows = int(sys.argv[1])
run = store(rows)
before = most_megabytes()
lines = ((n, (f"{n:017}", "Ana", "note")) for n in range(1, rows + 2))
size = sum(len(block) for block in exports.as_csv(
    exports.results_of(run, exports.Original(["id", "name", "note"], 0, lines), lambda state, reason, value: "")))
print(round(before), round(most_megabytes()), size)
"""


@pytest.mark.long
def test_many_rows_need_no_more_memory_than_few():
    alone = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    command = [sys.executable, "-c", MEASURE, "12000"]
    done = subprocess.run(command, capture_output=True, text=True, env=alone, cwd=ROOT, timeout=110)
    assert done.returncode == 0, done.stderr
    before, most, size = map(int, done.stdout.split())

    assert size > 12_000 * 60
    assert most < 300
    assert most - before < 60
