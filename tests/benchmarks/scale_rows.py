"""The rows that `make bench-scale` stores, made from the temporary tables of `scale_people`."""

from tests.benchmarks.scale_names import ONLY_ONE, spelt

_NAMES = ", ".join(spelt(ONLY_ONE))
_OTHERS = ", ".join(f"spelling.{column}" for column in spelt(ONLY_ONE) if column != "name")
_OF_FIRST = "CASE WHEN refreshed THEN {refresh} + n WHEN again THEN {again} + n ELSE n END"
_AT_LAST = "coalesce(refreshed_at, again_at, at)"
_JOINED_SINCE = "at + (pg_temp.asked_at(at, {now}, n, 1) - at) / 2"


def _latest(founding: str, further: str) -> str:
    """What the latest answer gives an ID that was asked about; nothing, if it was not."""
    return f"CASE WHEN place = 0 THEN {founding} WHEN place < asked THEN {further} END"


_ANSWER = _latest(_OF_FIRST, "{people} + p.more + place")
_ANSWERED_AT = _latest(_AT_LAST, "pg_temp.asked_at(at, {now}, n, place)")
_CALLER = _latest("e.caller", "e.caller")

PEOPLE = (
    # A person whose last ID was one of its own: that one is empty now. Keys lie side by side, as they came.
    f"""INSERT INTO lookups_person (id, business_id, public_id, created_at, confirmed_after)
    SELECT 2 * n, business, pg_temp.public_id(first), at,
        CASE WHEN NOT joined AND NOT missed AND asked = 1 THEN refreshed_at END FROM person
    UNION ALL SELECT 2 * n + 1, business, pg_temp.public_id(first + size - 1), {_JOINED_SINCE}, NULL
        FROM person WHERE joined ORDER BY 1""",
    f"""INSERT INTO lookups_scopedid (id, business_id, asset_id, value, person_id, public_id, first_seen,
        apps_answer_id, apps_answered_at, apps_caller_id, pages_answer_id, pages_answered_at, pages_caller_id)
    SELECT first + place, p.business, e.asset, pg_temp.value(first + place), 2 * n, pg_temp.public_id(first + place),
        CASE WHEN joined AND place = size - 1 THEN {_JOINED_SINCE} ELSE at + place * interval '1 microsecond' END,
        {_ANSWER}, {_ANSWERED_AT}, {_CALLER}, {_ANSWER}, {_ANSWERED_AT}, {_CALLER}
    FROM person p CROSS JOIN LATERAL generate_series(0, size - 1) place
    JOIN estate e ON e.number = p.number AND e.spot = mod(p.spot + place, p.spots)""",
    """INSERT INTO lookups_personevent (id, business_id, kind, person_id, other_id, answer_id, at)
    SELECT n, business, 'joined', 2 * n + 1, 2 * n, {people} + more + 1, pg_temp.asked_at(at, {now}, n, 1)
    FROM person WHERE joined""",
    """INSERT INTO lookups_movedid (id, business_id, event_id, scoped_id_id)
    SELECT n, business, n, first + size - 1 FROM person WHERE joined""",
    f"""INSERT INTO lookups_profile (id, business_id, scoped_id_id, {_NAMES}, answer_id, read_at)
    SELECT n, business, first, CASE mod(n, 50) WHEN 1 THEN normalize(name, NFD) ELSE name END
        {", " if _OTHERS else ""}{_OTHERS}, {{naming}} + n, coalesce(refreshed_at, at)
    FROM (SELECT *, 1 + (tongue >= {{vietnamese}})::int + (tongue >= {{english}})::int AS language
        FROM (SELECT *, pg_temp.share(n, 13) AS tongue FROM person WHERE mod(n, 2) = 1) speaking) p
    JOIN spelling ON spelling.number = CASE WHEN n = 3 THEN -1 ELSE
        ((language - 1) * {{most}} + floor((ARRAY{{families}})[language] * power(pg_temp.share(n, 14), 3))::int)
        * {{most}} + floor((ARRAY{{givens}})[language] * power(pg_temp.share(n, 15), 2))::int END""",
)

