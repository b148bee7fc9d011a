"""What `make test` and `make test-faults` need of the system beside Python and make: found, or installed by apt.

The system's own Python runs this before there is a virtual environment: it imports the standard library only.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Callable, NamedTuple  # noqa: UP035 - an old Python comes as far as being told that it is too old

SYSTEMD = Path("/run/systemd/system")  # there while it runs
RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")  # the one in /usr/sbin runs as its own user only


class Need(NamedTuple):
    """Something of the system's own."""

    what: str
    packages: str
    is_here: Callable[[], bool]
    service: str = ""  # apt starts it; the tests start a server of their own


def has(*programs: str) -> Callable[[], bool]:
    """Give a question: is any of these programs there?"""
    return lambda: any(shutil.which(program) for program in programs)


def compiles() -> bool:
    """Tell whether there is a C compiler, and the C library's headers, which Debian packs apart."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    check = [compiler or "", "-fsyntax-only", "-x", "c", "-"]
    source = b"#include <dlfcn.h>\n"
    return bool(compiler) and subprocess.run(check, input=source, stderr=subprocess.DEVNULL).returncode == 0


FOR_TESTS = (
    Need("Chromium", "chromium", has("chromium", "chromium-browser", "google-chrome")),
    Need("a C compiler", "gcc libc6-dev", compiles),
    Need("ps", "procps", has("ps")),
    Need("redis-server", "redis-server", has("redis-server")),
)
FOR_FAULTS = (*FOR_TESTS, Need("RabbitMQ", "rabbitmq-server", RABBITMQ.exists, "rabbitmq-server"))


def apt(packages: str, *, sudo: str = "") -> str:
    """Give the command that installs packages."""
    return f"{sudo}apt-get update -qq && {sudo}apt-get install -y -qq --no-install-recommends {packages}"


def fetching(needs: list[Need], *, sudo: str = "") -> str:
    """Give the command that brings all of these, and leaves none of their services running."""
    command = apt(" ".join(need.packages for need in needs), sudo=sudo)
    services = " ".join(need.service for need in needs if need.service)
    return f"{command} && {sudo}systemctl disable --now {services}" if services and SYSTEMD.is_dir() else command


def agreed(question: str) -> bool:
    """Ask, unless CI or YES=1 has said so before; where nobody can be asked, nobody has agreed."""
    if os.environ.get("CI") or os.environ.get("YES") == "1":
        return True
    try:
        return sys.stdin.isatty() and input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def install(command: str) -> None:
    """Run apt; what it says is of interest only if it fails."""
    print(f"Running: {command}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run(["sh", "-c", command], env=environment, text=True, **pipes)
    if done.returncode:
        sys.exit(f"{done.stdout}\nThis failed with status {done.returncode}: {command}")


def ensure(needs: tuple[Need, ...]) -> None:
    """Return when everything is there; end with one sentence, and the command to run, when it can't be had."""
    missing = [need for need in needs if not need.is_here()]
    if not missing:
        return
    packages = " ".join(need.packages for need in missing)
    lacking = f"idlink's tests need what is not here: {', '.join(need.what for need in missing)}."
    if not shutil.which("apt-get"):
        sys.exit(f"{lacking} Install it; on Debian, as root: {fetching(missing)}")
    if os.geteuid() == 0:
        install(fetching(missing))
    elif not shutil.which("sudo"):
        sys.exit(f"{lacking} Run this as root: {fetching(missing)}")
    elif agreed(f"{lacking} Install it by sudo and apt: {packages}?"):
        install(fetching(missing, sudo="sudo "))
    else:
        sys.exit(f"{lacking} Run this: {fetching(missing, sudo='sudo ')}")
    if still := [need.what for need in needs if not need.is_here()]:
        sys.exit(f"{packages} are installed, but this is still not to be found: {', '.join(still)}.")


if __name__ == "__main__":
    ensure(FOR_FAULTS if sys.argv[1:] == ["faults"] else FOR_TESTS)
