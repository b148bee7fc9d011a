"""What has happened to a world before anybody asks: as its file tells, and again after every reset."""

from lookups.sandbox.control import happenings
from lookups.sandbox.graph import Graph


def begin(graph: Graph) -> None:
    """Let everything happen that the world's file tells of; raises ValueError."""

    def happen() -> None:
        for one in graph.world.happened:
            for door, told in one.items():
                try:
                    happenings.ALL[door](graph, told)
                except (LookupError, TypeError, AttributeError) as error:
                    raise ValueError(f"this can't have happened: {one}: {error!r}") from error

    graph.begin = happen
    happen()
