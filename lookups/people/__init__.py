"""Show persons to staff: find a person, draw its IDs, explain its links, list its history.

This package writes nothing. It may call `asking` (what could be asked) and `evidence` (what is known). Read `grid`
first, the main part of a person's page. `searching` finds persons, `explaining` says why two IDs are one person,
`history` says what was known at a past moment, and `picture` draws.
"""
