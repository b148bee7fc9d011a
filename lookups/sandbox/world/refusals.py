"""Every error of Graph's for ID matching: HTTP status and error object, as the wire contract's tables say."""

from typing import Any

REVIEW = "(#200) Your business is currently going through review to access this API."


class Refusal(Exception):
    """An error answer. `body` is the error object without its trace ID: each answer gets one of its own."""

    def __init__(self, status: int, message: str, code: int, *, subcode: int | None = None, kind: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.proof_verdict = ""
        self.body: dict[str, Any] = {"message": message, "type": kind or "OAuthException", "code": code}
        if subcode is not None:
            self.body["error_subcode"] = subcode

    @property
    def is_about_the_node(self) -> bool:
        """Whether it is the ID that was refused, not the token, the proof or a field."""
        return self.body["code"] == 803 or self.body.get("error_subcode") == 33


def no_token() -> Refusal:
    """The request has no access token."""
    return Refusal(400, "An access token is required to request this resource.", 104)


def bad_token(message: str, status: int = 400) -> Refusal:
    """The text is no access token of this world."""
    return Refusal(status, message, 190)


def proof_missing() -> Refusal:
    """The question needs a proof and has none."""
    message = "API calls from the server require an appsecret_proof argument"
    refusal = Refusal(400, message, 100, kind="GraphMethodException")
    refusal.proof_verdict = "missing"
    return refusal


def proof_wrong() -> Refusal:
    """The proof is not the one of this token."""
    message = "Invalid appsecret_proof provided in the API argument"
    refusal = Refusal(400, message, 100, kind="GraphMethodException")
    refusal.proof_verdict = "wrong"
    return refusal


def unknown_client() -> Refusal:
    """The `client_id` of oauth/access_token names no app."""
    return Refusal(400, "Error validating application. Invalid application ID.", 101)


def wrong_client_secret() -> Refusal:
    """The `client_secret` of oauth/access_token is not the app's."""
    return Refusal(400, "Error validating client secret.", 1)


def unknown_object(node_id: str, method: str = "get") -> Refusal:
    """The node does not exist, or this token can't see it, or it can't be written to: Graph does not say which."""
    message = (
        f"Unsupported {method} request. Object with ID '{node_id}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation. Please read the Graph API documentation at "
        "https://developers.facebook.com/docs/graph-api"
    )
    return Refusal(400, message, 100, subcode=33, kind="GraphMethodException")


def not_an_id(text: str) -> Refusal:
    """The path names no ID, which would be a number."""
    return Refusal(404, f"(#803) Some of the aliases you requested do not exist: {text}", 803)


def no_such_field(name: str, node_type: str) -> Refusal:
    """The node has no such field or edge."""
    return Refusal(400, f"(#100) Tried accessing nonexisting field ({name}) on node type ({node_type})", 100)


def bad_fields(text: str) -> Refusal:
    """The field list can't be read."""
    return Refusal(400, f'Syntax error "Expected end of string instead of "{text[:20]}"." at character 0', 2500)


def no_aliases(alias: str) -> Refusal:
    """Edges of a user can't be renamed."""
    return Refusal(400, f"(#100) Unknown fields: {alias}.", 100)


def bad_cursor(name: str = "after") -> Refusal:
    """The cursor in this parameter is none that this list has given out."""
    return Refusal(400, f"(#100) Invalid parameter: the {name.capitalize()} Cursor specified is invalid", 100)


def bad_parameter(message: str) -> Refusal:
    """A parameter can't be used."""
    return Refusal(400, f"(#100) {message}", 100)


def parameter_missing(name: str) -> Refusal:
    """A parameter must be there and is not."""
    return bad_parameter(f"The parameter {name} is required")


def empty_identifier() -> Refusal:
    """`ids` is empty, as when it takes its IDs from another item's answer that has none."""
    return Refusal(400, "Cannot specify an empty identifier", 2500)


def version_needed(edge: str) -> Refusal:
    """The path has no version, and the one that serves it then lacks the edge."""
    return Refusal(400, f"(#12) {edge} requires version v2.9 or higher", 12)


def unknown_path(path: str) -> Refusal:
    """There is no such path, or the version was never released."""
    return Refusal(400, f"Unknown path components: {path}", 2500)


def too_many_in_batch() -> Refusal:
    """The batch has more than fifty items."""
    message = "(#100) Too many requests in batch message. Maximum batch size is 50"
    return Refusal(400, message, 100, kind="GraphBatchException")


def under_review(status: int) -> Refusal:
    """Meta is reviewing the business's use of the API (the guide, Policy)."""
    return Refusal(status, REVIEW, 200)


def needs_permission(name: str) -> Refusal:
    """The token lacks the permission that this list needs."""
    return Refusal(403, f"(#200) Requires {name} permission to manage the object", 200)


def needs_messaging() -> Refusal:
    """The page access token lacks the permission to read people."""
    return Refusal(403, "(#230) Requires pages_messaging permission to manage the object", 230)


def no_profile(subcode: int) -> Refusal:
    """The person's profile is shown to nobody (2018218), or not to this app (2018247)."""
    messages = {
        2018218: "(#100) No profile available for this user.",
        2018247: "(#100) Insufficient permission to access user profile.",
    }
    return Refusal(400, messages[subcode], 100, subcode=subcode)


def no_business() -> Refusal:
    """An app that no business owns asked for token_for_business."""
    return Refusal(400, "(#100) The app is not owned by a business", 100)


def needs_page_token() -> Refusal:
    """Only the Page itself may ask this."""
    return Refusal(403, "(#210) A page access token is required to request this resource.", 210)


def limit_reached(pool: str) -> Refusal:
    """The calls of the app (4) or of the Page's pool (80001, 80006) are used up."""
    wait = (
        "Wait a bit and try again. For more info, please refer to "
        "https://developers.facebook.com/docs/graph-api/overview/rate-limiting."
    )
    if pool == "app":
        return Refusal(400, "(#4) Application request limit reached", 4)
    if pool == "pages":
        return Refusal(400, f"(#80001) There have been too many calls to this Page account. {wait}", 80001)
    return Refusal(400, f"(#80006) There have been too many messenger calls to this Page account. {wait}", 80006)


def other_apps_token() -> Refusal:
    """debug_token was asked about a token of another app than the asking one."""
    return Refusal(400, "(#100) The App_id in the input_token did not match the Viewing App", 100)


def no_debug_rights() -> Refusal:
    """debug_token needs an app access token, or the token of somebody who works on the app."""
    message = (
        "(#100) You must provide an app access token, or a user access token that is an owner or developer of the app"
    )
    return Refusal(400, message, 100)


def on_demand(error: dict[str, Any]) -> Refusal:
    """The error that a test asks for."""
    code = int(error["code"])
    message = str(error.get("message", f"(#{code}) An error made on demand"))
    refusal = Refusal(int(error.get("status", 400)), message, code, subcode=error.get("subcode"))
    if "is_transient" in error:
        refusal.body["is_transient"] = bool(error["is_transient"])
    return refusal


def nobody() -> Refusal:
    """An app access token asked for `me`, which then names nobody."""
    message = "An active access token must be used to query information about the current user."
    return Refusal(400, message, 2500)
