"""The access tokens of a world: what each may see, which are invalid, and whether a proof fits."""

import hmac
from dataclasses import dataclass

from lookups.sandbox.world import refusals
from lookups.sandbox.world.asset import Asset
from lookups.sandbox.world.clock import Clock
from lookups.sandbox.world.proofs import proof_fits
from lookups.sandbox.world.token_states import (
    CAUSES,
    DATA_ACCESS,
    TokenCause,
    TokenKey,
    TokenStates,
    refused_token,
)
from lookups.sandbox.world.world import World

SHORT_LIFE, LONG_LIFE = 7200.0, 60 * 86400.0  # seconds
SYSTEM_USER = "1002003004005007"
_LOOKS_GENUINE = ("EAA", "page-", "page.", "system-", "system.", "user.")


@dataclass(frozen=True)
class Token:
    """An access token. `kind` is "app", "page", "user" or "system"; `app` is the app that made it.

    `asset` is the Page for a page access token, else the app. A system user's token sees what its `business` owns, even
    where the app belongs to another business.
    """

    kind: str
    text: str
    app: Asset
    asset: Asset
    user: str = ""
    issued: float = 0.0
    business: str = ""

    @property
    def business_id(self) -> str:
        """The business that the token speaks for; empty where there is none."""
        return self.business or self.asset.business_id

    @property
    def key(self) -> TokenKey:
        """Whose token it is, by which a test refuses it; tokens of other kinds stay valid."""
        return (self.kind, self.user or self.asset.id)

    @property
    def life(self) -> float:
        """Seconds from its issue to its end. Only users' tokens have an end."""
        if self.kind != "user":
            return float("inf")
        return LONG_LIFE if ".long." in self.text else SHORT_LIFE


def app_token(world: World, app_id: str) -> str:
    """Give an app's access token, as `client_credentials` does."""
    return f"{app_id}|{world.secret('app-token', app_id, *_turn(world, app_id))[:27]}"


def page_token(world: World, page_id: str, app_id: str = "") -> str:
    """Give the page access token made by this app, or without one by the app that manages the Page."""
    if app_id in ("", world.assets[page_id].managed_by):
        return f"page-{world.secret('page-token', page_id)}{world.secret('more', page_id)[:20]}"
    return f"page.{page_id}.{app_id}.{world.secret('page-token', page_id, app_id)}"


def user_token(world: World, app_id: str, asid: str, issued: float, *, long_lived: bool = False) -> str:
    """Give the token that Login gives an app for a person at a moment. It is not stored: see `_derived`."""
    facts = (app_id, asid, "long" if long_lived else "short", str(int(issued)))
    return ".".join(["user", *facts, world.secret("user-token", *facts)])


def app_secret(world: World, app_id: str) -> str:
    """Give an app's secret."""
    return world.secret("app-secret", app_id, *_turn(world, app_id))[:32]


def _turn(world: World, app_id: str) -> list[str]:
    """Give how often an app's secret was reset: each reset makes another secret and another app token."""
    turn = world.secret_turns[app_id]
    return [str(turn)] if turn else []


def system_token(world: World, business_id: str, app_id: str = "") -> str:
    """Give the token of a business's system user, made by this app or by the first of the business."""
    if app_id in ("", first_app(world, business_id)):
        return f"system-{world.secret('system-token', business_id)}"
    return f"system.{business_id}.{app_id}.{world.secret('system-token', business_id, app_id)}"


def first_app(world: World, business_id: str) -> str:
    """Give the app that issues a business's first system user token, empty if it has none."""
    return next((app.id for app in world.assets_of(business_id, "app")), "")


