"""A Debian with nothing on it but what the README asks for: a chroot made by mmdebstrap."""

import shlex
import subprocess
from pathlib import Path

from tests.bare import borrowed

PACKAGES = "python3,python3-venv,make,git,ca-certificates"
CHECKOUT = "/srv/idlink"
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Mounts and processes made in here end with the command, and that with whoever runs it, even if killed: nobody else
# ever sees them, so the folder can always be removed.
APART = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child"]


class BareMachine:
    """One chroot, with a clone of a checkout in it; whoever made `folder` removes it."""

    def __init__(self, folder: Path, suite: str, source: Path) -> None:
        self._root = folder / "root"
        self._folders: list[Path] = []
        self._bootstrap(folder / "apt.conf", suite)
        self._clone(source)

    def command(self, *command: str) -> list[str]:
        """Give the command that runs another one in the clone on this machine, with nothing else of ours to be seen."""
        mounts = [f"mount -t proc proc {self._path('/proc')}"]
        mounts += [f"mount --rbind {folder} {self._path(folder)}" for folder in ("/dev", "/sys")]
        for folder in map(str, self._folders):
            there = self._path(folder)
            mounts += [f"mount --bind {shlex.quote(folder)} {there}", f"mount -o remount,bind,ro {there}"]
        # The shell stays, as the first process: make could not be interrupted if it were the first.
        script = " && ".join([*mounts, f'chroot {self._path("/")} "$@"'])
        settings = {"PATH": SYSTEM_PATH, "HOME": "/root", "TERM": "dumb", **borrowed.environment()}
        inside = ["env", "-i", "-C", CHECKOUT, *(f"{name}={value}" for name, value in settings.items()), *command]
        return [*APART, "sh", "-c", script, "sh", *inside]

    def _bootstrap(self, options: Path, suite: str) -> None:
        options.write_text(borrowed.apt_options())
        command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={PACKAGES}", f"--aptopt={options}"]
        sources = borrowed.apt_sources(suite)
        subprocess.run([*APART, "--mount-proc", *command, suite, self._root, *sources], check=True)
        self._folders = borrowed.put_into(self._root)

    def _clone(self, source: Path) -> None:
        clone = self._root / CHECKOUT.lstrip("/")
        subprocess.run(
            ["git", "-c", "advice.detachedHead=false", "clone", "--quiet", "--no-hardlinks", source, clone], check=True
        )
        subprocess.run(self.command("update-ca-certificates"), check=True, stdout=subprocess.DEVNULL)

    def _path(self, path: str) -> str:
        return shlex.quote(f"{self._root}{path}")
