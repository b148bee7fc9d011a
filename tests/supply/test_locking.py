"""The lock is made with the package index that pip is set up for here."""

import pytest

from tests.supply.locking import PLATFORMS, PYTHONS, settings_of_pip


@pytest.fixture
def set_up(tmp_path, monkeypatch):
    """Give a way to set pip up by a file and by variables, whatever is set on this machine."""
    for name in ("PIP_INDEX_URL", "PIP_CERT"):
        monkeypatch.delenv(name, raising=False)

    def write(text: str, **variables: str) -> None:
        (tmp_path / "pip.conf").write_text(text)
        monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return write


def test_index_and_certificates_are_those_of_pip(set_up):
    set_up("[global]\nindex-url = https://index.example/simple\ncert = /ca.pem\ntimeout = 5\n")

    assert settings_of_pip() == {"UV_DEFAULT_INDEX": "https://index.example/simple", "SSL_CERT_FILE": "/ca.pem"}


def test_a_variable_goes_before_the_file(set_up):
    set_up("[global]\nindex-url = https://index.example/simple\n", PIP_INDEX_URL="https://other.example/simple")

    assert settings_of_pip()["UV_DEFAULT_INDEX"] == "https://other.example/simple"


def test_it_is_tried_wherever_idlink_is_to_run():
    assert PYTHONS == ("3.11", "3.13")
    assert {platform.partition("-")[0] for platform in PLATFORMS} == {"x86_64", "aarch64"}
