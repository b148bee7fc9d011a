"""The list of parts names every locked package, in CycloneDX, and is the same whenever it is made."""

import json
import subprocess
import sys

import pytest

from tests.supply.lock import ROOT, RUN_TIME, pins_of
from tests.supply.sbom import document


@pytest.fixture(scope="module")
def made() -> dict:
    return document(RUN_TIME)


def test_every_locked_package_is_named_with_its_version_and_hashes(made):
    told = {
        part["purl"]: {one["value"] for one in part["properties"] if one["name"] == "idlink:sha256"}
        for part in made["components"]
    }

    assert told == {f"pkg:pypi/{pin.name}@{pin.version}": set(pin.hashes) for pin in pins_of(RUN_TIME)}


def test_what_needs_what_is_told_of_known_parts_only(made):
    refs = {part["bom-ref"] for part in made["components"]} | {"idlink"}
    needs = {one["ref"]: set(one["dependsOn"]) for one in made["dependencies"]}
    versions = {pin.name: f"pkg:pypi/{pin.name}@{pin.version}" for pin in pins_of(RUN_TIME)}

    assert set(needs) == refs
    assert set.union(*needs.values()) <= refs
    assert versions["django"] in needs["idlink"]
    assert versions["kombu"] in needs[versions["celery"]]
    assert set.union(*needs.values()) == refs - {"idlink"}, "every part is there for something"


def test_the_target_writes_what_the_lock_says_and_always_the_same(made, tmp_path):
    for name in ("one.json", "two.json"):
        command = [sys.executable, "-m", "tests.supply.sbom", str(tmp_path / name)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)

    one, two = ((tmp_path / name).read_bytes() for name in ("one.json", "two.json"))
    assert one == two
    assert json.loads(one) == made
