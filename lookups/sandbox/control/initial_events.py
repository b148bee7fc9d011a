"""The events of a world's file: they happen at the start and again after every reset."""

from lookups.sandbox.control.events import EVENTS
from lookups.sandbox.graph import Graph


def apply_initial_events(graph: Graph) -> None:
    """Let the events of the world's file happen now and after each reset; raises ValueError."""

    def happen() -> None:
        for one in graph.world.happened:
            for name, order in one.items():
                try:
                    EVENTS[name](graph, order)
                except (LookupError, TypeError, AttributeError) as error:
                    raise ValueError(f"this can't have happened: {one}: {error!r}") from error

    graph.let_initial_events_happen = happen
    happen()
