"""What idlink's road has stored is read as it is: a row that is lost or moved ends the benchmark."""

from datetime import UTC, datetime, timedelta

import pytest

from lookups.lists import feeding, running
from lookups.models import Answer, Match, Person, ScopedID
from tests.benchmarks.installation import install_list, resolver, stored_by_idlink
from tests.benchmarks.questions import truths_of_one, world_size
from tests.benchmarks.stored import check_stored

pytestmark = pytest.mark.django_db
PEOPLE = 12
TRUTH = truths_of_one(PEOPLE)


@pytest.fixture
def begun(start_sandbox, settings, tmp_path):
    """When a list was begun that was worked off since."""
    settings.IDLINK_GRAPH_URL = ""  # installing changes it: so it is set back
    sandbox = start_sandbox("--people", str(world_size(PEOPLE)))
    begun = datetime.now(UTC)
    run = install_list(sandbox.url, TRUTH, tmp_path)
    running.start(run, by=None, now=begun)
    while feeding.feed(begun) + resolver.resolve_turn("bulk", at_once=2):
        pass
    yield begun
    resolver.graph_client.cache_clear()


def test_the_road_stores_the_truth(begun):
    assert len(TRUTH) == PEOPLE

    check_stored(stored_by_idlink(), TRUTH, begun)


def test_a_lost_link_is_missed(begun):
    Match.objects.order_by("pk")[0].delete()

    with pytest.raises(SystemExit, match="links"):
        check_stored(stored_by_idlink(), TRUTH, begun)


def test_an_id_of_another_person_is_missed(begun):
    one, other = Person.objects.order_by("pk")[:2]
    ScopedID.objects.filter(pk=one.scoped_ids.order_by("pk")[0].pk).update(person=other)

    with pytest.raises(SystemExit, match="persons"):
        check_stored(stored_by_idlink(), TRUTH, begun)


def test_half_an_answer_is_missed(begun):
    Answer.objects.filter(pk=Answer.objects.order_by("pk")[0].pk).update(complete=False)

    with pytest.raises(SystemExit, match="answers"):
        check_stored(stored_by_idlink(), TRUTH, begun)


def test_a_time_before_the_road_is_missed(begun):
    Match.objects.filter(pk=Match.objects.order_by("pk")[0].pk).update(last_confirmed=begun - timedelta(days=1))

    with pytest.raises(SystemExit, match="times of sight"):
        check_stored(stored_by_idlink(), TRUTH, begun)
