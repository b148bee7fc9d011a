"""Undo an import, or take the undo back: the decision is stored at once, a worker carries it out step by step.

Read `deciding` first (what can be undone, and how far the undo has come), then `stepping` (the work) and
`previewing`. This package uses the evidence's regions, settling and conflicts, and calls nothing above the evidence.
"""

from lookups.evidence.undoing.deciding import CannotUndo, Stage, latest, stage_of, start_undoing, take_back, why_not
from lookups.evidence.undoing.previewing import UndoPreview, preview_undoing
from lookups.evidence.undoing.stepping import go_on_undoing, left_behind

__all__ = [
    "CannotUndo",
    "Stage",
    "UndoPreview",
    "go_on_undoing",
    "latest",
    "left_behind",
    "preview_undoing",
    "stage_of",
    "start_undoing",
    "take_back",
    "why_not",
]
