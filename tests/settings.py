"""The project's settings in the tests' environment, for the type checker."""

import tests.environment  # noqa: F401  (sets what the settings read)
from idlink.settings import *  # noqa: F403
