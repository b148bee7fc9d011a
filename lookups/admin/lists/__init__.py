"""The pages of lists and runs. Begin reading at `run`, which registers them; each other module is one page or a part
of one. They translate between a browser and `lookups.lists`, and hold no rule.
"""
