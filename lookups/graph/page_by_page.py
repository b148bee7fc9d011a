"""Read an edge page by page to its end."""

from dataclasses import dataclass, field

from lookups.graph.answers import EdgeAnswer
from lookups.graph.batch import BatchItem, stamped
from lookups.graph.edges import Edge
from lookups.graph.errors import GraphError, UnexpectedAnswer
from lookups.graph.questions import LinksQuestion, next_path
from lookups.graph.rows import EdgePage, read_page

MOST_EDGE_PAGES = 1000


@dataclass
class EdgeReading:
    """An edge of one question, as far as it has been read; `position` is the question's place among all asked."""

    position: int
    question: LinksQuestion
    edge: Edge
    pages: list[EdgePage]
    seen: set[str] = field(default_factory=set)

    @property
    def after(self) -> str:
        """The next page's cursor; empty when all is read."""
        return self.pages[-1].after

    @property
    def next_path(self) -> str:
        """The path that asks for the next page."""
        return next_path(self.question, self.edge, self.after)

    @property
    def answer(self) -> EdgeAnswer:
        """What the pages read so far told."""
        rows = tuple(row for page in self.pages for row in page.rows)
        return EdgeAnswer(rows, tuple(reason for page in self.pages for reason in page.rejected))

    def take(self, item: BatchItem | GraphError) -> GraphError | None:
        """Add the next page; gives the error if it can't be had."""
        if isinstance(item, GraphError):
            return item
        failure = None
        try:
            page = read_page(item.body, self.edge)
        except UnexpectedAnswer as error:
            failure = error
        if failure:
            return stamped(failure, item)
        self.seen.add(self.after)
        self.pages.append(page)
        if page.after and (page.after in self.seen or len(self.pages) >= MOST_EDGE_PAGES):
            return stamped(UnexpectedAnswer(f"The pages of {self.edge} go round in a circle."), item)
        return None


def start_reading(position: int, question: LinksQuestion, edge: Edge, item: BatchItem) -> EdgeReading:
    """Read an edge's first page; an edge that a node leaves out has no rows (wire contract, 1.2)."""
    alone = len(question.edges) == 1 and not question.profile
    if not isinstance(item.body, dict):
        raise UnexpectedAnswer("Graph's answer about an ID is not an object.")
    if not alone and item.body.get("id") != question.node_id:
        # A batch's answers should stand in the order of its questions. The ID shows whether they do.
        raise UnexpectedAnswer("Graph's answer is not about the ID that was asked about.")
    body = item.body if alone else item.body.get(edge, {"data": []})
    return EdgeReading(position, question, edge, [read_page(body, edge)])
