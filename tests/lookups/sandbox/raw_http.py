"""Raw bytes to the sandbox, and questions over a connection that stays open."""

import http.client
import socket


def talk(sandbox, data: bytes, *, end: bool = True) -> bytes:
    """Send raw bytes and read all that comes back."""
    host, port = sandbox.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(data)
        if end:
            connection.shutdown(socket.SHUT_WR)
        received = b""
        while part := connection.recv(65536):
            received += part
        return received


def asked(connection: http.client.HTTPConnection) -> int:
    """Ask for the sandbox's health over an open connection, and give the status."""
    connection.request("GET", "/__sandbox/health")
    response = connection.getresponse()
    response.read()
    return response.status
