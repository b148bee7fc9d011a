"""What Graph says about people besides links, stored with the time of reading."""

from collections.abc import Sequence
from typing import Any

from businesses.models import AssetKind, Business
from lookups.evidence.region import stored_ids
from lookups.graph import ProfileAnswer
from lookups.models import Answer, Lookup, Profile, ScopedID
from lookups.models.folding import folded

# The fields that may be read, by the kind of asset whose ID is asked about; the name comes first.
FIELDS = {AssetKind.APP: ("name", "age_range"), AssetKind.PAGE: ("name", "is_payment_enabled")}


def learn_profiles(business: Business, told: Sequence[tuple[Answer, Any]]) -> None:
    """Store the profile fields that Graph gave for stored scoped IDs."""
    profiles = []
    read = [(answer, reply) for answer, reply in told if isinstance(reply, ProfileAnswer)]
    _find_scoped_ids(business, [answer.lookup for answer, _ in read])
    for answer, reply in read:
        about = answer.lookup.scoped_id
        if about and (reply.name or reply.age_range or reply.is_payment_enabled is not None):
            profiles.append(_profile(about, answer, reply))
    if not profiles:
        return
    stored = dict(
        Profile.objects.filter(scoped_id__in=[p.scoped_id for p in profiles]).values_list("scoped_id", "read_at")
    )
    newest: dict[int, Profile] = {}
    for profile in sorted(profiles, key=lambda profile: profile.read_at):
        if profile.read_at >= stored.get(profile.scoped_id_id, profile.read_at):
            newest[profile.scoped_id_id] = profile
    Profile.objects.bulk_create(
        newest.values(),
        update_conflicts=True,
        unique_fields=["scoped_id"],
        update_fields=["name", "folded", "age_min", "age_max", "is_payment_enabled", "answer", "read_at"],
    )


def _profile(scoped_id: ScopedID, answer: Answer, reply: ProfileAnswer) -> Profile:
    age_min, age_max = reply.age_range or (None, None)
    return Profile(
        business_id=scoped_id.business_id,
        scoped_id=scoped_id,
        name=reply.name or "",
        folded=folded(reply.name or ""),
        age_min=age_min,
        age_max=age_max,
        is_payment_enabled=reply.is_payment_enabled,
        answer=answer,
        read_at=answer.at,
    )


def _find_scoped_ids(business: Business, lookups: Sequence[Lookup]) -> None:
    """Set the scoped ID of each lookup that was stored before its scoped ID was."""
    unknown = [lookup for lookup in lookups if lookup.scoped_id_id is None]
    if not unknown:
        return
    rows = stored_ids(business, ((lookup.asset, lookup.value) for lookup in unknown))
    known = {(row.asset_id, row.value): row for row in rows}
    for lookup in unknown:
        lookup.scoped_id = known.get((lookup.asset_id, lookup.value))
