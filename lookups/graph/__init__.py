"""The Graph client: asks Graph, and tells an answer from a refusal and a refusal from a failure.

It knows no Django, no Celery, no models and nothing of the sandbox, and calls no other room. It alone uses requests.

Begin reading with `edges` (what can be asked), `questions` (how a question becomes a path) and `client` (how questions
go out and replies come back). `transport` makes the one POST below; `batch`, `rows`, `profile_fields` and `tokens` read
what comes back. `errors` sorts what goes wrong by what can be done about it, and the table in `recognition` tells which
error it is. Each limit stands where it is kept: questions in a POST and the longest wait in `batch`, rows in a page in
`paging`, bytes in an answer in `transport`.

Other rooms may use what is named in `__all__`.
"""

from lookups.graph.answers import (
    EdgeAnswer,
    GraphReply,
    LinkRow,
    LinksAnswer,
    NamedAsset,
    ProfileAnswer,
    Receipt,
)
from lookups.graph.bare_answer import BareAnswer
from lookups.graph.batch import BATCH_SIZE
from lookups.graph.client import CallCredential, GraphClient
from lookups.graph.discovery import Asker, AssetOwner, ListedAsset, apps_and_pages, name_of_me, owner_of
from lookups.graph.edges import Edge, edge_to
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
from lookups.graph.questions import GraphQuestion, LinksQuestion, ProfileQuestion, path_of
from lookups.graph.tokens import TokenReport
from lookups.graph.usage import PoolUsage
from lookups.graph.versions import LAST_DAYS

__all__ = [
    "BATCH_SIZE",
    "LAST_DAYS",
    "Asker",
    "AssetOwner",
    "BareAnswer",
    "CallCredential",
    "Edge",
    "EdgeAnswer",
    "GraphClient",
    "GraphError",
    "GraphQuestion",
    "GraphReply",
    "LinkRow",
    "LinksAnswer",
    "LinksQuestion",
    "ListedAsset",
    "NamedAsset",
    "NeedsAction",
    "NotPermitted",
    "PoolUsage",
    "ProfileAnswer",
    "ProfileQuestion",
    "ProofRefused",
    "Receipt",
    "ServerTrouble",
    "TokenRefused",
    "TokenReport",
    "TooManyCalls",
    "TryLater",
    "UnderPolicyReview",
    "UnexpectedAnswer",
    "UnknownID",
    "Unreachable",
    "apps_and_pages",
    "edge_to",
    "name_of_me",
    "owner_of",
    "path_of",
]