LOOKUPS = (
    """INSERT INTO lookups_lookup (id, business_id, run_id, asset_id, value, scoped_id_id, question, lane, state,
        held_for, list_row_id, ending, is_probe, attempt, tries, created_at, finished_at, apps_outcome, pages_outcome,
        why)
    SELECT key, business, run, asset, value, scoped_id, question, CASE WHEN run > {single} THEN 'staff' ELSE 'bulk' END,
        CASE held_for WHEN '' THEN 'done' ELSE 'held' END, held_for, list_row,
        ending, false, 1, 1, at - interval '2 seconds',
        CASE held_for WHEN '' THEN at END, outcome,
        CASE WHEN outcome = 'linked' AND mod(key, 7) = 0 THEN 'none' ELSE outcome END, ''
    FROM (SELECT *, CASE WHEN question = 'name' THEN '' WHEN held_for <> '' THEN held_for
        WHEN ending = 'refused' THEN 'not_visible' ELSE ending END AS outcome FROM asking) told ORDER BY key""",
    """INSERT INTO lookups_answer (id, business_id, lookup_id, calling_app_id, attempt, at, edges, complete,
        token_fingerprint, http_status, trace_id, version_asked, version_served, error, code, subcode, message)
    SELECT key, business, key, caller, 1, at,
        CASE question WHEN 'name' THEN 'name' ELSE 'ids_for_apps,ids_for_pages' END, ending IN ('linked', 'none'),
        'f00d-f00d-f00d-f00d', CASE ending WHEN 'refused' THEN 400 WHEN 'failed' THEN NULL ELSE 200 END,
        substr(md5(key::text), 1, 23), 'v26.0', 'v26.0',
        CASE ending WHEN 'refused' THEN 'UnknownID' WHEN 'failed' THEN 'Unreachable' ELSE '' END,
        CASE ending WHEN 'refused' THEN 100 END, CASE ending WHEN 'refused' THEN 33 END,
        CASE ending WHEN 'refused' THEN 'Unsupported get request. The object does not exist.' ELSE '' END
    FROM asking WHERE held_for = '' ORDER BY key""",
)

# From each ID that was asked about to all others; the one that was joined was named by the second answer alone.
MATCHES = (
    """INSERT INTO lookups_match (id, business_id, source_id, target_id, edge, state, is_live, calling_app_id,
        first_answer_id, first_seen, last_answer_id, last_confirmed, missing_since, row_hash)
    SELECT key, business, first + source, first + target, edge, state, state <> 'withdrawn', called_by, answer, seen,
        CASE WHEN is_missed AND refreshed AND asked = 1 THEN {refresh} + n ELSE answer END,
        CASE WHEN is_missed AND refreshed AND asked = 1 THEN refreshed_at ELSE seen END,
        CASE WHEN state <> 'confirmed' THEN again_at END, repeat(md5((first + target)::text), 2)
    FROM (SELECT *, CASE WHEN NOT is_missed THEN 'confirmed' WHEN NOT refreshed THEN 'unconfirmed'
        WHEN asked > 1 THEN 'withdrawn' ELSE 'confirmed' END AS state FROM (
        SELECT p.*, source, target, e.edge, s.caller AS called_by, missed AND source = 0 AND target = 2 AS is_missed,
            CASE source WHEN 0 THEN first + target ELSE {ids} + p.links + (source - 1) * size + target + 1 END AS key,
            CASE source WHEN 0 THEN n ELSE {people} + p.more + source END AS answer,
            CASE source WHEN 0 THEN at ELSE pg_temp.asked_at(at, {now}, n, source) END AS seen
        FROM person p CROSS JOIN LATERAL generate_series(0, asked - 1) source
        CROSS JOIN LATERAL generate_series(0, size - 1) target
        JOIN estate s ON s.number = p.number AND s.spot = mod(p.spot + source, p.spots)
        JOIN estate e ON e.number = p.number AND e.spot = mod(p.spot + target, p.spots)
        WHERE source <> target AND NOT (joined AND target = size - 1 AND source = 0)
    ) given) stated""",
    """INSERT INTO lookups_matchevent (business_id, match_id, kind, is_live, answer_id, at)
    SELECT * FROM (
        SELECT business, first + 2, 'missing', true, {again} + n, again_at AS at FROM person WHERE missed
        UNION ALL SELECT business, first + 2, CASE asked WHEN 1 THEN 'back' ELSE 'withdrawn' END, asked = 1,
            {refresh} + n, refreshed_at FROM person WHERE missed AND refreshed
    ) happened ORDER BY at""",
)

