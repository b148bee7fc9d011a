"""Requests that the sandbox sends itself, to URLs on this machine: Meta's callbacks and webhooks, and a test's hooks.

Begin reading in `signed_requests` (an app was removed, data shall be deleted), `webhooks` (messages to Pages) and
`request_hooks` (a test is called at the n-th request).
May call: `graph`, `world`.
Others may use: `signed_requests.CallbackOrder`, `webhooks.send_webhooks`, `request_hooks.Hook` and `call_hooks`.
"""
