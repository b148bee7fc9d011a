"""Fixtures of those tests of the evidence that undo imports."""

from tests.lookups.evidence.undone import ask, sound, take_back, undo

__all__ = ["ask", "sound", "take_back", "undo"]
