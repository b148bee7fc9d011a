"""Keep IDs fresh: which are due, whom to ask, how fresh a business is. What *fresh* means, `evidence.freshness` says.

May call `asking` and `evidence`. Begin with `refresh`, which the scheduler calls; `counting` gives the figures that
pages show. Others use `refresh.pick`, `refresh.pace`, `counting.count`, `counting.count_all`, `counting.calls_by_asset`
and `askable.words_of`.
"""
