"""`run` says how to get on from its address, whatever a killed run has left; `sandbox` is the sandbox."""

import os
import subprocess
import sys

import pytest
import requests

from tests.migrated import copy_of_sqlite
from tests.stack import ROOT, free_port, wait_for


@pytest.fixture
def run(tmp_path):
    """Starts `manage.py run` with the settings that `make env` writes; gives a function for its output."""
    env_file, log = tmp_path / "env", tmp_path / "output"
    subprocess.run([sys.executable, "-m", "idlink.env_file", env_file], check=True, cwd=ROOT, capture_output=True)
    environment = {"PATH": os.environ["PATH"], "IDLINK_ENV_FILE": str(env_file), "IDLINK_VAR_DIR": str(tmp_path)}
    copy_of_sqlite(tmp_path / "idlink.sqlite3")
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str) -> str:
        command = [sys.executable, "manage.py", "run", *arguments]
        with log.open("w") as output:
            started.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output))
        wait_for(lambda: "Ctrl-C" in log.read_text() or started[-1].poll() is not None, "idlink", seconds=60)
        return log.read_text()

    yield start
    for process in started:
        process.terminate()
        assert process.wait(timeout=30) == 0, log.read_text()


@pytest.mark.long
@pytest.mark.timeout(120)
def test_run_with_fresh_settings_says_that_https_is_left_to_a_proxy(run, tmp_path):
    for name in ("queue/1_x.staff.msg", "control/staff.exchange"):
        path = tmp_path / "broker" / name
        path.parent.mkdir(parents=True)
        path.touch()
    port = free_port()

    said = run("--host", "0.0.0.0", "--port", str(port))

    assert f"http://127.0.0.1:{port}/admin/find/" in said
    assert "IDLINK_BEHIND_PROXY=1 or, to use idlink on this machine alone, IDLINK_HTTPS=0" in said
    assert "ended with status" not in said, "half-written messages of a killed run must do no harm"
    health = requests.get(f"http://127.0.0.1:{port}/health/", allow_redirects=False, timeout=10)
    assert (health.status_code, health.json()["well"]) == (200, True)


def test_sandbox_command_passes_its_arguments_on():
    arguments = ["--describe", "--seed", "another"]
    ours, its_own = (
        subprocess.run([sys.executable, *how, *arguments], cwd=ROOT, capture_output=True, check=True).stdout
        for how in (["manage.py", "sandbox"], ["-m", "lookups.sandbox"])
    )

    assert ours == its_own
    assert b'"businesses"' in ours
