"""What idlink assumes of Graph where the guide is silent, and one harmless question for each: what is true there?

Every answer is the value of a switch of the sandbox, so that what is found at the real Graph can be played here. The
room may call `asking` (planning, pacing) and `graph`; it stores nothing. Begin reading at `table`:

    table       the assumptions; their questions stand in `on_proofs`, `on_edges`, `on_fields`, `on_tokens` and
                `on_versions`
    interview   whom the questions are about, and one call
    subjects    chooses them among what a business has
    findings    asks all questions; the result holds no ID, name, token or secret

The command `check_graph` calls this room.
"""
