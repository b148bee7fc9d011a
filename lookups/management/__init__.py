"""The commands of `manage.py`, and the modules that they share.

Begin reading at `commands`. `supervisor`, `processes` and `addresses` run an installation on one machine, `demo_world`
fills a trial one, `invariants` and `stored_twice` say what must never be in a database. Commands may call any room of
`lookups` but `admin`; nothing calls them.
"""
