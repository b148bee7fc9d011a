"""Safety lines taken away one by one: for each, the tests that must notice.

`*.toml` holds the mutants by theme; begin reading there. `table` reads them, `trial` tries one in a copy of the tree,
and `python -m tests.mutants` (`make test-mutants`) tries all.
"""
