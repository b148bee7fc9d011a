"""Which questions need a proof (appsecret_proof)."""

from lookups.assumptions.interview import Interview, KnownID, NotToldByGraph
from lookups.graph import ProofRefused


def require_app_secret(talk: Interview) -> str:
    """Ask about the app itself, without a proof."""
    return "on" if talk.demands_proof else "off"


def proof_for_psid_to_pages(talk: Interview) -> str:
    """Ask a PSID for its Pages, without a proof (use case 4)."""
    return _without_proof(talk, talk.page, "ids_for_pages")


def proof_for_asid_to_apps(talk: Interview) -> str:
    """Ask an ASID for its apps, without a proof (use case 3)."""
    return _without_proof(talk, talk.app, "ids_for_apps")


def proof_for_combined_asid(talk: Interview) -> str:
    """Read an ASID with its Pages as a field, without a proof."""
    return _without_proof(talk, talk.app, "", fields="ids_for_pages")


def _without_proof(talk: Interview, who: KnownID, path: str, **params: str) -> str:
    if talk.demands_proof:
        raise NotToldByGraph("The app's setting demands a proof of every call.")
    answer = talk.ask(who, path, proof=False, **params)
    if isinstance(answer.error, ProofRefused):
        return "on"
    if answer.error:
        raise NotToldByGraph("Graph refused the question for another reason.")
    return "off"
