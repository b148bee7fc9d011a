"""Versions, and the headers that tell how much of a limit is used."""

import json

from lookups.assumptions.interview import Interview, NotToldByGraph
from lookups.graph import BareAnswer

_USAGE = ("x-app-usage", "x-business-use-case-usage")
_NEVER_RELEASED = "v99.0"
_NEEDS_A_VERSION = 12


def asked_version_has_ended(talk: Interview) -> str:
    """Ask about the app, and compare the version that a header names."""
    served = talk.ask(talk.app, f"/{talk.app.asset_id}", fields="id").headers.get("facebook-api-version", "")
    if not served:
        raise NotToldByGraph("No header names the version.")
    return "off" if served == talk.version else "on"


def version_needed(talk: Interview) -> str:
    """Ask an ASID for its apps without a version in the path."""
    error = talk.ask(talk.app, "ids_for_apps", version="").error
    if error is None:
        return "off"
    if error.code != _NEEDS_A_VERSION:
        raise NotToldByGraph("Graph refused the question for another reason.")
    return "on"


def future_version_is_an_error(talk: Interview) -> str:
    """Ask about the app by a version that was never released."""
    return "on" if talk.ask(talk.app, f"/{talk.app.asset_id}", version=_NEVER_RELEASED, fields="id").error else "off"


def usage_headers(talk: Interview) -> str:
    """Ask one question as a batch, and look where the headers stand."""
    outer, item = _batch(talk)
    places = (any(name in outer for name in _USAGE), any(name in item for name in _USAGE))
    return {(True, True): "both", (True, False): "outer", (False, True): "items"}.get(places, "none")


def usage_of_psids(talk: Interview) -> str:
    """Read a PSID, and look which pool the header names."""
    outer, item = _batch(talk)
    text = outer.get(_USAGE[1]) or item.get(_USAGE[1], "")
    for pool in ("messenger", "pages"):
        if f'"type":"{pool}"' in text.replace(" ", ""):
            return pool
    raise NotToldByGraph("No header names a pool.")


def _batch(talk: Interview) -> tuple[dict[str, str], dict[str, str]]:
    """Give the headers of a batch of one question about a PSID, and those of its item."""
    question = {"method": "GET", "relative_url": f"{talk.page.scoped_id}?fields=id"}
    answer: BareAnswer = talk.ask(talk.page, "/", batch=json.dumps([question]), include_headers="true")
    item = answer.body[0] if isinstance(answer.body, list) and answer.body else None
    if not isinstance(item, dict) or item.get("code") != 200:
        raise NotToldByGraph("Graph gave no answer to a batch.")
    told = item.get("headers")
    pairs = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    return dict(answer.headers), {str(one.get("name")).lower(): str(one.get("value")) for one in pairs}
