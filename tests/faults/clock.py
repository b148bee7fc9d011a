"""A clock that can be set while programs run by it, as an administrator or a time server sets a machine's.

Debian's libfaketime does not do: with the monotonic clock left alone its sleeps fail (EINVAL, Python 3.11),
and otherwise locks with a time limit hang.
"""

import shutil
import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("clock.c")


class Clock:
    """Start a program with `.environment`, then move its clock by `.put()`."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc") or shutil.which("gcc")
        assert compiler, "a C compiler is missing: install the system's package gcc, with libc6-dev"
        self._file, library = folder / "clock", folder / "clock.so"
        subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", library, SOURCE], check=True)
        self.put(0)
        self.environment = {"LD_PRELOAD": str(library), "CLOCK_FILE": str(self._file)}

    def put(self, seconds: int) -> None:
        """Let the clock be so far ahead of the machine's from now on; less than nothing is behind."""
        with self._file.open("r+b" if self._file.exists() else "w+b") as file:
            file.write(struct.pack("=q", seconds))
