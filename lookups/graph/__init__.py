"""The Graph API client. Knows no Django, no Celery, no models and nothing of the sandbox."""

from lookups.graph.answers import Asset, EdgeAnswer, LinksAnswer, ProfileAnswer, Receipt, Row
from lookups.graph.client import Credential, GraphClient, Reply
from lookups.graph.discovery import Asker, Listed, Owner
from lookups.graph.edges import Edge, LinksQuestion, ProfileQuestion, path_of
from lookups.graph.errors import (
    GraphError,
    NeedsAction,
    NotPermitted,
    ProofRefused,
    ServerTrouble,
    TokenRefused,
    TooManyCalls,
    TryLater,
    UnderPolicyReview,
    UnexpectedAnswer,
    UnknownID,
    Unreachable,
)
from lookups.graph.tokens import TokenReport

__all__ = [
    "Asker",
    "Asset",
    "Credential",
    "Edge",
    "EdgeAnswer",
    "GraphClient",
    "GraphError",
    "LinksAnswer",
    "LinksQuestion",
    "Listed",
    "NeedsAction",
    "NotPermitted",
    "Owner",
    "ProfileAnswer",
    "ProfileQuestion",
    "ProofRefused",
    "Receipt",
    "Reply",
    "Row",
    "ServerTrouble",
    "TokenRefused",
    "TokenReport",
    "TooManyCalls",
    "TryLater",
    "UnderPolicyReview",
    "UnexpectedAnswer",
    "UnknownID",
    "Unreachable",
    "path_of",
]
