"""The locks pin every package with its hashes, agree with the requirements, and are what is installed here."""

import re
from importlib.metadata import version

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.supply.lock import FOR_TESTS, ROOT, RUN_TIME, pins_of

LOCKS = [RUN_TIME, FOR_TESTS]
each_lock = pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)


def asked_for(page: str) -> list[Requirement]:
    lines = [line.partition("#")[0].strip() for line in (ROOT / page).read_text().splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith("-r")]


@each_lock
def test_every_package_is_pinned_with_hashes(lock):
    pins = pins_of(lock)

    assert len(pins) > 40
    assert [pin.name for pin in pins if not pin.hashes] == []
    assert len({pin.name for pin in pins}) == len(pins), "one version for every Python"


@each_lock
def test_no_address_stands_in_a_lock(lock):
    assert re.findall(r"\S*://\S*|--(?:extra-)?index-url|--find-links|--trusted-host", lock.read_text()) == []


@pytest.mark.parametrize(("page", "lock"), [("requirements.txt", RUN_TIME), ("requirements-dev.txt", FOR_TESTS)])
def test_what_the_requirements_ask_for_is_locked(page, lock):
    locked = {pin.name: Version(pin.version) for pin in pins_of(lock)}
    lacking = [
        str(wanted)
        for wanted in asked_for(page)
        if (name := canonicalize_name(wanted.name)) not in locked or locked[name] not in wanted.specifier
    ]

    assert lacking == [], "run `make lock`"


def test_tests_run_with_the_versions_that_users_have():
    tested = {pin.name: (pin.version, pin.hashes) for pin in pins_of(FOR_TESTS)}

    assert [pin.name for pin in pins_of(RUN_TIME) if tested.get(pin.name) != (pin.version, pin.hashes)] == []


def test_what_is_installed_is_what_is_locked():
    wanted = [pin for pin in pins_of(FOR_TESTS) if pin.is_for_here]

    assert len(wanted) > 80
    assert [f"{pin.name} {version(pin.name)}" for pin in wanted if version(pin.name) != pin.version] == []


@pytest.mark.parametrize("target", ["installed", "installed-dev"])
def test_make_installs_by_hash_and_runs_no_setup_of_a_package(target):
    text = (ROOT / "Makefile").read_text()
    rule = text.partition(f"\n.venv/{target}: ")[2].partition("\n\n")[0]

    assert re.search(r"\$\(PIP\) -r requirements(-dev)?\.lock", rule)
    assert "--require-hashes --only-binary :all:" in text.partition("\nPIP := ")[2].partition("\n")[0]


def test_a_line_that_pins_nothing_is_refused(tmp_path):
    loose = tmp_path / "requirements.lock"
    loose.write_text("django>=5.2 \\\n    --hash=sha256:00\n")

    with pytest.raises(ValueError, match="pins no version"):
        pins_of(loose)
