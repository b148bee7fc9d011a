"""Who may change a business's evidence at the same time. Both locks hold until the end of the transaction.

On PostgreSQL these are advisory locks, not locks of a row: they are granted in the order of asking, so that a decision
does not wait for ever behind workers who share. SQLite has one writer at a time.
"""

from django.db import connection

from businesses.models import Business

_OF_EVIDENCE = 1  # the first key of these locks; the second is the business
_KEYS = 2**31


def alone_with(business_pk: int) -> Business:
    """Give the business once no other transaction changes its evidence, nor will until this one ends."""
    return _locked(business_pk, "pg_advisory_xact_lock")


def beside_others(business_pk: int) -> Business:
    """Give the business once nobody is alone with it. Who shares it must lock the persons that are changed."""
    return _locked(business_pk, "pg_advisory_xact_lock_shared")


def can_share() -> bool:
    """Tell whether several transactions can write at the same time here."""
    return connection.vendor == "postgresql"


def _locked(business_pk: int, how: str) -> Business:
    if can_share():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {how}(%s, %s)", [_OF_EVIDENCE, business_pk % _KEYS])
    return Business.objects.get(pk=business_pk)
