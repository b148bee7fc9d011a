"""Every refusal Graph has for ID matching: HTTP status and error object, as the wire contract's tables say."""

from typing import Any

REVIEW = "(#200) Your business is currently going through review to access this API."


class Refusal(Exception):
    """An error answer. `body` is the error object without its trace ID, which each answer gets anew."""

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
    """No access token came at all."""
    return Refusal(400, "An access token is required to request this resource.", 104)


def bad_token(message: str, status: int = 400) -> Refusal:
    """The token is none of this world."""
    return Refusal(status, message, 190)


def proof_missing() -> Refusal:
    """The question needs a proof and none came."""
    message = "API calls from the server require an appsecret_proof argument"
    refusal = Refusal(400, message, 100, kind="GraphMethodException")
    refusal.proof_verdict = "missing"
    return refusal


def proof_wrong() -> Refusal:
    """A proof came and it is not that of this very token."""
    message = "Invalid appsecret_proof provided in the API argument"
    refusal = Refusal(400, message, 100, kind="GraphMethodException")
    refusal.proof_verdict = "wrong"
    return refusal


def unknown_client() -> Refusal:
    """oauth/access_token was given an ID that is no app's."""
    return Refusal(400, "Error validating application. Invalid application ID.", 101)


def wrong_client_secret() -> Refusal:
    """oauth/access_token was given a secret that is not the app's."""
    return Refusal(400, "Error validating client secret.", 1)


def unknown_object(node_id: str, method: str = "get") -> Refusal:
    """The node does not exist, or this token can't see it, or it can't be written to: Graph does not tell which."""
    message = (
        f"Unsupported {method} request. Object with ID '{node_id}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation. Please read the Graph API documentation at "
        "https://developers.facebook.com/docs/graph-api"
    )
    return Refusal(400, message, 100, subcode=33, kind="GraphMethodException")


def not_an_id(text: str) -> Refusal:
    """The path names no number."""
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
    """The cursor, named as its parameter is, is not one that was given out for this edge."""
    return Refusal(400, f"(#100) Invalid parameter: the {name.capitalize()} Cursor specified is invalid", 100)


def bad_parameter(message: str) -> Refusal:
    """A parameter can't be used."""
    return Refusal(400, f"(#100) {message}", 100)


def parameter_missing(name: str) -> Refusal:
    """A parameter must be there and is not."""
    return bad_parameter(f"The parameter {name} is required")


def empty_identifier() -> Refusal:
    """`ids` names nothing, as it does when a batch's reference finds nothing."""
    return Refusal(400, "Cannot specify an empty identifier", 2500)


def version_needed(edge: str) -> Refusal:
    """The path lost its version, and the edge is younger than what then serves."""
    return Refusal(400, f"(#12) {edge} requires version v2.9 or higher", 12)


def unknown_path(path: str) -> Refusal:
    """No such path, or a version that was never released."""
    return Refusal(400, f"Unknown path components: {path}", 2500)


def too_many_in_batch() -> Refusal:
    """More than fifty items."""
    message = "(#100) Too many requests in batch message. Maximum batch size is 50"
    return Refusal(400, message, 100, kind="GraphBatchException")


def under_review(status: int) -> Refusal:
    """Meta reviews the business's use of the API (the guide, Policy)."""
    return Refusal(status, REVIEW, 200)


def needs_permission(name: str) -> Refusal:
    """The token was not granted what this list needs."""
    return Refusal(403, f"(#200) Requires {name} permission to manage the object", 200)


def needs_messaging() -> Refusal:
    """The Page token was not granted what people's IDs need."""
    return Refusal(403, "(#230) Requires pages_messaging permission to manage the object", 230)


def no_profile(subcode: int) -> Refusal:
    """The person's profile is not told: to nobody (2018218), or not to this app (2018247)."""
    messages = {
        2018218: "(#100) No profile available for this user.",
        2018247: "(#100) Insufficient permission to access user profile.",
    }
    return Refusal(400, messages[subcode], 100, subcode=subcode)


def no_business() -> Refusal:
    """token_for_business was asked by an app that no business owns."""
    return Refusal(400, "(#100) The app is not owned by a business", 100)


def needs_page_token() -> Refusal:
    """Only the Page itself may ask this."""
    return Refusal(403, "(#210) A page access token is required to request this resource.", 210)


def limit_reached(pool: str) -> Refusal:
    """The app has made all its calls (4), or a Page's pool is used up (80001, 80006)."""
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
    """debug_token was asked about a token of an app that is not the asking one."""
    return Refusal(400, "(#100) The App_id in the input_token did not match the Viewing App", 100)


def no_debug_rights() -> Refusal:
    """debug_token wants an app token or the token of one who works on the app."""
    message = (
        "(#100) You must provide an app access token, or a user access token that is an owner or developer of the app"
    )
    return Refusal(400, message, 100)


def on_demand(told: dict[str, Any]) -> Refusal:
    """Any error a test asks for."""
    code = int(told["code"])
    message = str(told.get("message", f"(#{code}) An error made on demand"))
    refusal = Refusal(int(told.get("status", 400)), message, code, subcode=told.get("subcode"))
    if "is_transient" in told:
        refusal.body["is_transient"] = bool(told["is_transient"])
    return refusal


def nobody() -> Refusal:
    """`me` was asked with an app access token."""
    message = "An active access token must be used to query information about the current user."
    return Refusal(400, message, 2500)
