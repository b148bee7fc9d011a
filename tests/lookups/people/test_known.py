"""What is known of a person: the IDs, their matches and conflicts, also those that lead to other persons."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lookups.evidence import decisions
from lookups.models import Decision
from lookups.people.known import known_of
from tests.lookups.people_of_johns import GAME_APP, GAME_ASID, PAGE, PSID, asker, scoped


@pytest.fixture
def ask(world):
    return asker(world)


def test_matches_have_their_ids_and_the_lookups_that_prove_them(ask):
    lookup = ask(PAGE, PSID)

    known = known_of(scoped(PAGE, PSID).person)

    assert len(known.members) == 3
    assert {match.target for match in known.matches} == set(known.members) - {scoped(PAGE, PSID)}
    assert {(match.first_lookup, match.last_lookup) for match in known.matches} == {(lookup.pk, lookup.pk)}


def test_a_match_that_leads_to_another_person_is_known_with_both_ends(world, ask):
    ask(PAGE, PSID)
    ends = scoped(PAGE, PSID), scoped(GAME_APP, GAME_ASID)
    decisions.decide(Decision.Kind.RETRACT, *ends, reason="so", by=world.user, now=timezone.now())
    other = scoped(GAME_APP, GAME_ASID)

    known = known_of(scoped(PAGE, PSID).person)

    assert other not in known.members
    (retracted,) = [match for match in known.matches if match.target == other]
    assert (retracted.target.asset.graph_id, retracted.is_live) == (GAME_APP, False)


def test_reading_takes_as_many_queries_for_many_ids_as_for_few(ask):
    ask(PAGE, PSID)
    person = scoped(PAGE, PSID).person

    with CaptureQueriesContext(connection) as queries:
        known = known_of(person)
        told = [(str(member.asset.business), str(member.asset.managed_by)) for member in known.members]
        told += [(str(match.source.asset), str(match.target.asset)) for match in known.matches]

    assert len(told) > len(queries) == 4, "the business is one of them"
