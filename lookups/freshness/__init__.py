"""Keep IDs fresh: find the IDs that are due, choose which to ask about, and count how fresh a business is.

`evidence.freshness` defines *fresh*. This package may call `asking` and `evidence`. Read `refresh` first, which the
scheduler calls; `counting` gives the figures that pages show. Other packages use `refresh.pick`, `refresh.pace`,
`counting.count`, `counting.count_all`, `counting.calls_by_asset` and `askable.words_of`.
"""
