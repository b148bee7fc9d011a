"""What can go wrong when Graph is asked, sorted by what the caller can do about it.

    GraphError                 code, subcode, trace ID, clean message; never a URL, token or proof
      TryLater                 nobody need act: the question is asked again, with longer and longer pauses, a few times
        Unreachable            no connection, or none that lasted
        ServerTrouble          Graph failed: status 5xx, codes 1 and 2, a question of a batch left unanswered
        TooManyCalls           a limit was reached; wait_seconds if Graph said how long
      NeedsAction              somebody must act before it is worth asking again
        TokenRefused  ProofRefused  NotPermitted  UnderPolicyReview  UnknownID
      UnexpectedAnswer         a bug, theirs or ours; `worth_another_try` if it may pass by itself

They are raised outside `except` blocks: inside, Python would keep the exception that came first as __context__, and its
text may hold the URL or the request, and so a secret.
"""

import re

LONGEST_MESSAGE = 500
_SECRET_LIKE = re.compile(
    r"(?i)(access_token|appsecret_proof|client_secret|input_token)=[^&\s\"']+"  # in a URL
    r"|\d{5,}(?:\||%7C)[\w.\-]+"  # an app access token
    r"|\bEA[A-Z][\w]{15,}"  # the look of user and page access tokens
    r"|\b[0-9a-f]{64}\b"  # a proof
    r"|(?<=Malformed access token )\S+"
)


class GraphError(Exception):
    """Graph could not be asked, or refused. The attributes say how; the message holds no secret and may be shown."""

    retryable = False
    meaning = ""
    advice = ""

    @property
    def explained(self) -> str:
        """What happened, in our words or else in Graph's own, and what to do now."""
        return f"{self.meaning or self.message} {self.advice}".strip()

    def __init__(
        self,
        message: str,
        *,
        code: int | None = None,
        subcode: int | None = None,
        trace_id: str = "",
        http_status: int | None = None,
    ) -> None:
        self.message = clean(message)
        self.code = code
        self.subcode = subcode
        self.trace_id = clean(trace_id)
        self.http_status = http_status
        super().__init__(self.message)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle all attributes: by default only the message would go to __init__."""
        return (_rebuild, (type(self), self.__dict__))


class TryLater(GraphError):
    """It passes by itself: nobody need act."""

    retryable = True


class Unreachable(TryLater):
    """Graph could not be reached, or the connection did not last."""


class ServerTrouble(TryLater):
    """Graph answered that it failed."""


class TooManyCalls(TryLater):
    """A limit was reached. `wait_seconds` is how long to wait, bounded by us; None if Graph did not say."""

    wait_seconds: float | None = None


class NeedsAction(GraphError):
    """Somebody must act; until then, asking again changes nothing."""


class TokenRefused(NeedsAction):
    """The access token is not, or no longer, valid."""

    meaning = "Graph no longer takes the access token."


class ProofRefused(NeedsAction):
    """The appsecret_proof is missing or wrong."""

    meaning = "Graph does not accept the call's signature (appsecret_proof)."


class NotPermitted(NeedsAction):
    """A permission, role or capability is missing."""

    meaning = "Graph does not permit this question to the app or Page that asks."
    advice = "An admin must grant the permission in Meta's App Review or Business Manager, then renew the token."


class UnderPolicyReview(NeedsAction):
    """Meta reviews how the business uses the API: error (#200)."""

    advice = "Nothing to do but wait: idlink asks again now and then."


class UnknownID(NeedsAction):
    """The ID does not exist, or this token can't see it."""

    meaning = "Graph can't see this ID with the token of the app or Page that was asked."
    advice = "Check that the ID was copied whole, and that it comes from the app or Page chosen."


class UnexpectedAnswer(GraphError):
    """An answer nobody expects: a bug, theirs or ours."""

    advice = "Tell whoever runs idlink; the lookup's page holds the details."
    worth_another_try = False

    @property
    def retryable(self) -> bool:  # type: ignore[override]
        """Whether it may pass: a page of HTML in place of an answer may be gone next time."""
        return self.worth_another_try


def _rebuild(kind: type[GraphError], state: dict[str, object]) -> GraphError:
    error = kind("")
    error.__dict__.update(state)
    error.args = (error.message,)
    return error


def clean(text: str) -> str:
    """Cut out of Graph's words what looks like a secret, control characters, and what is too long."""
    text = _SECRET_LIKE.sub("…", text)
    if text.isprintable() and len(text) <= LONGEST_MESSAGE:
        return text
    text = "".join(character if character.isprintable() else " " for character in text)
    return text if len(text) <= LONGEST_MESSAGE else text[: LONGEST_MESSAGE - 1] + "…"
