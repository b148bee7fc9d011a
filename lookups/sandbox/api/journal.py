"""The journal: every request and batch item that the sandbox answered, with secrets hashed."""

import hashlib
import json
import time
from collections import deque
from collections.abc import Callable
from typing import IO, Any

from lookups.sandbox.api.request import Request

SECRET = ("access_token", "appsecret_proof", "client_secret", "input_token", "fb_exchange_token")
MOST_ENTRIES = 200_000


class Journal:
    """Keeps the newest entries while `is_kept`, and writes each as a line of JSON where it has a file."""

    def __init__(self) -> None:
        self.entries: deque[dict[str, Any]] = deque(maxlen=MOST_ENTRIES)
        self.is_kept = False
        self.file: IO[str] | None = None
        self.is_secret: Callable[[str], bool] = lambda value: False

    @property
    def is_read(self) -> bool:
        """Whether anybody will see an entry."""
        return self.is_kept or self.file is not None

    def add(self, request: Request, proof: str, status: int, body: Any, *, action: list[str], size: int) -> None:
        """Note an answered request. `action` names the fault that met it; `size` is the body's length in bytes."""
        error = body.get("error") if isinstance(body, dict) else None
        entry = {
            "at": time.time(),
            "method": request.method,
            "path": "/" + "/".join(request.path),
            "token": hashed(request.token) if request.token else "",
            "params": {name: self._shown(name, value) for name, value in request.params.items()},
            "proof": proof,
            "status": status,
            "code": error.get("code") if isinstance(error, dict) else None,
            "action": action,
            "bytes": size,
        }
        if self.is_kept:
            self.entries.append(entry)
        if self.file:
            self.file.write(json.dumps(entry) + "\n")
            self.file.flush()

    def _shown(self, name: str, value: Any) -> Any:
        """Hash what is secret by its name, or by what it is."""
        if name == "batch":
            return "…"
        return hashed(value) if name in SECRET or self.is_secret(str(value)) else value

    def clear(self) -> None:
        """Forget everything."""
        self.entries.clear()


def hashed(value: Any) -> str:
    """Give a hash to show in place of a secret: two secrets can be told apart by it, and neither can be used."""
    return "sha256:" + hashlib.sha256(str(value).encode()).hexdigest()[:16]