class Tokens:
    """All tokens of a world and their states. `status` is the HTTP status that refuses one."""

    def __init__(self, world: World, clock: Clock, refusal_status: int = 400) -> None:
        self._world = world
        self._clock = clock
        self.status = refusal_status
        self.states = TokenStates(clock)
        self.issue()

    def issue(self) -> None:
        """Make all tokens anew, since a secret was reset or an asset moved."""
        self._known: dict[str, Token] = {}
        for asset in self._world.assets.values():
            app = asset if asset.kind == "app" else self._world.assets[asset.managed_by]
            for text in self._texts(asset):
                self._known[text] = Token(asset.kind, text, app, asset)
        for business in self._world.businesses:
            for app in self._world.assets_of(business, "app")[:1]:
                text = system_token(self._world, business)
                self._known[text] = Token("system", text, app, app, business=business)

    def clear(self) -> None:
        """Make every token as it was at first."""
        self.states.clear()
        self.issue()

    def cause_of(self, token: Token) -> TokenCause | None:
        """Give why this token is invalid now, or None. A user's token is invalid once he has removed the app."""
        cause = self.states.cause_of(token.key, self.end_of(token))
        if cause is None and token.kind == "user" and self._world.person_of(token.app.id, token.user) is None:
            return CAUSES["app removed"]
        return cause

    def end_of(self, token: Token) -> float:
        """Give the moment in which this token ends."""
        return min(self.states.ends.get(token.key, float("inf")), token.issued + token.life)

    def _texts(self, asset: Asset) -> list[str]:
        if asset.kind == "page":
            return [page_token(self._world, asset.id)]
        return [app_token(self._world, asset.id), f"{asset.id}|{app_secret(self._world, asset.id)}"]

    def resolve(self, text: str) -> Token:
        """Give the valid token with this text; raises Refusal."""
        if not text:
            raise refusals.no_token()
        token = self.known(text)
        if token is None:
            raise self.unknown(text)
        if cause := self.cause_of(token):
            raise refused_token(cause, self.status)
        if self.states.data_access_is_over(token.key):
            raise refused_token(DATA_ACCESS, self.status)
        return token

    def has_scope(self, token: Token, scope: str) -> bool:
        """Tell whether a token has a permission. It has all of them unless a test took some away."""
        return not self.states.scopes or scope in self.states.scopes.get(token.key, [scope])

    def known(self, text: str) -> Token | None:
        """Give the token with this text, valid or not."""
        return self._known.get(text) or self._derived(text)

    def unknown(self, text: str) -> refusals.Refusal:
        """Give the error for a text that is no token of this world. Graph's words depend on what it looks like."""
        app_id, bar, _ = text.partition("|")
        if bar and self._app(app_id):
            return refusals.bad_token("Invalid OAuth access token signature.", self.status)
        if bar:
            message = "Error validating application. Cannot get application info due to a system error."
            return refusals.bad_token(message, self.status)
        if text.startswith(_LOOKS_GENUINE):
            return refusals.bad_token("The access token could not be decrypted", self.status)
        return refusals.bad_token("Invalid OAuth access token - Cannot parse access token", self.status)

    def _app(self, app_id: str) -> Asset | None:
        asset = self._world.assets.get(app_id)
        return asset if asset and asset.kind == "app" else None

    def _derived(self, text: str) -> Token | None:
        """Read a token that is not stored: its text holds all facts, and a secret part shows that it is genuine."""
        kind, *parts = text.split(".")
        if kind == "user" and len(parts) == 5:
            return self._user(text, *parts[:4])
        if kind not in ("page", "system") or len(parts) != 3:
            return None
        app = self._app(parts[1])
        if app is None or not _is_same(text, self._made_by(kind, parts[0], app)):
            return None
        if kind == "page":
            return Token("page", text, app, self._world.assets[parts[0]])
        return Token("system", text, app, app, business=parts[0])

    def _made_by(self, kind: str, owner: str, app: Asset) -> str:
        if kind == "system":
            return system_token(self._world, owner, app.id) if owner in self._world.businesses else ""
        page = self._world.assets.get(owner)
        return page_token(self._world, owner, app.id) if page and page.kind == "page" else ""

    def _user(self, text: str, app_id: str, asid: str, life: str, moment: str) -> Token | None:
        app = self._app(app_id)
        if app is None or not (moment.isascii() and moment.isdigit() and len(moment) < 13):
            return None
        genuine = user_token(self._world, app.id, asid, int(moment), long_lived=life == "long")
        return Token("user", text, app, app, user=asid, issued=int(moment)) if _is_same(text, genuine) else None

    def now(self) -> float:
        """Give the moment by the sandbox's clock."""
        return self._clock.now()

    def is_secret(self, text: str) -> bool:
        """Tell whether a text is a token or an app's secret of this world."""
        apps = (asset.id for asset in self._world.assets.values() if asset.kind == "app")
        return self.known(text) is not None or any(text == app_secret(self._world, app) for app in apps)

    def owner_of(self, text: str) -> Asset | None:
        """Give the app or Page whose pool of calls a call with this token uses."""
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


def _is_same(text: str, genuine: str) -> bool:
    return hmac.compare_digest(genuine.encode(), text.encode("utf-8", "replace"))
