"""How many examples the fuzz tests try: few in an ordinary run, as many as FUZZ_EXAMPLES says in `make test-fuzz`.

Not IDLINK_FUZZ_EXAMPLES: tests.environment takes away whatever begins with IDLINK_ before any test is read.
"""

import os

from hypothesis import HealthCheck, settings


def examples(default: int) -> int:
    """Give how many examples to try."""
    return int(os.environ.get("FUZZ_EXAMPLES") or default)


def fuzzed(default: int) -> settings:
    """Give the settings of a fuzz test. One sandbox serves all examples of a test: each must leave it as it was."""
    unhurried = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=examples(default), deadline=None, suppress_health_check=unhurried, print_blob=True)
