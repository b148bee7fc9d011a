"""`make test-bare`: both commands of the README, on a Debian that has nothing but what the README asks for."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bare.machine import PACKAGES, BareMachine
from tests.bare.system_packages import Need, ensure, has

ROOT = Path(__file__).resolve().parent.parent.parent
DEMO_SECONDS = 600
NEEDS = (Need("mmdebstrap", "mmdebstrap", has("mmdebstrap")),)


@contextmanager
def timed(what: str) -> Iterator[None]:
    start = time.monotonic()
    print(f"==> {what}", flush=True)
    yield
    print(f"==> {what}: {time.monotonic() - start:.0f} s", flush=True)


def try_demo(machine: BareMachine, log: Path) -> None:
    """Start the demo, see its log-in page, interrupt it as Ctrl-C does, and see it end well."""
    with log.open("w") as output:
        demo = subprocess.Popen(machine.command("make", "demo"), stdout=output, stderr=output, start_new_session=True)
    try:
        see_page(wait_for_address(demo, log))
        os.killpg(demo.pid, signal.SIGINT)
        demo.wait(timeout=60)
    finally:
        demo.kill()
        demo.wait()
        print(log.read_text(), flush=True)
    if "Stopped." not in log.read_text():
        sys.exit("The demo did not stop by itself.")


def wait_for_address(demo: "subprocess.Popen[bytes]", log: Path) -> str:
    """Give the address that the demo prints once it is ready."""
    deadline = time.monotonic() + DEMO_SECONDS
    while time.monotonic() < deadline and demo.poll() is None:
        said = log.read_text()
        if "Ctrl-C" in said and (found := re.search(r"ready:\s+(\S+)", said)):
            return found[1]
        time.sleep(0.5)
    sys.exit(f"The demo is not ready after {DEMO_SECONDS} s, or has ended.")


def see_page(address: str) -> None:
    """End, with what came instead, unless a page to log in answers."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    page = opener.open(address, timeout=30).read().decode()
    if 'name="password"' not in page:
        sys.exit(f"{address} is no page to log in: {page}")


def try_tests(machine: BareMachine) -> None:
    """Run `make test`; TESTS narrows it while one tries."""
    narrowed = os.environ.get("TESTS")
    options = [f"PYTEST_ADDOPTS={narrowed}"] if narrowed else []
    status = subprocess.run(machine.command("env", *options, "make", "test"), stdin=subprocess.DEVNULL).returncode
    if status:
        sys.exit(f"make test failed with status {status}.")


def main() -> None:
    """Make the machine, run both commands, remove it."""
    if os.geteuid() != 0:
        sys.exit("make test-bare makes a chroot, which only root can do: run it as root.")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit("Told to stop."))
    ensure(NEEDS)
    suite = os.environ.get("SUITE") or "bookworm"
    with tempfile.TemporaryDirectory(prefix="idlink-bare-") as folder:
        with timed(f"Debian {suite} with {PACKAGES}"):
            machine = BareMachine(Path(folder), suite, ROOT)
        with timed("make demo"):
            try_demo(machine, Path(folder, "demo.log"))
        with timed("make test"):
            try_tests(machine)


if __name__ == "__main__":
    main()
