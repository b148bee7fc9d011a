"""The part of a worker that takes messages: without what breaks it when the broker restarts.

Gossip, mingle and remote control have queues of their own, which the broker deletes with their connection. When a
connection is lost, kombu deletes these queues once more over the connection that is gone, and the worker ends or lives
on without taking anything (kombu#582). idlink needs none of the three. Remote control is switched off in the settings;
the other two have no setting, only flags on the command line, which people forget.

A message that could not be acknowledged since the connection was gone must break the consumer, too. Celery logs it and
goes on; redis-py connects again by itself; and the message counts as under way for ever. Once there are as many of
these as the worker may have under way, it takes nothing any more.
"""

from typing import Any

from celery.worker.consumer import Consumer

OFF = {"without_gossip": True, "without_mingle": True}


class LoneConsumer(Consumer):
    """Takes messages, and speaks with no other worker."""

    connection_errors: tuple[type[BaseException], ...]

    def __init__(self, on_task_request: Any, *, worker_options: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(on_task_request, worker_options={**(worker_options or {}), **OFF}, **kwargs)

    def update_strategies(self) -> None:
        """Let no task swallow that its message could not be acknowledged: the consumer then begins anew."""
        errors = self.connection_errors
        self.connection_errors = ()
        try:
            super().update_strategies()
        finally:
            self.connection_errors = errors
