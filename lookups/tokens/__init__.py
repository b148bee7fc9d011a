"""Tokens, app secrets and owners: whether they are right, and what follows if they are not.

May call `asking` (pacing, planning) and `evidence`. Begin with `checking`: it has Graph asked what a token is
(`inspecting`), judges the answer (`verdicts`) and has it written down (`findings`). Beside it stand

    due_checks       which tokens are to be checked now
    health           how one token is, in words; `overview` has all of them and the alarms, `mailing` tells admins
    causes           why Graph refuses a token; `autopsy` says what suffers from that
    secret_rotation  a new app secret is tried before it is used
    owners           which business owns an app or Page; `ownership` writes it down
    discovery        what a token that was pasted once shows; `candidates` of it, and `adding` what was chosen
    preflight        which calls would go through; `obstacles` is what stands in their way

Pages and tasks use all of these; other rooms nothing.
"""
