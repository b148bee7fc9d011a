"""Where a request comes from: the peer of the connection, or what trusted proxies in front say of theirs.

Each proxy adds the address of its own peer at the end of a header, so entries are believed from the end, as far as
trusted proxies wrote them. What stands before them was written by whoever sent the request.
"""

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from re import fullmatch

from django.conf import settings
from django.http import HttpRequest

HEADERS = ("X-Forwarded-For", "Forwarded")


@dataclass(frozen=True)
class TrustedProxies:
    """How many proxies stand in front, or the networks in which they stand; neither: there is none."""

    hops: int = 0
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def include(self, address: str) -> bool:
        """Tell whether a proxy stands at this address."""
        known = _address(address)
        return known is not None and any(ip_address(known) in network for network in self.networks)


@lru_cache
def trusted_proxies(text: str) -> TrustedProxies:
    """Read IDLINK_TRUSTED_PROXIES: a number, or addresses and networks with commas between; raises ValueError."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    if len(words) == 1 and words[0].isdecimal():
        return TrustedProxies(hops=int(words[0]))
    return TrustedProxies(networks=tuple(ip_network(word) for word in words))


def proxies_problem(proxies: str, header: str) -> str:
    """Say what is wrong with the settings IDLINK_TRUSTED_PROXIES and IDLINK_PROXY_HEADER; empty if they are right."""
    if header not in HEADERS:
        return f"IDLINK_PROXY_HEADER is none of {', '.join(HEADERS)}."
    try:
        trusted_proxies(proxies)
    except ValueError as error:
        return f"IDLINK_TRUSTED_PROXIES is neither a number of proxies nor a list of addresses and networks: {error}."
    return ""


def client_address(request: HttpRequest) -> str | None:
    """Give the address of whoever sent a request; None if the server does not tell its peer (a local socket)."""
    peer = request.META.get("REMOTE_ADDR") or None
    trusted = trusted_proxies(settings.IDLINK_TRUSTED_PROXIES)
    told = _told(request) if trusted.hops or trusted.networks else []
    if trusted.hops:
        return (told[-trusted.hops] if len(told) >= trusted.hops else None) or peer
    for address in reversed(told):
        if address is None or not trusted.include(peer or ""):
            break
        peer = address
    return peer


def _told(request: HttpRequest) -> list[str | None]:
    """Give the addresses in the header of the proxies, None for an entry that names none."""
    header = request.headers.get(settings.IDLINK_PROXY_HEADER, "")
    entries = header.split(",") if header else []
    if settings.IDLINK_PROXY_HEADER == "Forwarded":
        # Never split by quotation marks: one that the sender left open would swallow what proxies wrote behind it.
        entries = [_node(entry) for entry in entries]
    return [_address(entry) for entry in entries]


def _node(entry: str) -> str:
    """Give the value of `for` in an entry of the header Forwarded (RFC 7239); empty if it has none."""
    pairs = (pair.partition("=") for pair in entry.split(";"))
    return next((value for name, _, value in pairs if name.strip().lower() == "for"), "")


def _address(text: str) -> str | None:
    """Give the IP address in `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `"[2001:db8::1]:80"`; None if it is none."""
    text = text.strip().strip('"')
    if bracketed := fullmatch(r"\[([^]%]+)\](:[0-9]+)?", text):
        text = bracketed[1]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])  # without the zone of a link-local address
    except ValueError:
        return None
    return str(getattr(found, "ipv4_mapped", None) or found)
