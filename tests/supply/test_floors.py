"""Nothing is locked or installed below the version in which the last known hole was mended."""

import tomllib
from importlib.metadata import version
from pathlib import Path

from packaging.version import Version

from tests.supply.lock import RUN_TIME, pins_of

TABLE = tomllib.loads(Path(__file__).with_name("floors.toml").read_text())
FLOORS = {name: Version(lowest) for name, (lowest, _) in TABLE["floors"].items()}


def test_nothing_is_locked_below_its_floor():
    locked = {pin.name: Version(pin.version) for pin in pins_of(RUN_TIME)}

    assert {name: str(locked[name]) for name, floor in FLOORS.items() if locked[name] < floor} == {}


def test_nothing_is_installed_below_its_floor():
    here = {name: Version(version(name)) for name in FLOORS}

    assert {name: str(here[name]) for name, floor in FLOORS.items() if here[name] < floor} == {}


def test_every_package_that_runs_in_production_was_looked_up():
    looked_up = [*FLOORS, *TABLE["nothing_known"]["packages"]]

    assert sorted(looked_up) == sorted(pin.name for pin in pins_of(RUN_TIME))


def test_every_floor_says_what_it_is_for():
    assert [name for name, (_, why) in TABLE["floors"].items() if len(why) < 10] == []
