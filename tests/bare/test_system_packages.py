"""What `make test` needs of the system: nothing is run when it is there, and one sentence says what is missing."""

import os
import sys
from pathlib import Path

import pytest

from tests.bare.system_packages import FOR_FAULTS, FOR_TESTS, Need, ensure, has

COMMAND = "apt-get update -qq && apt-get install -y -qq --no-install-recommends"
NEEDS = (Need("Sought", "sought sought-dev", has("sought", "sought-browser")), Need("Other", "other", has("other")))


class Machine:
    """A machine whose only programs are those of one folder; each writes down how it was called."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._calls = folder, folder / "calls"

    def has(self, name: str, body: str = "") -> None:
        """Put a program there, which does what `body` says in Python."""
        program = self._folder / name
        lines = ("import pathlib, os, subprocess, sys", f"log = pathlib.Path({str(self._calls)!r}).open('a')")
        call = f"log.write(' '.join([{name!r}, *sys.argv[1:]]) + '\\n'); log.close()"
        program.write_text("\n".join([f"#!{sys.executable} -S", *lines, call, body]))
        program.chmod(0o755)

    def has_apt(self, *brings: str, status: int = 0) -> None:
        """Put an apt-get there, which installs the programs it `brings`."""
        body = [f"if 'update' in sys.argv: sys.exit({status})"]
        body += [f"os.symlink('/bin/true', {str(self._folder / program)!r})" for program in brings]
        self.has("apt-get", "\n".join(["print('apt says this')", *body]))

    def has_sudo(self) -> None:
        """Put a sudo there that asks for no password."""
        self.has("sudo", "sys.exit(subprocess.run(sys.argv[1:]).returncode)")

    @property
    def calls(self) -> list[str]:
        """What was run, in order."""
        return self._calls.read_text().splitlines() if self._calls.exists() else []


@pytest.fixture
def machine(tmp_path, monkeypatch) -> Machine:
    made = Machine(tmp_path)
    (tmp_path / "sh").symlink_to("/bin/sh")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("YES", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    return made


@pytest.fixture
def as_root(machine, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)


@pytest.fixture
def answering(monkeypatch):
    """Give a way to sit at the terminal with one answer, and the questions that were asked."""
    asked: list[str] = []

    def answer(text: str) -> list[str]:
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or text)
        return asked

    return answer


@pytest.mark.usefixtures("as_root")
def test_nothing_is_run_when_nothing_is_missing(machine, answering):
    for program in ("sought-browser", "other"):
        machine.has(program)
    machine.has_apt()
    asked = answering("y")

    ensure(NEEDS)

    assert (machine.calls, asked) == ([], [])


@pytest.mark.usefixtures("as_root")
def test_root_installs_what_is_missing_and_no_more_without_being_asked(machine, answering, capsys):
    machine.has("other")
    machine.has_apt("sought")
    asked = answering("n")

    ensure(NEEDS)

    assert machine.calls == ["apt-get update -qq", f"{COMMAND.partition(' && ')[2]} sought sought-dev"]
    assert asked == []
    assert capsys.readouterr().out == f"Running: {COMMAND} sought sought-dev\n"


def test_others_install_by_sudo_once_they_have_agreed(machine, answering):
    machine.has_apt("sought", "other")
    machine.has_sudo()
    asked = answering("y")

    ensure(NEEDS)

    assert machine.calls[::2] == [
        "sudo apt-get update -qq",
        "sudo apt-get install -y -qq --no-install-recommends sought sought-dev other",
    ]
    (question,) = asked
    assert "Sought, Other" in question
    assert "sought sought-dev other?" in question


@pytest.mark.parametrize(("name", "value"), [("CI", "true"), ("YES", "1")])
def test_ci_and_yes_are_not_asked(machine, answering, monkeypatch, name, value):
    machine.has_apt("sought", "other")
    machine.has_sudo()
    asked = answering("n")
    monkeypatch.setenv(name, value)

    ensure(NEEDS)

    assert asked == []
    assert "sudo apt-get update -qq" in machine.calls


def test_who_says_no_is_told_the_command_and_nothing_is_run(machine, answering):
    machine.has_apt()
    machine.has_sudo()
    answering("")

    with pytest.raises(SystemExit) as end:
        ensure(NEEDS)

    by_sudo = COMMAND.replace("apt-get", "sudo apt-get")
    assert (
        end.value.code
        == f"idlink's tests need what is not here: Sought, Other. Run this: {by_sudo} sought sought-dev other"
    )
    assert machine.calls == []


def test_without_a_terminal_nobody_has_agreed(machine, monkeypatch):
    machine.has_apt()
    machine.has_sudo()
    with open(os.devnull) as nobody:
        monkeypatch.setattr("sys.stdin", nobody)
        with pytest.raises(SystemExit, match="Run this: sudo apt-get update"):
            ensure(NEEDS)

    assert machine.calls == []


@pytest.mark.parametrize("name", ["", "CI"])
def test_without_root_and_sudo_one_sentence_tells_the_command(machine, monkeypatch, capsys, name):
    machine.has_apt()
    monkeypatch.setenv(name or "YES", "1")

    with pytest.raises(SystemExit) as end:
        ensure(NEEDS)

    assert end.value.code == (
        f"idlink's tests need what is not here: Sought, Other. Run this as root: {COMMAND} sought sought-dev other"
    )
    assert machine.calls == []
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("as_root")
def test_without_apt_one_sentence_tells_what_is_missing_and_how_debian_calls_it(machine):
    with pytest.raises(SystemExit) as end:
        ensure(NEEDS[1:])

    assert end.value.code == (
        f"idlink's tests need what is not here: Other. Install it; on Debian, as root: {COMMAND} other"
    )


@pytest.mark.usefixtures("as_root")
def test_what_apt_says_is_shown_when_it_fails(machine):
    machine.has_apt(status=100)

    with pytest.raises(SystemExit, match="apt says this\n\nThis failed with status 100: apt-get update"):
        ensure(NEEDS)


@pytest.mark.usefixtures("as_root")
def test_what_is_still_missing_afterwards_is_told(machine):
    machine.has_apt("other")

    with pytest.raises(SystemExit, match="still not to be found: Sought"):
        ensure(NEEDS)


def test_a_compiler_without_the_headers_is_no_compiler(machine):
    (compiler,) = (need for need in FOR_TESTS if "compiler" in need.what)
    assert not compiler.is_here()

    machine.has("cc", "sys.exit('dlfcn.h' in sys.stdin.read())")
    assert not compiler.is_here()

    machine.has("cc", "sys.exit('dlfcn.h' not in sys.stdin.read())")
    assert compiler.is_here()


@pytest.mark.usefixtures("as_root")
@pytest.mark.parametrize("runs", [True, False])
def test_a_service_that_apt_starts_is_stopped_and_stays_so_where_systemd_runs(machine, tmp_path, monkeypatch, runs):
    monkeypatch.setattr("tests.bare.system_packages.SYSTEMD", tmp_path if runs else tmp_path / "nowhere")
    machine.has_apt("served")
    machine.has("systemctl")

    ensure((Need("Served", "served", has("served"), "served-service"),))

    assert machine.calls[2:] == (["systemctl disable --now served-service"] if runs else [])


def test_rabbitmq_is_wanted_for_the_long_tests_alone():
    assert [need.what for need in FOR_FAULTS if need not in FOR_TESTS] == ["RabbitMQ"]
