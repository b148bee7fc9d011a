"""Access tokens of this world: what each may see, what debug_token tells of it, and its proof."""

import hashlib
import hmac
import time
from dataclasses import dataclass
from typing import Any

from lookups.sandbox import refusals
from lookups.sandbox.world import Asset, World

STALE_AFTER = 300


@dataclass(frozen=True)
class Token:
    """An app access token (its asset is the app), a page access token made by an app, or a user's for an app."""

    kind: str
    text: str
    app: Asset
    asset: Asset
    user: str = ""


def app_token(world: World, app_id: str) -> str:
    """Give the token that client_credentials gives."""
    return f"{app_id}|{world.secret('app-token', app_id)[:27]}"


def page_token(world: World, page_id: str) -> str:
    """Give the token that the app managing a Page made for it."""
    return f"page-{world.secret('page-token', page_id)}{world.secret('more', page_id)[:20]}"


def user_token(world: World, app_id: str, asid: str, *, long_lived: bool = False) -> str:
    """Give the token that Login gives an app for a person; nothing of it is stored."""
    life = "long" if long_lived else "short"
    return f"user.{app_id}.{asid}.{life}.{world.secret('user-token', app_id, asid, life)}"


def app_secret(world: World, app_id: str) -> str:
    """Give an app's secret."""
    return world.secret("app-secret", app_id)[:32]


class Tokens:
    """All tokens of a world, and which of them were refused meanwhile, with which HTTP status."""

    def __init__(self, world: World, refusal_status: int = 400) -> None:
        self._world = world
        self._status = refusal_status
        self._known: dict[str, Token] = {}
        self.refused: dict[str, tuple[int, int | None]] = {}
        for asset in world.assets.values():
            app = asset if asset.kind == "app" else world.assets[asset.managed_by]
            for text in self._texts(asset):
                self._known[text] = Token(asset.kind, text, app, asset)

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
        if token.asset.id in self.refused:
            raise refusals.refused_token(*self.refused[token.asset.id], self._status)
        return token

    def known(self, text: str) -> Token | None:
        """Give the token a text stands for, refused meanwhile or not."""
        return self._known.get(text) or self._user(text)

    def _user(self, text: str) -> Token | None:
        parts = text.split(".")
        app = self._world.assets.get(parts[1]) if len(parts) == 5 and parts[0] == "user" else None
        if app is None or app.kind != "app":
            return None
        genuine = user_token(self._world, app.id, parts[2], long_lived=parts[3] == "long")
        same = hmac.compare_digest(genuine.encode(), text.encode("utf-8", "replace"))
        return Token("user", text, app, app, user=parts[2]) if same else None

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

    def report(self, text: str) -> dict[str, Any]:
        """Tell of a token what debug_token tells."""
        token = self.known(text)
        if token is None:
            error = {"code": 190, "message": str(refusals.bad_token())}
            return {"error": error, "is_valid": False, "scopes": []}
        told: dict[str, Any] = {
            "app_id": token.app.id,
            "type": token.kind.upper(),
            "application": token.app.name,
        }
        refused = self.refused.get(token.asset.id)
        if refused:
            code, subcode = refused
            told["error"] = {"code": code, "message": str(refusals.refused_token(code, subcode))}
            told["error"] |= {} if subcode is None else {"subcode": subcode}
        told |= {"is_valid": refused is None, "scopes": []}
        facts = {"page": _page_facts, "user": _user_facts}.get(token.kind)
        return told | facts(token) if facts else told


def proof_fits(token: str, secret: str, proof: str, seconds: str) -> bool:
    """Tell whether a plain or timed proof is that of this token, made in the last five minutes."""
    message = token
    if seconds:
        if not (seconds.isascii() and seconds.isdigit()) or abs(time.time() - int(seconds[:12])) > STALE_AFTER:
            return False
        message = f"{token}|{seconds}"
    expected = hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), proof.encode("utf-8", "replace"))


def _user_facts(token: Token) -> dict[str, Any]:
    now = int(time.time())
    life = 60 * 86400 if ".long." in token.text else 7200
    return {
        "data_access_expires_at": now + 90 * 86400,
        "expires_at": now + life,
        "scopes": ["public_profile"],
        "user_id": token.user,
        **({"issued_at": now} if ".long." in token.text else {}),
    }


def _page_facts(token: Token) -> dict[str, Any]:
    scopes = ["pages_messaging", "pages_show_list"]
    return {
        "data_access_expires_at": 0,
        "expires_at": 0,
        "profile_id": token.asset.id,
        "scopes": scopes,
        "granular_scopes": [{"scope": scope, "target_ids": [token.asset.id]} for scope in scopes],
        "user_id": "1002003004005006",
    }
