"""The walls between the rooms hold: each wrong import, alone in a copy of the code, breaks its contract."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = "Inside lookups, arrows point downward only"
OWNED = "Inside businesses, arrows point downward only"
SANDBOX = "The sandbox is reached from its command alone"
WRONG = [
    ("lookups/asking/recording.py", "import requests", "Only the Graph client calls Graph"),
    ("businesses/models/asset.py", "import urllib3", "Only the Graph client calls Graph"),
    ("lookups/tasks/waking.py", "import socket", "Only the client, the sandbox and commands open sockets"),
    ("lookups/models/person.py", "from lookups.graph import GraphClient", "Models never call out"),
    ("businesses/models/business.py", "import celery", "Models never call out"),
    ("lookups/graph/client.py", "from django.conf import settings", "The Graph client knows no Django"),
    ("lookups/graph/edges.py", "from lookups.models import Lookup", ROOMS),
    ("lookups/sandbox/graph.py", "from lookups.graph import edges", "The sandbox is a stranger"),
    ("lookups/sandbox/world/world.py", "import socket", "What the sandbox answers is computed without sockets"),
    (
        "lookups/evidence/matching.py",
        "from lookups.sandbox import graph",
        SANDBOX,
    ),
    (
        "lookups/evidence/settling.py",
        "from lookups.asking import starting",
        ROOMS,
    ),
    ("lookups/people/searching.py", "from lookups.tokens import health", ROOMS),
    ("lookups/lists/running.py", "from lookups.tasks import wake", ROOMS),
    ("lookups/models/run.py", "from lookups.evidence import region", ROOMS),
    ("businesses/credentials.py", "from lookups.models import Lookup", "Wiring stands above lookups"),
    ("businesses/secrets.py", "from businesses.models import Asset", OWNED),
    ("lookups/evidence/components.py", "from lookups.evidence import decisions", "No cycles"),
    ("lookups/asking/planning.py", "from idlink import navigation", "Wiring stands above lookups"),
]
NEW_MODULES = [
    ("lookups/attic.py", ROOMS),
    ("businesses/attic.py", OWNED),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code alone, with the contracts."""
    folder = tmp_path_factory.mktemp("walls")
    for name in ("idlink", "businesses", "lookups"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def broken_in(folder: Path) -> list[str]:
    """The names of the contracts that the code in this folder breaks."""
    command = [Path(sys.executable).parent / "lint-imports"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    lines = [line.removesuffix(" BROKEN") for line in done.stdout.splitlines() if line.endswith(" BROKEN")]
    assert (done.returncode == 0) == (not lines), done.stdout + done.stderr
    return lines


def test_the_code_as_it_is_breaks_no_contract(copy):
    assert broken_in(copy) == []


@pytest.mark.parametrize(("module", "line", "contract"), WRONG, ids=[f"{one[0]}: {one[1]}" for one in WRONG])
def test_a_wrong_import_is_refused(copy, module, line, contract):
    path = copy / module
    right = path.read_text()
    path.write_text(f"{right}\n{line}\n")

    broken = broken_in(copy)

    path.write_text(right)
    assert any(name.startswith(contract) for name in broken), broken


@pytest.mark.parametrize(("module", "contract"), NEW_MODULES)
def test_a_module_without_a_layer_is_refused(copy, module, contract):
    (copy / module).write_text('"""Belongs nowhere."""\n')

    broken = broken_in(copy)

    (copy / module).unlink()
    assert any(name.startswith(contract) for name in broken), broken
