"""The pages of lists and runs. They translate between a browser and `lookups.lists`, and hold no rule.

Begin reading at `run`, which registers the pages; each other module is one page or a part of one. The pages call
`lists`, and `asking`, `evidence` and `tasks` for counts, undoing and waking workers.
"""
