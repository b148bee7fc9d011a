"""Questions and orders for the fuzz tests: good HTTP, whatever it asks; `{...}` stand for tokens and proofs."""

import json
import urllib.parse
from dataclasses import dataclass

from hypothesis import strategies as st

from tests.contract.wire import ASID, GAME_APP, MOVIE_APP, PAGE, PSID
from tests.lookups.graph.mutation import edited, edits, mutated, mutations, odd_values, text_of

KNOWN_TEXTS: dict[str, str] = {}


@dataclass(frozen=True)
class Question:
    """One request in good HTTP, whatever it asks. `{...}` stand for tokens and proofs of this sandbox."""

    method: str = "GET"
    target: str = "/"
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    chunks: tuple[int, ...] = ()

    def written(self) -> bytes:
        body = filled(self.body).encode("utf-8", "surrogatepass")
        length = ("Transfer-Encoding", "chunked") if self.chunks else ("Content-Length", str(len(body)))
        lines = [f"{self.method} {filled(self.target)} HTTP/1.1"]
        lines += [
            f"{name}: {filled(value)}"
            for name, value in (*self.headers, *([length] if self.body else []), ("Connection", "close"))
        ]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + (_chunked(body, self.chunks) if self.chunks else body)


def _chunked(body: bytes, sizes: tuple[int, ...]) -> bytes:
    if not body:
        return b""
    data = b""
    for size in sizes:
        part, body = body[:size], body[size:]
        data += b"%x;x=y\r\n%s\r\n" % (len(part), part) if part else b""
    return data + (b"%x\r\n%s\r\n" % (len(body), body) if body else b"") + b"0\r\nX-Trailer: x\r\n\r\n"


def filled(text: str) -> str:
    for name, value in KNOWN_TEXTS.items():
        text = text.replace(name, value)
    return text


TOKENS = [
    "{app}",
    "{page}",
    "{app}",
    "{page}",
    MOVIE_APP + "|{secret}",
    "",
    "x",
    f"user.{MOVIE_APP}.{ASID}.short.x",
    "user....",
    "é",
]
FIELDS = [
    "name", "id,name,age_range", "ids_for_apps{id,app{id,name}}", "ids_for_pages.limit(1).after(x){id,page}", ",", "{",
    "ids_for_apps.as(x)", "name," * 300, "ids_for_apps.limit(99999999999)", "name.x(", "é", "a" + "{b" * 30,
]  # fmt: skip
VALUES = {
    "access_token": TOKENS,
    "appsecret_proof": ["{app_proof}", "{page_proof}", "{timed}", "", "x", "é"],
    "appsecret_time": ["1", "9" * 30, "-1", "²", ""],
    "fields": FIELDS,
    "limit": ["1", "0", "-1", "²", "9" * 5000, "1.5", ""],
    "after": ["x", "", "é"],
    "before": ["x", "MA"],
    "ids": [ASID, f"{ASID},{PSID}", ",", ",".join(["1"] * 60), "x,y", "²"],
    "app": [MOVIE_APP, GAME_APP, "x", PAGE],
    "page": [PAGE, "0"],
    "batch": ["[]", "{}", "[null]", "[{}]", "[" * 9000, '[{"relative_url":"me"}]', json.dumps([{}] * 51), "NaN"],
    "method": ["get", "DELETE", "", "x" * 90, "é"],
    "input_token": TOKENS,
    "client_id": [MOVIE_APP, PAGE, "x"],
    "client_secret": ["{secret}", "x"],
    "grant_type": ["client_credentials", "fb_exchange_token", ""],
    "fb_exchange_token": TOKENS,
    "include_headers": ["false", "true", ""],
}
params = st.one_of(
    *(st.tuples(st.just(name), st.sampled_from(values)) for name, values in VALUES.items()),
    st.tuples(st.sampled_from(sorted(VALUES)), st.text(max_size=20)),
    st.tuples(st.text(max_size=5), st.text(max_size=5)),
)
queries = st.builds(
    lambda token, more: [("access_token", token), *more], st.sampled_from(TOKENS), st.lists(params, max_size=4)
)
# Braces stay, so that tokens and proofs can be filled in.
encoded = queries.map(lambda told: "&".join(f"{quoted(name)}={quoted(value)}" for name, value in told))
versions = st.sampled_from(["", "/v26.0", "/v26.0", "/v2.8", "/v99.0", "/v²", "//"])
nodes = st.sampled_from(
    [
        ASID,
        PSID,
        PAGE,
        MOVIE_APP,
        "me",
        "1" * 16,
        "9" * 5000,
        "debug_token",
        "oauth",
        "x",
        "",
        "..",
        "%00",
        "%F0%28",
        "²",
    ]
)
parts = st.sampled_from(["ids_for_apps", "ids_for_pages", "ids_for_business", "access_token", "accounts", "%", "*"])
paths = st.one_of(
    st.builds(
        lambda version, node, part: f"{version}/{node}{part}", versions, nodes, st.just("") | parts.map("/".__add__)
    ),
    st.sampled_from(
        ["/", "/oauth/access_token", "/debug_token", "/ids_for_apps", "/__sandbox/health", "/__sandbox/x", "*"]
    ),
    st.text(
        st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters="\x7f\x85\xa0?"), min_size=1
    ).filter(lambda path: not path.startswith("/__control/")),
)
batch_items = st.fixed_dictionaries(
    {},
    optional={
        "method": st.sampled_from(["GET", "get", "POST", "DELETE", "é", 7, None, []]),
        "relative_url": st.builds(lambda path, query: f"{path}?{query}", paths, encoded) | odd_values,
        "body": encoded | odd_values,
        "access_token": st.sampled_from(TOKENS) | odd_values,
    },
)
batches = st.builds(
    lambda items, changes, token: {"access_token": token, "batch": mutated(items, changes)},
    st.lists(batch_items, max_size=4) | batch_items.map(lambda item: [item] * 51),
    st.lists(mutations, max_size=2),
    st.sampled_from(TOKENS),
)
FORM, JSON = ("Content-Type", "application/x-www-form-urlencoded"), ("Content-Type", "application/json; charset=utf-8")
bodies = st.one_of(
    st.just(((), "")),
    encoded.map(lambda text: ((FORM,), text)),
    batches.map(lambda told: ((JSON,), text_of(told))),
    batches.map(
        lambda told: ((FORM,), f"access_token={quoted(told['access_token'])}&batch={quoted(text_of(told['batch']))}")
    ),
    st.builds(
        lambda told, changes: ((JSON,), text_of(mutated(dict(told), changes))), queries, st.lists(mutations, max_size=2)
    ),
    st.tuples(st.sampled_from([(JSON,), (FORM,), ()]), odd_values.map(text_of)),
    st.tuples(
        st.sampled_from([(JSON,), (FORM,)]), st.sampled_from(["fields=" + "a," * 60_000, "[" * 60_000, "&" * 60_000])
    ),
)
header_texts = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=30)
header_values = header_texts | st.sampled_from(["Bearer {app}", "OAuth {page}", "bearer", '"x"', "100-continue"])
more_headers = st.lists(
    st.tuples(
        st.sampled_from(["Authorization", "Host", "If-None-Match", "Expect", "Accept", "X"]),
        header_values,
    ),
    max_size=3,
).map(tuple)
METHODS = ["GET", "GET", "POST", "POST", "POST", "HEAD", "DELETE", "PUT", "OPTIONS", "PATCH", "é", "µ", "ß", "x" * 3000]


