"""What is done on a terminal: the commands, and what they share.

Begin reading at `commands`. `supervisor`, `processes` and `addresses` run an installation on one machine,
`demo_world` fills a trial one, `invariants` and `stored_twice` say what must never be in a database.
"""
