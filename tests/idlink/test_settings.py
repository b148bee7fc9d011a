"""Settings refuse to start with missing or weak secrets, and a sandbox in production; files are written well."""

import os
import stat
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet

from tests.stack import ROOT

GOOD = {"SECRET_KEY": "k" * 40 + "abcdefghijklmnop", "IDLINK_ENCRYPTION_KEYS": Fernet.generate_key().decode()}


def check(tmp_path, *, deploy: bool = False, **changed: str) -> subprocess.CompletedProcess[str]:
    """Run Django's check command under these settings."""
    clean = {"PATH": os.environ["PATH"], "IDLINK_ENV_FILE": os.devnull, "IDLINK_VAR_DIR": str(tmp_path)}
    command = [sys.executable, "manage.py", "check", *(["--deploy", "--fail-level", "WARNING"] if deploy else [])]
    return subprocess.run(command, env={**clean, **GOOD, **changed}, capture_output=True, text=True, cwd=ROOT)


def test_production_settings_pass_the_deployment_check_without_silencing(tmp_path):
    done = check(tmp_path, deploy=True)

    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SECRET_KEY", "", "SECRET_KEY is missing or weak"),
        ("SECRET_KEY", "changeme", "SECRET_KEY is missing or weak"),
        ("SECRET_KEY", "django-insecure-" + "x1y2z3" * 10, "SECRET_KEY is missing or weak"),
        ("IDLINK_ENCRYPTION_KEYS", "", "no key is set"),
        ("IDLINK_ENCRYPTION_KEYS", "changeme", "not 32 bytes"),
        ("IDLINK_ENCRYPTION_KEYS", "c2hvcnRrZXk=", "not 32 bytes"),
        ("IDLINK_GRAPH_URL", "http://graph.facebook.com", "idlink.E001"),
        ("IDLINK_GRAPH_URL", "https://127.0.0.1:8100", "idlink.E001"),
        ("IDLINK_GRAPH_URL", "https://graph.facebook.com.evil.example", "idlink.E001"),
        ("DEBUG", "1", "idlink.E002"),
    ],
)
def test_start_is_refused_without_repeating_the_value(tmp_path, name, value, message):
    done = check(tmp_path, **{name: value})

    assert done.returncode != 0
    assert message in done.stderr
    assert name == "IDLINK_GRAPH_URL" or len(value) < 4 or value not in done.stderr


def test_a_sandbox_is_taken_where_the_installation_says_so(tmp_path):
    done = check(tmp_path, IDLINK_GRAPH_URL="http://127.0.0.1:8100", IDLINK_SANDBOX="1", DEBUG="1")

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("arguments", [[], ["--demo"]])
def test_env_file_is_private_fresh_and_never_overwritten(tmp_path, arguments):
    paths = [tmp_path / "one" / "env", tmp_path / "two" / "env"]
    for path in paths:
        command = [sys.executable, "-m", "idlink.env_file", str(path), *arguments]
        for _ in range(2):
            subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
            before = path.read_text()
        assert path.read_text() == before
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    one, two = (dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line) for path in paths)
    assert one["SECRET_KEY"] != two["SECRET_KEY"]
    started = subprocess.run(
        [sys.executable, "manage.py", "check"],
        env={"PATH": os.environ["PATH"], "IDLINK_ENV_FILE": str(paths[0])},
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert started.returncode == 0, started.stderr


def test_what_any_command_writes_is_for_its_user_only(tmp_path):
    environment = {"PATH": os.environ["PATH"], "IDLINK_ENV_FILE": os.devnull, "IDLINK_VAR_DIR": str(tmp_path / "var")}
    command = f"umask 022; exec {sys.executable} manage.py migrate --skip-checks contenttypes 0001"

    done = subprocess.run(
        ["sh", "-c", command], env={**environment, **GOOD}, capture_output=True, text=True, cwd=ROOT, check=False
    )

    written = [path for path in (tmp_path / "var").rglob("*") if path.is_file()]
    assert [path.name for path in written if path.suffix == ".sqlite3"] == ["idlink.sqlite3"], done.stderr
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o600}


@pytest.mark.parametrize(("name", "value"), [("IDLINK_TRUSTED_PROXIES", "all"), ("IDLINK_PROXY_HEADER", "X-Real-IP")])
def test_a_proxy_setting_that_means_nothing_is_told(tmp_path, name, value):
    done = check(tmp_path, **{name: value})

    assert done.returncode != 0
    assert f"ImproperlyConfigured: {name} is n" in done.stderr
