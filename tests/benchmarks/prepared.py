"""Makes the database that every road starts from: all of an installation, and a list that was imported, not started."""

import sys
from pathlib import Path

from django.conf import settings

import tests.benchmarks.ready_django  # noqa: F401  (before the models)
from tests.benchmarks.installation import install_list
from tests.benchmarks.questions import truths_of_one

if __name__ == "__main__":
    install_list(settings.IDLINK_GRAPH_URL, truths_of_one(int(sys.argv[1])), Path(settings.VAR_DIR))
