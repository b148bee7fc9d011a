"""What answers mean: which scoped IDs are one person, which links hold, what contradicts what, what is fresh.

May call `models` and `businesses`; of `graph` it takes answers and errors, and never asks. It checks no role: the page
that calls `decisions` or `undoing` has done so.

Begin reading with `learning` (replies become findings) and `matching` (findings change what is stored), which calls

    weighing      which links are new, confirmed, unconfirmed, withdrawn
    settling      writes persons, their members and history; `components` says which IDs are one person
    conflicts     what can't both be right

Beside that road are `decisions` (what people decide), `undoing` (an import taken back), `freshness` (the one meaning
of *fresh*), `profiles` (what is told beside the links), `profile_retention`, and `rebuilding` (all
persons computed anew).

Others use these: asking `learning`, `profiles`, `refusals`; pages `decisions`, `conflicts`, `undoing`; tasks `undoing`,
`profile_retention`; people `components`, `region`; management `rebuilding`; tokens `found_assets.LONGEST_LINK`.
`freshness` is for pages, people, lists and the room freshness.
"""
