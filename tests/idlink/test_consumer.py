"""What a worker does with a message that it can't acknowledge, since the connection to the broker is gone."""

import pytest
from celery.app.task import Task
from celery.contrib.testing.app import TestApp
from kombu.message import Message

from idlink.consumer import LoneConsumer


class GoneError(Exception):
    """What the connection raises."""


def consumer(**facts: object) -> LoneConsumer:
    """A consumer that is not connected."""
    made = object.__new__(LoneConsumer)
    made.__dict__.update(connection_errors=(GoneError,), strategies={}, hostname="here", **facts)
    return made


def test_no_task_swallows_it_and_the_consumer_still_knows_what_to_begin_anew_for(monkeypatch):
    swallowed = []
    monkeypatch.setattr(Task, "start_strategy", lambda task, app, to: swallowed.append(to.connection_errors))
    made = consumer(app=TestApp())

    made.update_strategies()

    assert set(swallowed) == {()}
    assert made.connection_errors == (GoneError,)


def test_kombu_lets_what_is_not_swallowed_pass(monkeypatch):
    def ack(*args: object, **kwargs: object) -> None:
        raise GoneError

    monkeypatch.setattr(Message, "ack", ack)

    with pytest.raises(GoneError):
        Message(delivery_tag="1", channel=None).ack_log_error(None, ())
