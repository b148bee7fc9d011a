"""The pages of persons: the list, one person's page and history, conflicts, decisions, exports of links.

Begin reading at `person`, which registers the pages, then `person_page`. The pages call `lookups.people` (what is
known), `evidence` (decisions, conflicts) and `asking` (asking again); they hold no rule.
"""
