"""The pages about asking Graph: *Find a person*, lookups, and reviews.

Begin reading at `finding`, the start page. The pages call `lookups.asking` (planning, starting, holds), and `people`
and `tokens` for the start page; they hold no rule.
"""
