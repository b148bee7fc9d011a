"""Pages for admins about tokens, app secrets, owners and preflight.

Begin reading at `token_pages`: the health of all tokens, and the page of one. The pages call `lookups.tokens`, `asking`
(planning, starting) and `tasks` (to wake workers); they hold no rule.
"""
