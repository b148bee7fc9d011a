"""Worker, scheduler and web server run the deployment checks: they refuse to start before they speak to anybody."""

import json
import os
import socket
import subprocess
import sys

import pytest

from tests.idlink.test_settings import GOOD
from tests.stack import ROOT

CELERY = ["-m", "celery", "-A", "idlink"]
PROCESSES = {
    "worker": [*CELERY, "worker", "-Q", "bulk"],
    "beat": [*CELERY, "beat"],
    "web": ["-c", "import idlink.wsgi"],
}


def started(process: str, folder, **settings: str) -> subprocess.CompletedProcess[str]:
    """Start it as README does, and wait for its end."""
    (folder / "static").mkdir()
    clean = {"PATH": os.environ["PATH"], "IDLINK_ENV_FILE": os.devnull, "IDLINK_VAR_DIR": str(folder)}
    command = [sys.executable, *PROCESSES[process]]
    environment = {**clean, **GOOD, **settings}
    return subprocess.run(command, env=environment, capture_output=True, text=True, cwd=ROOT, timeout=60)


@pytest.mark.parametrize("process", PROCESSES)
def test_with_a_foreign_address_for_graph_no_process_starts_or_calls_there(tmp_path, process):
    with socket.create_server(("127.0.0.1", 0)) as foreign:
        foreign.settimeout(0)

        done = started(process, tmp_path, IDLINK_GRAPH_URL=f"http://127.0.0.1:{foreign.getsockname()[1]}")

        with pytest.raises(BlockingIOError):
            foreign.accept()
    assert done.returncode == 1
    (line,) = (json.loads(line) for line in (done.stdout + done.stderr).splitlines())
    assert line["levelname"] == "CRITICAL"
    assert "idlink.E001" in line["message"]


def test_what_is_only_checked_for_deployment_is_told_in_one_line(tmp_path):
    done = started("web", tmp_path, IDLINK_HTTPS="0")

    assert done.returncode == 0
    (line,) = (json.loads(line) for line in (done.stdout + done.stderr).splitlines())
    assert line["levelname"] == "WARNING"
    assert "security.W008" in line["message"]
