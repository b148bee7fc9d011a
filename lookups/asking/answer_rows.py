"""Turn replies into rows: every reply is stored as an answer, with all that is needed to show its request later."""

from datetime import datetime
from typing import Any

from django.conf import settings

from businesses.credentials import Choice
from lookups.asking.reports import Reported
from lookups.graph import GraphError, LinksAnswer
from lookups.models import Answer, bulk


def answer_row(item: Reported, credential: Choice, now: datetime) -> Answer:
    """Give the unsaved answer row of a reply; an error without a time of its own is dated `now`."""
    lookup, reply = item.lookup, item.reply
    asked = ",".join(lookup.edges) or "name"
    common = {
        "business_id": lookup.business_id,
        "lookup": lookup,
        "attempt": lookup.attempt,
        "edges": asked,
        "token_fingerprint": credential.fingerprint,
        "calling_app_id": credential.app_pk,
    }
    if isinstance(reply, GraphError):
        return bulk.new(
            Answer,
            **common,
            at=now,
            complete=False,
            http_status=reply.http_status,
            trace_id=reply.trace_id or "",
            version_asked=settings.IDLINK_GRAPH_VERSION,
            **_error_columns(reply),
        )
    receipt = reply.receipt
    refused = item.failure or (reply.refused[0][1] if isinstance(reply, LinksAnswer) and reply.refused else None)
    return bulk.new(
        Answer,
        **common,
        **(_error_columns(refused) if refused else {}),
        at=receipt.received_at,
        complete=not isinstance(reply, LinksAnswer) or reply.complete,
        http_status=receipt.http_status,
        trace_id=receipt.trace_id or "",
        version_asked=receipt.version_asked,
        version_served=receipt.version_served or "",
    )


def _error_columns(error: GraphError) -> dict[str, Any]:
    return {
        "error": type(error).__name__,
        "code": error.code,
        "subcode": error.subcode,
        "message": error.message,
    }
