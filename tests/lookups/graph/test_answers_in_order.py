"""Answers of a batch stand in the order of its questions; one about another ID is not taken."""

import pytest

from lookups.graph import CallCredential, GraphClient, LinksAnswer, LinksQuestion, UnexpectedAnswer
from tests.lookups.graph.hostile_server import HostileServer, batch, saying

CREDENTIAL = CallCredential(token="token-canary-1", app_secret="secret-canary-1")


def replies(*bodies: dict) -> list:
    """What two questions, about the IDs 1 and 2, get of these answers."""
    with HostileServer(saying(batch(*bodies))) as server:
        return GraphClient(server.url, "v26.0", read_timeout=2).ask(
            [LinksQuestion("1"), LinksQuestion("2")], CREDENTIAL
        )


def test_answers_in_their_order_are_taken():
    assert [type(reply) for reply in replies({"id": "1"}, {"id": "2"})] == [LinksAnswer, LinksAnswer]


@pytest.mark.parametrize("bodies", [({"id": "2"}, {"id": "1"}), ({}, {"id": 2}), ({"id": "11"}, {"id": "02"})])
def test_answers_about_other_ids_are_refused(bodies):
    assert [type(reply) for reply in replies(*bodies)] == [UnexpectedAnswer, UnexpectedAnswer]
