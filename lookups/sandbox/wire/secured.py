"""The TLS of the port: the certificate that it shows, and the versions that it speaks. An order is

    {"cert"?: file, "key"?: file, "version"?: "1.0" | "1.1" | "1.2" | "1.3"}

What is left out is as at the start. Without a version these are 1.2 and newer. An order holds from the next handshake
on. The open connections end, so that everybody has to make a new one.
"""

import ssl
import warnings
from typing import Any

VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}


class _Telling(ssl.SSLObject):
    """Sends the reason why a handshake fails, as servers do. asyncio alone would hang up before it is sent."""

    def do_handshake(self) -> None:
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as error:
            # Now asyncio sends what OpenSSL has written, and waits until the other side hangs up.
            raise ssl.SSLWantReadError from error


class Secured:
    """The TLS of one port. `context` stays the same object, so a port that listens with it sees each change."""

    def __init__(self, cert: str, key: str | None = None, version: str = "") -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.sslobject_class = _Telling
        self._at_first = {"cert": cert, "key": key, "version": version}
        self.turn({})

    def turn(self, order: dict[str, Any]) -> dict[str, Any]:
        """Show this certificate and speak this version; raises ValueError, and then nothing has changed."""
        wanted = {**self._at_first, **({"key": None} if "cert" in order else {}), **order}
        if set(wanted) != set(self._at_first):
            raise ValueError(f"an order about TLS has {', '.join(self._at_first)}")
        if wanted["version"] not in ("", *VERSIONS):
            raise ValueError(f"a TLS version is one of {', '.join(VERSIONS)}")
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(wanted["cert"], wanted["key"])
        except OSError as error:
            raise ValueError(f"the certificate or its key can't be used: {error}") from None
        self.context.load_cert_chain(wanted["cert"], wanted["key"])
        self._speak(wanted["version"])
        return {name: value for name, value in wanted.items() if value}

    def _speak(self, version: str) -> None:
        # Above level 0 OpenSSL refuses versions 1.0 and 1.1, even if they are the ones set below.
        self.context.set_ciphers(f"DEFAULT:@SECLEVEL={0 if version in ('1.0', '1.1') else 2}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of naming the old versions
            self.context.minimum_version = VERSIONS.get(version, ssl.TLSVersion.TLSv1_2)
            self.context.maximum_version = VERSIONS.get(version, ssl.TLSVersion.MAXIMUM_SUPPORTED)
