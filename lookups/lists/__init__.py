"""Lists of IDs: a person sends in a list, previews and starts it, and downloads its results.

Begin reading at `imports` (turns a file into rows). Then follow `preview` and `forecast` (what a list would do and
cost), `running` (start, pause, cancel, retry), `choosing` and `feeding` (turn rows into lookups), `reckoning` (how many
questions it will be) and `exports` (files to download).
This room calls `asking` for what may be asked and `evidence` for what is fresh. Pages, commands and tasks call it.
"""
