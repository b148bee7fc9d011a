"""Tokens, app secrets and owners: whether they are right, and what follows if they are not.

This room may call `asking` (pacing, planning) and `evidence`. Begin reading at `checking`: it asks Graph what a token
is (through `inspecting`), judges the answer (`verdicts`) and stores it (`findings`). The other modules:

    due_checks       which tokens are to be checked now
    health           the state of one token, in words; `overview` has all tokens and the alarms, `mailing` tells admins
    causes           why Graph refuses a token; `autopsy` says which lookups and links suffer
    secret_rotation  a new app secret is tried before it is used
    versions         whether the version of Graph that is asked for is still served
    owners           which business owns an app or Page; `ownership` stores it
    discovery        what a pasted token shows; `candidates` may be added, `adding` stores the chosen ones
    preflight        which calls would go through; `obstacles` says what stops or delays them

Pages, tasks and the admin site (its banner) call this room; no other room does.
"""
