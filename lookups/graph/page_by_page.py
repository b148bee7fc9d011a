"""Read an edge page by page to its end.

A page that can't be had costs none of those before it: it is asked for again, a few times, and what was read counts in
any case. Cursors die (wire contract, 1.4), so none is stored: one that Graph no longer takes makes the reading begin
anew, once, and so does the next try of a lookup whose reading broke off.
"""

import random
from dataclasses import dataclass, field

from lookups.graph.answers import EdgeAnswer
from lookups.graph.batch import BatchItem, stamped
from lookups.graph.edges import Edge
from lookups.graph.errors import GraphError, TooManyCalls, UnexpectedAnswer
from lookups.graph.questions import LinksQuestion, next_path
from lookups.graph.rows import EdgePage, read_page

MOST_EDGE_PAGES = 1000
TRIES_OF_A_PAGE = 3
FIRST_PAUSE = 0.5  # seconds before a page is asked for again; doubled each time


@dataclass
class EdgeReading:
    """An edge of one question, as far as it has been read; `position` is the question's place among all asked."""

    position: int
    question: LinksQuestion
    edge: Edge
    pages: list[EdgePage]
    seen: set[str] = field(default_factory=set)
    failures: int = 0
    began_anew: bool = False
    ended_by: GraphError | None = None

    @property
    def after(self) -> str:
        """The next page's cursor; empty when all is read, and when the first page is to be read again."""
        return self.pages[-1].after if self.pages else ""

    @property
    def goes_on(self) -> bool:
        """Whether there is another page to ask for."""
        return self.ended_by is None and bool(self.after or not self.pages)

    @property
    def pause(self) -> float:
        """Seconds to wait before the next page is asked for: none, unless it could not be had just now."""
        return FIRST_PAUSE * 2 ** (self.failures - 1) * random.uniform(0.5, 1) if self.failures else 0.0  # noqa: S311

    @property
    def next_path(self) -> str:
        """The path that asks for the next page."""
        return next_path(self.question, self.edge, self.after)

    @property
    def answer(self) -> EdgeAnswer:
        """What the pages read so far told."""
        rows = tuple(row for page in self.pages for row in page.rows)
        rejected = tuple(reason for page in self.pages for reason in page.rejected)
        return EdgeAnswer(rows, rejected, is_whole=self.ended_by is None)

    def take(self, item: BatchItem | GraphError) -> None:
        """Add the next page, or note that it could not be had."""
        if isinstance(item, GraphError):
            self._fail(item)
            return
        failure = None
        try:
            page = read_page(item.body, self.edge)
        except UnexpectedAnswer as error:
            failure = error
        if failure:
            self._fail(stamped(failure, item))
            return
        self.seen.add(self.after)
        self.pages.append(page)
        self.failures = 0
        if page.after and (page.after in self.seen or len(self.pages) >= MOST_EDGE_PAGES):
            self.ended_by = stamped(UnexpectedAnswer(f"The pages of {self.edge} go round in a circle."), item)

    def _fail(self, error: GraphError) -> None:
        if _is_of_the_cursor(error) and not self.began_anew:
            self.began_anew, self.failures = True, 0
            self.pages, self.seen = [], set()
            return
        self.failures += 1
        # A limit lasts longer than a call may wait.
        passes = error.retryable and not isinstance(error, TooManyCalls)
        if not passes or self.failures >= TRIES_OF_A_PAGE:
            self.ended_by = error


def _is_of_the_cursor(error: GraphError) -> bool:
    """Tell whether Graph refuses the place that was asked for: it has only words for that (wire contract, 1.4)."""
    return error.code == 100 and "cursor" in error.message.lower()


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
