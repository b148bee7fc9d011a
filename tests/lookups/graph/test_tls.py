"""TLS, as in production: a certificate that is not valid is refused, and the deadline holds there, too."""

import datetime
import ipaddress
import ssl
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lookups.graph import Credential, Edge, GraphClient, GraphError, LinksAnswer, LinksQuestion, Unreachable
from tests.lookups.graph.hostile_server import HostileServer, batch, http, saying

QUESTION = LinksQuestion("1", (Edge.APPS,))
CREDENTIAL = Credential(token="canary-token", app_secret="canary-secret")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate for 127.0.0.1, as one file with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def ask(server: HostileServer, **limits: float):
    client = GraphClient(server.url.replace("http:", "https:"), "v26.0", **limits)
    try:
        return client.ask([QUESTION], CREDENTIAL)[0]
    except GraphError as error:
        return error


def secured(certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_certificate_nobody_vouches_for_is_refused_before_anything_is_sent(certificate):
    with HostileServer(saying(batch({"data": []})), tls=secured(certificate)) as server:
        error = ask(server)

        assert "TLS certificate is not valid" in str(error)
        assert server.requests == []


def test_with_a_valid_certificate_questions_are_answered(certificate, monkeypatch):
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate))

    with HostileServer(saying(batch({"data": []})), tls=secured(certificate)) as server:
        assert isinstance(ask(server), LinksAnswer)


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\nX-Drip: ", http(200, "x" * 1000)[:-1000]], ids=["head", "body"])
def test_a_dripping_server_is_left_at_the_deadline(certificate, monkeypatch, start):
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate))

    def drip(connection):
        connection.sendall(start)
        for _ in range(100):
            connection.sendall(b"x")
            time.sleep(0.2)

    with HostileServer(drip, tls=secured(certificate)) as server:
        began = time.monotonic()
        error = ask(server, read_timeout=1, deadline=1.5)

    assert isinstance(error, Unreachable)
    assert time.monotonic() - began < 2.5
