"""The sandbox's world: businesses, apps, Pages and people, their tokens, and the state that a test may change.

Begin reading in `world` (who is known where, by which ID) and `tokens` (what a token may see).
May call: nothing else of the sandbox.
Others may use: `world.World`, `asset.Asset` and `Business`, `person.Person`, `tokens`, `token_states`,
`refusals` (every error that Graph has for ID matching), `reviews.Reviews`, `usage.Usage`, `clock.Clock`, `truth`,
`default_world`, `varied_world` and `world_files`.
"""
