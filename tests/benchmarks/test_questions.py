"""What other clients answer is read in the same way for all."""

from tests.benchmarks.questions import links_in


def test_links_are_read_out_of_the_rows_of_both_edges():
    apps = [{"id": "1", "app": {"id": "100"}}]
    pages = [{"id": "2", "page": {"id": "200"}}, {"id": "3", "page": {"id": "300"}}]

    assert links_in([apps, pages]) == {("100", "1"), ("200", "2"), ("300", "3")}
