"""Every mutant still can be made, and changes something; what kills it is a test that is there."""

import re
from collections import Counter

import pytest

from tests.mutants.table import FIELDS, ROOT, Mutant, NotFound, mutants
from tests.mutants.trial import Copy

TABLE = mutants()


def test_there_are_at_least_sixty_of_many_themes():
    assert len(TABLE) >= 60
    assert len({one.theme for one in TABLE}) >= 8
    assert [name for name, count in Counter(one.name for one in TABLE).items() if count > 1] == []


def test_the_text_of_each_stands_in_its_file_once():
    files = {one.file: (ROOT / one.file).read_text() for one in TABLE}
    gone = []
    for one in TABLE:
        try:
            assert one.spoilt(files[one.file]) != files[one.file], f"{one.name} changes nothing"
        except NotFound as error:
            gone.append(str(error))

    assert not gone, "\n\n".join(gone)


def test_the_tests_of_each_are_there():
    missing = []
    for one in TABLE:
        for test in one.tests:
            path, _, function = test.partition("[")[0].partition("::")
            there = function and re.search(rf"^def {function}\(", (ROOT / path).read_text(), re.MULTILINE)
            missing += [] if there else [f"{one.name}: {test}"]

    assert missing == [], "name the smallest test that kills it: path::function"
    assert [one.name for one in TABLE if not one.tests or one.on not in ("sqlite", "postgres")] == []


def test_a_text_that_is_gone_is_told_with_its_place():
    gone = Mutant("theme", "what", "a.py", "old", "new", ("t.py::test",))

    with pytest.raises(NotFound, match=r"stands 0 times in a\.py\. Write it anew in tests/mutants/theme\.toml"):
        gone.spoilt("something else")
    with pytest.raises(NotFound, match="stands 2 times"):
        gone.spoilt("old old")
    assert gone.spoilt("an old one") == "an new one"


def test_a_row_says_what_every_row_says():
    assert set(Mutant.__dataclass_fields__) - {"theme"} == FIELDS


@pytest.mark.parametrize(("change", "outcome"), [("1 + 1", "survived"), ("3", "killed"), ("= =", "unclear")])
def test_a_trial_tells_what_its_tests_saw_and_leaves_the_tree_alone(tmp_path, monkeypatch, change, outcome):
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "sum.py").write_text("TWO = 2\n")
    (tree / "test_sum.py").write_text("from sum import TWO\n\n\ndef test_it():\n    assert TWO == 2\n")
    monkeypatch.setattr("tests.mutants.trial.ROOT", tree)
    mutant = Mutant("theme", "what", "sum.py", "2", change, ("test_sum.py::test_it",))

    verdict = Copy(tmp_path / "copy").judge(mutant)

    assert verdict.outcome == outcome, verdict.said
    assert (tree / "sum.py").read_text() == "TWO = 2\n"
