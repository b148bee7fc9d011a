"""Undo an import and take that back: decided at once, done step by step in the background.

Begin reading at `deciding` (what can be undone, and how far it has come), then `stepping` (the work) and
`previewing`. Uses the evidence's regions, settling and conflicts; calls nothing above the evidence.
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
