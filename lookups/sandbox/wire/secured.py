"""TLS as a server speaks it: the certificate it shows, and the one version if it speaks no other.

    {"cert"?: file, "key"?: file, "version"?: "1.0" | "1.1" | "1.2" | "1.3"}

What is left out is as at the start, where versions are 1.2 and newer. It holds from the next handshake on;
the connections that are open end, so that everybody's next one is new.
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
    """Tells the other side why it refuses, as servers do; asyncio would hang up before that is sent."""

    def do_handshake(self) -> None:
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as error:
            # asyncio now sends what OpenSSL has to say, and waits until the other side hangs up.
            raise ssl.SSLWantReadError from error


class Secured:
    """The TLS of one port. `context` stays the same object: whoever listens with it sees each change."""

    def __init__(self, cert: str, key: str | None = None, version: str = "") -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.sslobject_class = _Telling
        self._at_first = {"cert": cert, "key": key, "version": version}
        self.turn({})

    def turn(self, told: dict[str, Any]) -> dict[str, Any]:
        """Show this certificate and speak this version; raises ValueError, and then nothing has changed."""
        wanted = {**self._at_first, **({"key": None} if "cert" in told else {}), **told}
        if set(wanted) != set(self._at_first):
            raise ValueError(f"TLS is told {', '.join(self._at_first)}")
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
        # OpenSSL refuses 1.0 and 1.1 above level 0 whatever the versions are set to.
        self.context.set_ciphers(f"DEFAULT:@SECLEVEL={0 if version in ('1.0', '1.1') else 2}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of naming the old versions
            self.context.minimum_version = VERSIONS.get(version, ssl.TLSVersion.TLSv1_2)
            self.context.maximum_version = VERSIONS.get(version, ssl.TLSVersion.MAXIMUM_SUPPORTED)
