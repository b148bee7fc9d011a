"""What the bare machine takes over from the one it is made on."""

import stat

import pytest

from tests.bare import borrowed
from tests.bare.__main__ import main

TARGETS = """\
https://mirror.example/debian/ bookworm main
https://mirror.example/debian/ bookworm main
https://mirror.example/debian/ bookworm-updates main
https://mirror.example/security/ bookworm-security main
"""


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Give a way to put a program first on the path, which prints a text."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    def put(name: str, text: str) -> None:
        (tmp_path / f"{name}.txt").write_text(text)
        (tmp_path / name).write_text(f"#!/bin/sh\ncat '{tmp_path}/{name}.txt'\n")
        (tmp_path / name).chmod(stat.S_IRWXU)

    return put


def test_sources_are_this_machines_own_for_the_suite_that_is_wanted(program):
    program("apt-get", TARGETS)

    assert borrowed.apt_sources("trixie") == [
        "deb https://mirror.example/debian/ trixie main",
        "deb https://mirror.example/debian/ trixie-updates main",
        "deb https://mirror.example/security/ trixie-security main",
    ]


def test_a_machine_that_has_never_fetched_its_lists_says_what_to_do(program):
    program("apt-get", "")

    with pytest.raises(SystemExit, match="run apt-get update first"):
        borrowed.apt_sources("bookworm")


def test_only_the_way_to_fetch_is_taken_of_apts_options(program):
    kept = 'Acquire::http::Proxy "http://proxy.example:3128";\n'
    program("apt-config", f'APT::Install-Recommends "1";\n{kept}Acquire::IndexTargets::deb::DEP-11 "";\n')

    assert borrowed.apt_options() == kept


def test_variables_for_fetching_are_taken_and_no_others(monkeypatch):
    wanted = {"https_proxy": "http://proxy.example", "NO_PROXY": "a", "PIP_INDEX_URL": "b", "SSL_CERT_FILE": "/c"}
    for name, value in {**wanted, "DATABASE_URL": "d", "CI": "true", "PYTHONPATH": "e"}.items():
        monkeypatch.setenv(name, value)

    taken = borrowed.environment()

    assert wanted.items() <= taken.items()
    assert {"DATABASE_URL", "CI", "PYTHONPATH"}.isdisjoint(taken)


def test_settings_name_files_folders_and_indexes_but_no_addresses(tmp_path):
    for folder in ("wheels", "index/simple", "srv"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "ca.pem").touch()
    text = (
        f"[global]\ncert = {tmp_path}/ca.pem\nfind-links={tmp_path}/wheels {tmp_path}/missing\n"
        f"extra-index-url = file://{tmp_path}/index/simple https://mirror.example{tmp_path}/srv\n"
    )

    assert borrowed.paths_in(text) == {tmp_path / "ca.pem", tmp_path / "wheels", tmp_path / "index"}


def test_missing_files_are_copied_and_missing_folders_left_to_be_mounted(tmp_path):
    root, here = tmp_path / "root", tmp_path / "here"
    (here / "wheels").mkdir(parents=True)
    (here / "wheels" / "some.whl").touch()
    (here / "ca.pem").write_text("certificate")
    there = root / here.relative_to("/")

    assert borrowed.bring([here / "wheels", here / "ca.pem"], root) == [here / "wheels"]
    assert (there / "ca.pem").read_text() == "certificate"
    assert list((there / "wheels").iterdir()) == []
    (there / "ca.pem").write_text("its own")
    assert borrowed.bring([here / "wheels", here / "ca.pem"], root) == [], "what is there stays"
    assert (there / "ca.pem").read_text() == "its own"


def test_only_root_can_make_a_bare_machine(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    with pytest.raises(SystemExit, match="only root can do: run it as root"):
        main()
