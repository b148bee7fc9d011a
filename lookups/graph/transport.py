"""One POST to Graph, bounded in time and size. The only user of requests.

A read time-out does not bound a whole call: it starts anew with each byte, so a slow server can hold a call for ever.
Therefore each receive on our sockets looks at the deadline of the call, in headers and body, plain and TLS alike.
"""

import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from string import ascii_letters, digits
from typing import Any
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection
from urllib3.poolmanager import PoolManager
from urllib3.util.ssl_ import create_urllib3_context

from lookups.graph.errors import GraphError, UnexpectedAnswer, Unreachable
from lookups.graph.handshake import no_secure_connection

LARGEST_ANSWER = 5 * 1024 * 1024  # bytes
_CHUNK = 65536
_UNQUOTED = "{}()[],:?/"  # left unencoded in a form's values: a batch of fifty is full of them
_PLAIN = frozenset(f"{ascii_letters}{digits}_.-~{_UNQUOTED}")
CONNECTIONS = 32  # are kept open; more calls at once open more
_call = threading.local()


@dataclass(frozen=True)
class HTTPAnswer:
    """A whole HTTP answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Bounded:
    """A socket whose receives fail once the present call's deadline has passed."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        deadline = getattr(_call, "deadline", None)
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("deadline")
            self.settimeout(min(left, self.gettimeout() or left))  # type: ignore[attr-defined]
        return int(super().recv_into(*args, **kwargs))  # type: ignore[misc]


class _PlainSocket(_Bounded, socket.socket):
    pass


class _TLSSocket(_Bounded, ssl.SSLSocket):
    pass


class _PlainConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        opened = super()._new_conn()
        timeout = opened.gettimeout()
        bounded = _PlainSocket(opened.family, opened.type, opened.proto, fileno=opened.detach())
        bounded.settimeout(timeout)
        return bounded


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _Adapter(HTTPAdapter):
    """Keeps connections, and one TLS context, for all threads: making a context costs more than a call."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        context = create_urllib3_context()
        context.sslsocket_class = _TLSSocket
        self.poolmanager = PoolManager(
            num_pools=connections, maxsize=maxsize, block=block, ssl_context=context, **kwargs
        )
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": HTTPSConnectionPool}


class GraphTransport:
    """Pooled connections, shared by threads. No redirects, no proxies, no .netrc; TLS always verified."""

    def __init__(self, *, connect_timeout: float, read_timeout: float, deadline: float, largest_answer: int) -> None:
        self._timeouts = (connect_timeout, read_timeout)
        self._deadline = deadline
        self._largest_answer = largest_answer
        self._local = threading.local()
        self._adapter = _Adapter(pool_maxsize=CONNECTIONS)
        self._kept = False

    def post(self, url: str, form: Mapping[str, str]) -> HTTPAnswer:
        """POST a form; raises Unreachable or UnexpectedAnswer, which hold neither URL nor form."""
        answer: HTTPAnswer | None = None
        problem: GraphError = Unreachable("Graph could not be reached.")
        _call.deadline = time.monotonic() + self._deadline
        try:
            answer = self._exchange(url, form)
        except requests.exceptions.SSLError as error:
            problem = no_secure_connection(error)
        except (requests.exceptions.Timeout, TimeoutError):
            problem = Unreachable("Graph did not answer in time.")
        except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
            problem = Unreachable("Graph's answer broke off.")
        except (requests.exceptions.RequestException, OSError):
            problem = Unreachable("Graph could not be reached, or the connection broke.")
        except _TooLarge:
            problem = UnexpectedAnswer("Graph's answer is larger than any answer should be.")
        finally:
            _call.deadline = None
        if answer is None:
            raise problem
        return answer

    def _exchange(self, url: str, form: Mapping[str, str]) -> HTTPAnswer:
        with self._response(url, form) as response:
            body = bytearray()
            for chunk in response.iter_content(_CHUNK):
                body += chunk
                if len(body) > self._largest_answer:
                    raise _TooLarge
            headers = {name.lower(): value for name, value in response.headers.items()}
            return HTTPAnswer(response.status_code, headers, bytes(body))

    def _response(self, url: str, form: Mapping[str, str]) -> requests.Response:
        """POST, once more if a connection kept from earlier calls turns out to be closed."""
        session, kept = self._session(), self._kept
        response = None
        try:
            response = self._sent(session, url, form)
        except (requests.exceptions.SSLError, requests.exceptions.Timeout):
            raise
        except requests.exceptions.ConnectionError:
            if not kept:
                raise
        if response is None:
            response = self._sent(session, url, form)
        self._kept = True
        return response

    def _sent(self, session: requests.Session, url: str, form: Mapping[str, str]) -> requests.Response:
        body = "&".join(f"{name}={quoted(value)}" for name, value in form.items())
        return session.post(url, data=body, timeout=self._timeouts, allow_redirects=False, stream=True)

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False
            session.headers = {
                "User-Agent": "idlink",
                "Accept-Encoding": "gzip, deflate",
                "Content-Type": "application/x-www-form-urlencoded",
            }
            session.mount("https://", self._adapter)
            session.mount("http://", self._adapter)
            self._local.session = session
        return session


def quoted(text: str) -> str:
    """Quote a value of a form as urllib does, but letter by letter: a batch is long, and has few letters to quote."""
    for letter in sorted(set(text) - _PLAIN, key="%".__ne__):  # first the one that quotes the others
        text = text.replace(letter, quote(letter, safe=_UNQUOTED))
    return text


class _TooLarge(Exception):
    pass
