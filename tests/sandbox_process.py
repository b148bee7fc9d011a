"""The sandbox as a real process, for tests to talk to over HTTP."""

import json
import subprocess
import sys
import urllib.request
from functools import cached_property
from typing import Any, Self

PATIENCE = 120  # seconds: a busy machine is no failure


class SandboxProcess:
    """One sandbox on a free port, with `--control` unless told otherwise; stops with `stop()` or its `with` block."""

    def __init__(self, *arguments: str, control: bool = True) -> None:
        self._arguments = arguments
        watched = ["--control"] if control else []
        command = [sys.executable, "-m", "lookups.sandbox", "--port", "0", *watched, *arguments]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert "listening on" in line, f"the sandbox did not start: {line!r}"
        self.url = self.control_url = line.split()[-1]
        if control:  # taken there also while the other port is closed
            self.control_url = self._process.stdout.readline().split()[-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *told: object) -> None:
        self.stop()

    @cached_property
    def world(self) -> dict[str, Any]:
        """What `--describe` prints for this sandbox."""
        command = [sys.executable, "-m", "lookups.sandbox", "--describe", *self._arguments]
        told: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        return told

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def asset(self, name: str) -> dict[str, Any]:
        """Give an app or Page of the world by its name; Pages get their app's `secret`, all the `business`."""
        for business in self.world["businesses"]:
            secrets = {app["id"]: app["secret"] for app in business["apps"]}
            for asset in [*business["apps"], *business["pages"]]:
                if asset["name"] == name:
                    secret = secrets[asset.get("managed_by") or asset["id"]]
                    return {**asset, "secret": secret, "business": business["id"]}
        raise LookupError(name)

    def control(self, path: str, body: Any) -> Any:
        """POST to `/__control/`."""
        request = urllib.request.Request(f"{self.control_url}/__control/{path}", json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            return json.load(response)

    def read(self, path: str) -> list[dict[str, Any]]:
        """GET from `/__control/`."""
        with urllib.request.urlopen(f"{self.control_url}/__control/{path}", timeout=PATIENCE) as response:
            entries: list[dict[str, Any]] = json.load(response)
        return entries

    def journal(self) -> list[dict[str, Any]]:
        """Give every request answered so far, secrets hashed."""
        return self.read("journal")

    def reset(self) -> None:
        """Undo what control has changed, and empty the journal."""
        self.control("reset", {})

    def stop(self) -> None:
        """End the process and see that it ended well."""
        self._process.terminate()
        assert self._process.wait(timeout=PATIENCE) == 0
        assert self._process.stdout is not None
        self._process.stdout.close()
