"""What the bare machine takes from the machine it is made on: where packages come from, and whom to trust.

So it works behind mirrors and proxies as well, and no address of a registry stands here.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

PIP_FILES = ("/etc/pip.conf", "/etc/xdg/pip/pip.conf", "~/.config/pip/pip.conf", "~/.pip/pip.conf")
VARIABLES = re.compile(r"(https?|ftp|all|no)_proxy|PIP_\w+|(SSL_CERT|REQUESTS_CA|CURL_CA)_\w+", re.IGNORECASE)
OWN_CERTIFICATES = Path("/usr/local/share/ca-certificates")


def output_of(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def apt_sources(suite: str) -> list[str]:
    """Give this machine's sources of Debian's own packages, for another suite if need be."""
    wanted = ("Created-By: Packages", "Origin: Debian")
    told = output_of("apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", *wanted)
    rows = [line.split() for line in told.splitlines()]
    if not rows:
        sys.exit("apt knows no package of Debian's here: run apt-get update first.")
    return list(dict.fromkeys(f"deb {uri} {of_suite(release, suite)} {part}" for uri, release, part in rows))


def of_suite(release: str, suite: str) -> str:
    """Give the like of a release in another suite: its updates, its security."""
    _, dash, rest = release.partition("-")
    return f"{suite}{dash}{rest}"


def apt_options() -> str:
    """Give how apt fetches here; not what it fetches besides packages."""
    lines = output_of("apt-config", "dump").splitlines()
    left_out = ("Acquire::IndexTargets", "Acquire::Changelogs", "Acquire::cdrom")
    return "".join(f"{line}\n" for line in lines if line.startswith("Acquire::") and not line.startswith(left_out))


def environment() -> dict[str, str]:
    """Give the variables that tell pip, and others, by which way to fetch."""
    return {name: value for name, value in os.environ.items() if VARIABLES.fullmatch(name)}


def paths_in(text: str) -> set[Path]:
    """Give the files and folders that settings name.

    Of an index in files, a `file://`, the folder above it is wanted: its pages link to files beside it.
    """
    indexes = {Path(found).parent for found in re.findall(r"file://(/[^\s\"',]+)", text)}
    others = {Path(found) for found in re.findall(r"(?<![\w/:.)])/[^\s\"',:;]+", text)}
    return {path for path in indexes | others if path.exists() and path != Path("/")}


def put_into(root: Path) -> list[Path]:
    """Copy settings and certificates into the machine below `root`; gives the folders it must see besides."""
    texts = [apt_options(), *environment().values()]
    for name in PIP_FILES:
        original = Path(name).expanduser()
        if original.is_file():
            copy(original, root / name.replace("~", "root").lstrip("/"))
            texts.append(original.read_text())
    for name in ("/etc/resolv.conf", "/etc/hosts"):
        copy(Path(name), root / name.lstrip("/"))
    if OWN_CERTIFICATES.is_dir():
        shutil.copytree(OWN_CERTIFICATES, root / OWN_CERTIFICATES.relative_to("/"), dirs_exist_ok=True)
    return bring(set().union(*map(paths_in, texts)), root)


def bring(paths: Iterable[Path], root: Path) -> list[Path]:
    """Copy files that are missing below `root`; gives the missing folders, each an empty one there by now."""
    folders = []
    for path in sorted(paths):
        there = root / path.relative_to("/")
        if there.exists():
            continue
        if path.is_dir():
            there.mkdir(parents=True)
            folders.append(path)
        else:
            copy(path, there)
    return folders


def copy(original: Path, there: Path) -> None:
    there.parent.mkdir(parents=True, exist_ok=True)
    there.unlink(missing_ok=True)
    shutil.copy(original, there)
