"""Access tokens of this world: what each may see, which are refused, and the proof that goes with each."""

import hashlib
import hmac
import time
from dataclasses import dataclass
from functools import lru_cache

from lookups.sandbox import refusals
from lookups.sandbox.clock import Clock
from lookups.sandbox.world import Asset, World

STALE_AFTER = 300
SHORT_LIFE, LONG_LIFE = 7200.0, 60 * 86400.0
SYSTEM_USER = "1002003004005007"


@dataclass(frozen=True)
class Token:
    """A token of kind app (its asset is the app), page (made by an app), user (for an app) or system.

    A system user's token sees what a business owns; its asset is the app that issued it.
    """

    kind: str
    text: str
    app: Asset
    asset: Asset
    user: str = ""
    issued: float = 0.0

    @property
    def key(self) -> tuple[str, str]:
        """What a refusal is noted under: each kind of token lives and dies by itself."""
        return (self.kind, self.user or self.asset.id)

    @property
    def life(self) -> float:
        """Seconds from being issued to its end; endless but for users' tokens."""
        if self.kind != "user":
            return float("inf")
        return LONG_LIFE if ".long." in self.text else SHORT_LIFE


def app_token(world: World, app_id: str) -> str:
    """Give the token that client_credentials gives."""
    return f"{app_id}|{world.secret('app-token', app_id, *_turn(world, app_id))[:27]}"


def page_token(world: World, page_id: str) -> str:
    """Give the token that the app managing a Page made for it."""
    return f"page-{world.secret('page-token', page_id)}{world.secret('more', page_id)[:20]}"


def user_token(world: World, app_id: str, asid: str, issued: float, *, long_lived: bool = False) -> str:
    """Give the token that Login gives an app for a person at a moment; nothing of it is stored."""
    facts = (app_id, asid, "long" if long_lived else "short", str(int(issued)))
    return ".".join(["user", *facts, world.secret("user-token", *facts)])


def app_secret(world: World, app_id: str) -> str:
    """Give an app's secret."""
    return world.secret("app-secret", app_id, *_turn(world, app_id))[:32]


def _turn(world: World, app_id: str) -> list[str]:
    """Name how often an app's secret was reset: with it dies the app's token."""
    turn = world.secret_turns[app_id]
    return [str(turn)] if turn else []


def system_token(world: World, business_id: str) -> str:
    """Give the token of a business's system user, with business_management."""
    return f"system-{world.secret('system-token', business_id)}"


class Tokens:
    """All tokens of a world, and which of them were refused meanwhile, with which HTTP status."""

    def __init__(self, world: World, clock: Clock, refusal_status: int = 400) -> None:
        self._world = world
        self._clock = clock
        self._status = refusal_status
        self.refused: dict[tuple[str, str], tuple[int, int | None]] = {}
        self.ends: dict[tuple[str, str], float] = {}
        self.issue()

    def issue(self) -> None:
        """Make all tokens anew: an app's secret may have been reset, an asset moved."""
        self._known: dict[str, Token] = {}
        for asset in self._world.assets.values():
            app = asset if asset.kind == "app" else self._world.assets[asset.managed_by]
            for text in self._texts(asset):
                self._known[text] = Token(asset.kind, text, app, asset)
        for business in self._world.businesses:
            for app in self._world.assets_of(business, "app")[:1]:
                text = system_token(self._world, business)
                self._known[text] = Token("system", text, app, app)

    def clear(self) -> None:
        """Every token is again as at first."""
        self.refused.clear()
        self.ends.clear()
        self.issue()

    def refusal_of(self, token: Token) -> tuple[int, int | None] | None:
        """Give code and subcode with which this token is refused now, if it is."""
        if self.end_of(token) <= self._clock.now():
            return 190, 463
        return self.refused.get(token.key)

    def end_of(self, token: Token) -> float:
        """Give the moment in which this token ends."""
        return min(self.ends.get(token.key, float("inf")), token.issued + token.life)

    def _texts(self, asset: Asset) -> list[str]:
        if asset.kind == "page":
            return [page_token(self._world, asset.id)]
        return [app_token(self._world, asset.id), f"{asset.id}|{app_secret(self._world, asset.id)}"]

    def resolve(self, text: str) -> Token:
        """Give the token a text stands for; raises Refusal."""
        if not text:
            raise refusals.no_token()
        token = self.known(text)
        if token is None:
            raise refusals.bad_token(self._status)
        if refusal := self.refusal_of(token):
            raise refusals.refused_token(*refusal, self._status)
        return token

    def known(self, text: str) -> Token | None:
        """Give the token a text stands for, refused meanwhile or not."""
        return self._known.get(text) or self._user(text)

    def _user(self, text: str) -> Token | None:
        parts = text.split(".")
        app = self._world.assets.get(parts[1]) if len(parts) == 6 and parts[0] == "user" else None
        if app is None or app.kind != "app" or not (parts[4].isascii() and parts[4].isdigit() and len(parts[4]) < 13):
            return None
        issued = int(parts[4])
        genuine = user_token(self._world, app.id, parts[2], issued, long_lived=parts[3] == "long")
        same = hmac.compare_digest(genuine.encode(), text.encode("utf-8", "replace"))
        return Token("user", text, app, app, user=parts[2], issued=issued) if same else None

    def now(self) -> float:
        """Give the moment by the sandbox's clock."""
        return self._clock.now()

    def is_secret(self, text: str) -> bool:
        """Tell whether a text is a token or an app's secret of this world."""
        apps = (asset.id for asset in self._world.assets.values() if asset.kind == "app")
        return self.known(text) is not None or any(text == app_secret(self._world, app) for app in apps)

    def owner_of(self, text: str) -> Asset | None:
        """Give the app or Page whose pool a call with this token counts against."""
        token = self.known(text)
        return token.asset if token else None

    def judge_proof(self, token: Token, proof: str, seconds: str, *, required: bool) -> str:
        """Give "ok" or "none needed"; raises Refusal for a missing or wrong proof."""
        if not proof:
            if required:
                raise refusals.proof_missing()
            return "none needed"
        secret = app_secret(self._world, token.app.id)
        if not proof_fits(token.text, secret, proof, seconds):
            raise refusals.proof_wrong()
        return "ok"


def proof_fits(token: str, secret: str, proof: str, seconds: str) -> bool:
    """Tell whether a plain or timed proof is that of this token, made in the last five minutes."""
    message = token
    if seconds:
        if not (seconds.isascii() and seconds.isdigit()) or abs(time.time() - int(seconds[:12])) > STALE_AFTER:
            return False
        message = f"{token}|{seconds}"
    expected = _hmac(secret, message)
    return hmac.compare_digest(expected.encode(), proof.encode("utf-8", "replace"))


@lru_cache(maxsize=256)  # a batch carries the same proof fifty times
def _hmac(secret: str, message: str) -> str:
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
