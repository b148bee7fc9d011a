"""The road of a question: a lookup is planned, stored, claimed, asked of Graph, and written down with its outcome.

May call `evidence` (what a reply means), `graph` (to ask), `models` and `businesses`. It sends no messages: the caller
of `starting` wakes the workers. Begin reading with `starting` and follow a lookup:

    starting      stores a run with its lookups; `planning` says beforehand whether, and with which credential
    claiming      takes what is due, under a lease: as many as one call may ask about; `sparing` drops what is fresh
    resolver      calls Graph with no transaction open; `pacing` says how fast
    recording     writes what a batch told, in one transaction; `ending`, `noting`, `names`, `answer_rows` are its parts
    giving_way    lets people go before bulk work; `writing_order` does so for the one lock of SQLite
    holds         what waits for a review, a token or a secret, and its release; `probes` ends a review
    tallies       the sum of a run, and its queries

Others use `starting`, `planning`, `holds`, `probes`, `pacing` and `tallies`; of `resolver` `resolve_turn`,
`free_and_find_work` and `graph_client`; and backups `recording.record_not_asked`.
"""