CONFLICTS = (
    """INSERT INTO lookups_decision (id, business_id, kind, one_id, other_id, reached, reason, made_by_id, made_at,
        undone_reason)
    SELECT n, business, kind, one, other, 0, 'Seen by both shops.', (SELECT min(id) FROM auth_user),
        at + ({now} - at) / 3, ''
    FROM (
        SELECT n, business, 'accept' AS kind, first AS one, first + 1 AS other, at FROM person WHERE mod(n, 500) = 50
        UNION ALL SELECT n, business, 'apart', first, before, at FROM (
            SELECT *, lag(first) OVER (PARTITION BY business ORDER BY n) AS before FROM person) beside
        WHERE mod(n, 500) = 75 AND before IS NOT NULL
    ) decided ORDER BY n""",
    """INSERT INTO lookups_conflict (id, business_id, kind, one_id, other_id, detail, answer_id, found_at, ended_at,
        settled_by_id)
    SELECT n, business, CASE mod(n, 1000) / 500 WHEN 0 THEN 'one_way' ELSE 'two_persons' END, first, first + 1, '', n,
        at + ({now} - at) / 4, CASE mod(n, 500) WHEN 150 THEN at + ({now} - at) / 2 END,
        CASE mod(n, 500) WHEN 50 THEN n END
    FROM person WHERE mod(n, 500) IN (50, 150, 250) ORDER BY n""",
)

_TERMS = ("linked", "none", "refused", "failed")
_COUNTS = ", ".join(f"count(*) FILTER (WHERE ending = '{term}') AS {term}" for term in _TERMS)
LISTS = (
    """INSERT INTO lookups_listrow (id, business_id, run_id, line, asset_id, value, state, reason)
    SELECT list_row, business, run, list_row, asset, value, 'asked', '' FROM asking WHERE list_row IS NOT NULL
    ORDER BY list_row""",
    # The long list has more rows than were asked about.
    """INSERT INTO lookups_listrow (id, business_id, run_id, line, asset_id, value, state, reason)
    SELECT 3 * {people} + x, business, {long_list}, 3 * {people} + x, CASE WHEN mod(x, 8) > 0 THEN asset END,
        CASE WHEN mod(x, 8) > 0 THEN pg_temp.value(x) ELSE 'n/a' END,
        CASE WHEN mod(x, 8) = 0 THEN 'rejected' WHEN mod(x, 8) < 3 THEN 'duplicate' ELSE 'fresh' END,
        CASE WHEN mod(x, 8) = 0 THEN 'not_digits' ELSE '' END
    FROM generate_series(1, {listed} / 10) x JOIN estate ON number = 0 AND spot = 0""",
    f"""INSERT INTO lookups_run (id, business_id, kind, state, asked_by_id, created_at, started_at, finished_at, why,
        retries, rows, todo, held_rows, rejected, duplicate, fresh, {", ".join(_TERMS)}, fed_line)
    SELECT run, business, kind, CASE WHEN held OR kind = 'one' THEN 'going' ELSE 'done' END,
        CASE WHEN kind <> 'refresh' THEN (SELECT min(id) FROM auth_user) END, began - interval '1 hour', began,
        CASE WHEN kind <> 'one' AND NOT held THEN ended END, '', 0,
        CASE WHEN kind <> 'one' THEN asked + coalesce(rejected + duplicate + fresh, 0) ELSE 0 END, 0, 0,
        coalesce(rejected, 0), coalesce(duplicate, 0), coalesce(fresh, 0),
        {", ".join(f"CASE WHEN kind <> 'one' THEN counted.{term} ELSE 0 END" for term in _TERMS)}, 0
    FROM (SELECT run, min(business) AS business, min(at) AS began, max(at) AS ended, bool_or(held_for <> '') AS held,
        count(*) AS asked, {_COUNTS},
        CASE WHEN run > {{single}} THEN 'one' WHEN run > {{refreshes}} AND run < {{long_list}} THEN 'refresh'
            ELSE 'list' END AS kind FROM asking GROUP BY run) counted
    LEFT JOIN (SELECT {{long_list}} AS run, count(*) FILTER (WHERE state = 'rejected') AS rejected,
        count(*) FILTER (WHERE state = 'duplicate') AS duplicate, count(*) FILTER (WHERE state = 'fresh') AS fresh
        FROM lookups_listrow WHERE id > 3 * {{people}}) unasked USING (run)""",
    """INSERT INTO lookups_listfile (business_id, run_id, stored_as, name, kind, size, sha256, encoding, separator,
        has_header, columns, id_column, asset_column, first_look, attempts, "offset", line, removed_at)
    SELECT business_id, id, pg_temp.public_id(id), 'customers-' || id || '.csv', 'csv', 20 * rows, repeat('0', 64),
        'utf-8', ',', true, '["id", "from"]', 0, 1, '{{}}', 0, 20 * rows, rows, finished_at
    FROM lookups_run WHERE kind = 'list'""",
    """INSERT INTO lookups_freshnesscount (business_id, picked_at, counted_at, took_ms, days, people, ids, confirmed,
        held_up, calls)
    SELECT business, {now}, {now}, 1000, 30, count(*), sum(size),
        sum(CASE WHEN refreshed OR at > {now} - interval '30 days' THEN size ELSE 0 END), '{{}}', '{{}}'
    FROM person GROUP BY business""",
)
