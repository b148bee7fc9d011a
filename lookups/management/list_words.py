"""Words for the terminal: what a list would do, and what became of its rows."""

from collections.abc import Iterator
from datetime import datetime

from lookups.asking.tallies import Sum
from lookups.lists.preview import RejectedRows, RowsOfAsset, preview_of
from lookups.models import Run

_WORDS = {"none": "asked, none", "fresh": "already fresh"}


def preview_lines(run: Run, now: datetime) -> Iterator[str]:
    """Give lines that say how many rows a list has, which are rejected and why, and which can be asked."""
    preview = preview_of(run, now)
    yield f"Rows:       {run.rows:>10,}"
    yield f"Rejected:   {run.rejected:>10,}"
    for group in preview.rejects:
        yield from _rejected(group)
    yield f"Duplicates: {run.duplicate:>10,}"
    yield f"IDs:        {run.todo:>10,}"
    for rows in preview.assets:
        yield from _of_asset(rows)


def equation(at_last: Sum) -> str:
    """Give the sum of a run as one line: the counts add up to the rows of the file."""
    parts = " + ".join(f"{count:,} {_WORDS.get(name, name)}" for name, count in at_last.parts.items() if count)
    return f"{at_last.rows:,} rows {'=' if at_last.meets else '≠'} {parts or 0}"


def _rejected(group: RejectedRows) -> Iterator[str]:
    yield f"  {group.count:>10,}  {group.label}"
    for line, sentence in group.sentences:
        yield f"              line {line}: {_plain(sentence)}"


def _of_asset(one: RowsOfAsset) -> Iterator[str]:
    kind = one.asset.kind_of
    yield f"  {one.rows:>10,}  {kind.scoped_id}s of the {kind.label} “{_plain(one.asset.name)}”, " + (
        f"{one.ask:,} to ask, {one.fresh:,} already fresh"
    )
    waits = "can not be asked" if one.is_refused else "waits"
    for reason in one.plan.reasons:
        yield f"              {waits}: {reason.text} {reason.remedy}"


def _plain(text: str) -> str:
    """Replace characters of a file that could move the cursor or colour the terminal."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
