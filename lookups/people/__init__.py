"""A person as staff see one: found, drawn, explained, with all that happened.

Reads what is stored and writes nothing. May call `asking` (what could be asked) and `evidence` (what is known).
Begin with `grid`, the main part of a person's page; `searching` finds persons, `explaining` says why two IDs are
one person, `history` what was known when, `picture` draws.
"""
