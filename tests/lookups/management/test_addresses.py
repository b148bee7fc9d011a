"""Ports are found free, and addresses are told as a browser needs them."""

import socket

import pytest

from lookups.management.addresses import free_port, host_and_port, web_url


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("idlink.example", "http://idlink.example:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::1", "http://[::1]:8000"),
        ("::", "http://[::1]:8000"),
    ],
)
def test_the_address_told_can_be_opened_on_this_machine(host, url):
    assert web_url(host, 8000) == url


def test_the_web_server_still_listens_everywhere_when_asked_to():
    assert [host_and_port(host, 8000) for host in ("0.0.0.0", "::")] == ["0.0.0.0:8000", "[::]:8000"]


def test_a_taken_port_is_told_and_skipped():
    said = []
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        found = free_port(port, "127.0.0.1", said.append)

    assert found > port
    assert said == [f"Port {port} is taken: using {found}."]


def test_a_port_that_was_in_use_a_moment_ago_is_free():
    with socket.create_server(("127.0.0.1", 0)) as before:
        port = before.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            before.accept()[0].close()

    assert free_port(port, "127.0.0.1", pytest.fail) == port
