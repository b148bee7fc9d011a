"""`make lock`: choose versions for requirements.txt and requirements-dev.txt, with the hashes of all their files.

`--upgrade` chooses the newest versions; without it, what is locked stays as long as the requirements allow it. The
package index is pip's own; its address is not written down. At the end it is tried whether the locks can be
installed wherever idlink is to run.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.supply.lock import FOR_TESTS, ROOT, RUN_TIME

UV = str(Path(sys.executable).parent / "uv")
OLDEST_PYTHON = "3.11"
PYTHONS = (OLDEST_PYTHON, "3.13")
PLATFORMS = ("x86_64-manylinux_2_36", "aarch64-manylinux_2_36")  # Debian 12's C library; 13's runs the same files
COMPILE = (
    "pip", "compile", "--quiet", "--universal", "--python-version", OLDEST_PYTHON, "--fork-strategy", "fewest",
    "--generate-hashes", "--custom-compile-command", "make lock",
)  # fmt: skip


def main(told: list[str]) -> None:
    """Write both locks, and try them on every Python and platform."""
    settings = settings_of_pip()
    run_uv(settings, *COMPILE, *told, "requirements.txt", "--output-file", RUN_TIME.name)
    shared = ("--constraint", RUN_TIME.name)  # the tests run with the versions that users have
    run_uv(settings, *COMPILE, *told, "requirements-dev.txt", *shared, "--output-file", FOR_TESTS.name)
    for python in PYTHONS:
        for platform in PLATFORMS:
            for lock in (RUN_TIME, FOR_TESTS):
                try_to_install(settings, lock, python, platform)
            print(f"Both locks can be installed with Python {python} on {platform}.")


def try_to_install(settings: dict[str, str], lock: Path, python: str, platform: str) -> None:
    """Choose a wheel for each pin as an installation there would, without fetching it. Raises CalledProcessError."""
    where = ("--python-version", python, "--python-platform", platform)
    how = ("--quiet", "--dry-run", "--require-hashes", "--only-binary", ":all:", "--no-deps")
    with tempfile.TemporaryDirectory() as nowhere:
        run_uv(settings, "pip", "install", *how, *where, "--target", nowhere, "--requirement", str(lock))


def run_uv(settings: dict[str, str], *arguments: str) -> None:
    """Run uv in the project's folder; raises CalledProcessError."""
    subprocess.run([UV, *arguments], cwd=ROOT, env={**os.environ, **settings}, check=True)


def settings_of_pip() -> dict[str, str]:
    """Give pip's index and certificates in uv's words; a variable goes before a file, which pip lists later."""
    known = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE"}
    command = [sys.executable, "-m", "pip", "config", "list"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    pairs = [line.partition("=")[::2] for line in lines]
    found = [(name.rpartition(".")[2], value.strip("'")) for name, value in pairs]
    return {known[name]: value for name, value in reversed(found) if name in known}


if __name__ == "__main__":
    main(sys.argv[1:])
