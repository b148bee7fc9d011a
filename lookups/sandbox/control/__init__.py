"""What a test may order the running sandbox to do, below `/__control/`.

Begin reading in `orders`, whose docstring lists them all, and `events`, for those that change the world.
May call: `wire`, `callbacks`, `graph`, `faults`, `api`, `world`.
Others may use: `endpoint.Control`, `orders.ORDERS` and `SLOW_ORDERS`, `initial_events.apply_initial_events`,
`describing.describe`.
"""
