"""Certificates for tests: of an authority that a test trusts, or wrong in one of the ways in which they can be."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class Authority:
    """Makes certificates, as a certificate authority would, or not."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._made = folder, 0
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test Authority")])
        made = self._certificate(self._name, self._key, days=10).add_extension(x509.BasicConstraints(True, None), True)
        self.path = folder / "authority.pem"
        self.path.write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def arguments(self, **how: Any) -> list[str]:
        """Give the sandbox's arguments that make it serve with such a certificate."""
        files = self.issue(**how)
        return [f"--tls-cert={files['cert']}", f"--tls-key={files['key']}"]

    def issue(self, host: str = "127.0.0.1", *, days: int = 10, signed_by_itself: bool = False) -> dict[str, str]:
        """Make a certificate that ends in so many days; gives its file and that of its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
        made = self._certificate(subject, key, days, issuer=subject if signed_by_itself else self._name)
        made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), False)
        certificate = made.sign(key if signed_by_itself else self._key, hashes.SHA256())
        self._made += 1
        cert, key_file = (self._folder / f"{what}{self._made}.pem" for what in ("cert", "key"))
        cert.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        pem, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, pem, plain))
        return {"cert": str(cert), "key": str(key_file)}

    def _certificate(self, subject, key, days, issuer=None):
        ends = datetime.now(UTC) + timedelta(days=days)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer or subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(ends - timedelta(days=30))
            .not_valid_after(ends)
        )
