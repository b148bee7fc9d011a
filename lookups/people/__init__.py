"""A person as staff see one: found, drawn, explained, with all that happened.

Reads what is stored and writes nothing. May call `asking` (what could be asked), `evidence` (what is known), and of
`graph` what a request looks like. Begin with `grid`, the main part of a person's page; `searching` finds persons,
`explaining` says why two IDs are one person, `history` what was known when, `timeline` what happened, `picture` draws.

Pages use all of these; other rooms use nothing.
"""
