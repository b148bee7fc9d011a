"""Graph's versions: until when each is served, and which one served an answer (wire contract, 1.5).

A version that has ended is no error: another one answers in its place, and only a header says so.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from lookups.graph.errors import clean

# As Meta's changelog told on 2026-11-23. Of versions that are not listed no end is known.
LAST_DAYS: Mapping[str, date] = MappingProxyType(
    {
        "v18.0": date(2026, 1, 26),
        "v19.0": date(2026, 5, 21),
        "v20.0": date(2026, 9, 24),
        "v21.0": date(2027, 1, 21),
        "v22.0": date(2027, 5, 20),
        "v23.0": date(2027, 10, 8),
        "v24.0": date(2028, 2, 18),
        "v25.0": date(2028, 7, 29),
    }
)


def version_in(headers: Mapping[str, str]) -> str:
    """Give the version that served an answer; empty if no header tells it. Names of headers are in lower case."""
    return clean(headers.get("facebook-api-version", "")[:10])
