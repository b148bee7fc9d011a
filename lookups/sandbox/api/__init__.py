"""What Graph answers to a good question: nodes, edges, fields, paging, batches, tokens, subscriptions.

Begin reading in `nodes` (a read, from the token to the node) and `edges` (the one table of edges).
May call: `world`. It knows nothing of HTTP, of faults or of the control endpoint.
Others may use: `edges.EDGES`, `request.Request` and `read_request`, `nodes.Reader`, `writing.Writer`,
`batch.answer_items`, `debug_token.Debugger`, `oauth.token_for_secret`, `subscriptions.Subscriptions`,
`journal.Journal`, `switches.Switches`, `headers`, and for faults `fields`, `paging` and `journal.hashed`.
"""
