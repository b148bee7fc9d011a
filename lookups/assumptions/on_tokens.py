"""What is told of tokens."""

from lookups.assumptions.interview import Interview, KnownID, NotToldByGraph
from lookups.graph import BareAnswer

NEEDED_OF_A_PAGE = "pages_messaging"
_NAMED_FOREIGN = "did not match the viewing app"


def token_status(talk: Interview) -> str:
    """Ask with a text that is no token, and look at the HTTP status."""
    answer = talk.client.try_out(talk.app.asset_id, "no-token", {"fields": "id"})
    if answer.error is None or answer.error.code != 190:
        raise NotToldByGraph("Graph does not answer with error 190.")
    return str(answer.status)


def foreign_tokens_are_named(talk: Interview) -> str:
    """Have another app ask what the Page's token is."""
    answer = _described(talk, talk.other)
    if answer.error is None:
        raise NotToldByGraph("Graph tells an app of tokens that another app made.")
    return "on" if _NAMED_FOREIGN in answer.error.message.lower() else "off"


def granular_scopes(talk: Interview) -> str:
    """Have the app that made the Page's token ask what it is, and look at what each permission is granted for."""
    answer = _described(talk, talk.app)
    told = answer.body.get("data") if isinstance(answer.body, dict) else None
    if not isinstance(told, dict):
        raise NotToldByGraph("Graph does not describe the token.")
    granted = told.get("granular_scopes")
    if not isinstance(granted, list):
        return "left_out"
    for one in granted:
        if isinstance(one, dict) and one.get("scope") == NEEDED_OF_A_PAGE:
            ids = one.get("target_ids")
            if not ids:
                return "unnamed"
            return "named" if talk.page.asset_id in [str(target) for target in ids] else "another"
    raise NotToldByGraph("The token has no permission pages_messaging.")


def _described(talk: Interview, by: KnownID) -> BareAnswer:
    return talk.ask(by, "/debug_token", input_token=talk.page.token)