def quoted(text: str) -> str:
    return urllib.parse.quote(text, safe="{}", errors="replace")


questions = st.builds(
    lambda method, path, query, headers, body, chunks: Question(
        method, f"{path}?{query}" if query else path, (*headers, *body[0]), body[1], chunks
    ),
    st.sampled_from(METHODS),
    paths,
    st.just("") | encoded,
    more_headers,
    bodies,
    st.just(()) | st.lists(st.integers(1, 40), min_size=1, max_size=4).map(tuple),
)
MOVIE, JOHN = {"app": MOVIE_APP}, {"asset": MOVIE_APP, "id": ASID}
# No hook with a signal: a number gone wrong would be another process's.
CONTROLS = {
    "assets": {"asset": PAGE, "business": "{business}"},
    "clock": {"ahead": 60},
    "edges": {"edge": "ids_for_apps", "refuse": {"status": 400, "code": 10, "message": "x"}},
    "hook": {"when": "before", "nth": 1, "url": ""},
    "journal": {},
    "latency": {"seconds": 0.001, "spread": 0.001, "per_item": 0.001},
    "login": {"app": MOVIE_APP, "asid": ASID},
    "nonsense": {},
    "people": {"merge": JOHN, "into": {"asset": PAGE, "id": PSID}},
    "people?x=uninstall": {"uninstall": JOHN},
    "people?x=move": {"move": JOHN, "to": {"asset": PAGE, "id": PSID}},
    "reset": {},
    "reviews": {"business": "{business}", "under_review": True, "after": 0, "until": 9, "share": 0.5},
    "rules": {
        "rules": [
            {
                "match": {"path": "x+", "item": False, "nth": 1, "share": 0.5, "token_of": MOVIE_APP},
                "action": {"error": {"status": 400, "code": 1}, "headers": {"x": "y"}},
                "times": 1,
                "then": {"rows": "duplicate"},
            },
            {"match": {}, "action": {"answer": {"status": 200, "body": "x"}, "delay": 0.001, "charset": "utf-8"}},
            {"action": {"cut": "body"}},
            {"action": {"drip": 0, "hang_up": True, "coding": "gzip", "next": "x"}},
            {"action": {"null": True}},
            {"action": {"paging": "loop"}},
            {"action": {"items": "fewer"}},
        ]
    },
    "callbacks": {"url": "", "app": MOVIE_APP, "count": 1, "how": "valid"},
    "webhooks": {"url": "", "page": PAGE, "count": 1, "how": "valid", "echo": True, "text": "x"},
    "webhooks?x=verify": {"url": "", "page": PAGE, "verify_token": "x"},
    "tls": {"version": "1.2"},
    "port": {"mode": "open", "seconds": 1},
    "secrets": MOVIE,
    "state": {},
    "switches": {"page_size": 2, "shuffle_rows": True, "reviewed_edges": "node"},
    "tokens": {"token_of": MOVIE, "refuse": {"code": 190, "subcode": 463}},
    "tokens?x=ends": {"token_of": MOVIE, "ends_in": 1},
    "trap": {},
    "truth?business={business}&start=0&count=5": {},
    "usage": {"of": {"page": PAGE}, "percent": 50, "regain_minutes": 1},
}
controls = st.builds(
    lambda method, name, changes, edit: Question(
        method,
        f"/__control/{name}",
        body=edited(text_of(mutated(CONTROLS[name], changes)).encode("utf-8", "replace"), edit).decode("latin-1"),
    ),
    st.sampled_from(["POST", "POST", "POST", "POST", "GET", "DELETE"]),
    st.sampled_from(sorted(CONTROLS)),
    st.lists(mutations, max_size=3),
    st.just([]) | st.lists(edits, max_size=2),
)
