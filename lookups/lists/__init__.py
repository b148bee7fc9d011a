"""Many rows at once: a list comes in, is looked over, asked about little by little, and goes out as a file.

Begin reading at `imports` (a file becomes rows), then `preview` and `forecast` (what it would do, and cost), `running`
(start, pause, cancel, retry), `feeding` (rows become lookups) and `exports` (files that go out). It calls asking and
evidence for what may be asked and what is fresh; pages, commands and tasks call it.
"""
