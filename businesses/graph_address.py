"""Where Graph may be asked: tokens are sent there, so a slip of the pen must not choose the receiver. Pure.

An address is compared as a whole with what is allowed, never taken apart to look for what is forbidden: two parsers
may see two hosts in one text. So user info, other ports, paths and other spellings of a host are refused by themselves.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

METAS = frozenset({"https://graph.facebook.com", "https://graph.beta.facebook.com"})
_PORT = r":[0-9]{1,5}"
_LOOPBACK = re.compile(rf"https?://(localhost|127(\.[0-9]{{1,3}}){{3}}|\[::1\])({_PORT})?")
_ELSEWHERE = re.compile(rf"(?P<host>[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[(?P<six>[0-9a-f:.]+)\]){_PORT}")
_ENDS_IN_A_NUMBER = re.compile(r"(^|\.)(0x[0-9a-f]*|[0-9]+)$")


def is_the_real_graph(url: str) -> bool:
    """Tell whether this is an address of Meta's."""
    return url in METAS


def address_trouble(url: str, *, sandbox: bool, elsewhere: str = "") -> str:
    """Say what is wrong with the address of Graph; empty if it may be asked. The text repeats nothing of the address.

    `sandbox`: the settings call this a trial installation; Graph may then be a stand-in on this machine. `elsewhere`
    is the host and port of a stand-in on another machine, as a setting of its own names it.
    """
    if is_the_real_graph(url):
        return ""
    if not sandbox:
        return f"IDLINK_GRAPH_URL is none of Meta's addresses: {', '.join(sorted(METAS))}."
    if _LOOPBACK.fullmatch(url):
        return ""
    if not elsewhere:
        return "IDLINK_GRAPH_URL is neither Meta's address nor one of this machine (http://127.0.0.1:PORT)."
    if url not in (f"http://{elsewhere}", f"https://{elsewhere}"):
        return "IDLINK_GRAPH_URL is not at the host and port that IDLINK_SANDBOX_ADDRESS names."
    return _trouble_elsewhere(elsewhere)


def _trouble_elsewhere(elsewhere: str) -> str:
    """Refuse what names no single host, and addresses at which machines of a cloud are told their secrets."""
    found = _ELSEWHERE.fullmatch(elsewhere)
    if found is None:
        return "IDLINK_SANDBOX_ADDRESS is not a host and a port, like sandbox.example:8100."
    if not found["six"] and not _ENDS_IN_A_NUMBER.search(found["host"]):
        return ""
    address = _read(found["six"] or found["host"])
    if address is None:
        return "IDLINK_SANDBOX_ADDRESS holds an IP address that is not written in full."
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_link_local or address.is_unspecified or address.is_multicast:
        return "IDLINK_SANDBOX_ADDRESS is a link-local address, or one of no single machine."
    return ""


def _read(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
