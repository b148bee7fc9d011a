"""Say what Graph's refusal means here and what to do: the client knows neither our forms nor who can repair it."""

from businesses.credentials import secret_doubted
from businesses.models import Asset
from businesses.reasons import Reason, reason
from lookups.graph import GraphError, ProofRefused, TokenRefused


def told_of(error: GraphError, asset: Asset) -> str:
    """Say why Graph refused a call with this app's or Page's token, and what to do now."""
    why = _reason_of(error, asset)
    return f"{why.text} {why.remedy}" if why else error.explained


def _reason_of(error: GraphError, asset: Asset) -> Reason | None:
    if isinstance(error, TokenRefused):
        return reason("token_refused", about={"asset": asset}, token=asset.kind_of.token, because=error.message)
    if isinstance(error, ProofRefused):
        return secret_doubted(asset.signing_app or asset)
    return None
