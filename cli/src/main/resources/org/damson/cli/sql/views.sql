-- What most questions about a trace need, as views over its tables (docs/SQL.md). Plain SQL for DuckDB; Spark and Trino take it
-- with HUGEINT written as DECIMAL(38, 0). Times are nanoseconds of the trace's clock; at_s counts seconds from the trace's start.

-- Which process a target is: its own id, its place in the recording's list of processes, or the only process there is.
CREATE VIEW targets AS
SELECT t.trace, t.target, coalesce(same.pid, listed.pid, single.pid) AS pid
FROM (SELECT DISTINCT trace, target FROM snapshots) t
LEFT JOIN (SELECT DISTINCT trace, pid FROM mappings) same ON same.trace = t.trace AND same.pid = t.target
LEFT JOIN trace_pids listed ON listed.trace = t.trace AND listed.position = t.target
LEFT JOIN (SELECT trace, min(pid) AS pid FROM mappings GROUP BY trace HAVING min(pid) = max(pid)) single
    ON single.trace = t.trace;

-- Snapshots of a target, numbered in order, with when its recording began: with the first of them.
CREATE VIEW snapshot_order AS
SELECT trace, snapshot_id, kdamond, context, scheme, target, begin_ns,
    row_number() OVER (PARTITION BY trace, kdamond, context, scheme, target ORDER BY snapshot_id) AS position,
    first_value(begin_ns) OVER (PARTITION BY trace, kdamond, context, scheme, target ORDER BY snapshot_id) AS first_ns
FROM (
    SELECT trace, snapshot_id, kdamond, context, scheme, target,
        CASE WHEN start_ns < end_ns THEN start_ns ELSE end_ns - greatest(1, aggr_us * 1000) END AS begin_ns
    FROM snapshots
) begun;

-- The most that was resident of a target's process until the end of a snapshot, as far as it was read.
CREATE VIEW resident AS
SELECT trace, snapshot_id, rss
FROM (
    SELECT trace, snapshot_id, max(rss) OVER (PARTITION BY trace, pid ORDER BY time_ns, snapshot_id NULLS FIRST
        ROWS UNBOUNDED PRECEDING) AS rss
    FROM (
        SELECT trace, pid, time_ns, CAST(NULL AS BIGINT) AS snapshot_id, value AS rss FROM memory WHERE counter = 'rss' AND pid <> 0
        UNION ALL
        SELECT s.trace, t.pid, s.end_ns, s.snapshot_id, NULL FROM snapshots s
        JOIN targets t ON t.trace = s.trace AND t.target = s.target
    ) readings_and_snapshots
) so_far
WHERE snapshot_id IS NOT NULL;

-- Regions with their snapshot: bytes; touched_bytes and percent of the bytes (in the mean sample where referenced bytes were
-- recorded: a region is then a mapping touched in part; else all of the bytes, in percent of the samples); seen_bytes (all of the bytes,
-- or what was seen touched of a mapping since it begins there); idle_s (how long without
-- an access, at most since the target's recording began). Ages of referenced bits count snapshots, those of DAMON intervals of now.
CREATE VIEW heat AS
SELECT r.trace, r.snapshot_id, r.kdamond, r.context, r.scheme, r.target, r.start_ns, r.end_ns,
    (r.end_ns - t.from_ns) / 1e9 AS at_s,
    (r.end_ns - r.begin_ns) / 1e9 AS duration_s,
    r.start, r."end",
    CAST(r."end" AS HUGEINT) - r.start + CASE WHEN r."end" <= r.start THEN 18446744073709551616 ELSE 0 END AS bytes,
    r.nr_accesses,
    CASE WHEN r.nr_accesses <= 0 THEN 0
        WHEN r.referenced_mean IS NOT NULL THEN least(greatest(r.referenced_mean, 0),
            CAST(r."end" AS HUGEINT) - r.start + CASE WHEN r."end" <= r.start THEN 18446744073709551616 ELSE 0 END)
        ELSE CAST(r."end" AS HUGEINT) - r.start + CASE WHEN r."end" <= r.start THEN 18446744073709551616 ELSE 0 END
    END AS touched_bytes,
    CASE WHEN r.nr_accesses <= 0 THEN 0.0
        WHEN r.referenced_mean IS NOT NULL THEN least(100.0, 100.0 * greatest(r.referenced_mean, 0) / (CAST(r."end" AS HUGEINT) - r.start
            + CASE WHEN r."end" <= r.start THEN 18446744073709551616 ELSE 0 END))
        ELSE least(100.0, 100.0 * r.nr_accesses / greatest(1, floor(r.aggr_us / greatest(1, r.sample_us)))) END AS percent,
    r.age,
    CASE WHEN r.nr_accesses = 0 AND r.age IS NOT NULL THEN
        CASE WHEN t.source = 'referenced' THEN r.end_ns - coalesce(b.begin_ns, r.first_ns)
            ELSE least((CAST(r.age AS HUGEINT) + 1) * r.aggr_us * 1000, r.end_ns - r.first_ns) END / 1e9 END AS idle_s,
    CASE WHEN r.referenced_mean IS NULL THEN CAST(r."end" AS HUGEINT) - r.start
            + CASE WHEN r."end" <= r.start THEN 18446744073709551616 ELSE 0 END
        ELSE least(max(CASE WHEN r.nr_accesses > 0 THEN greatest(r.referenced_mean, r.referenced_max, 0) ELSE 0 END) OVER (
                PARTITION BY r.trace, r.kdamond, r.context, r.scheme, r.target, r.start, r.mapped_at ORDER BY r.snapshot_id
                ROWS UNBOUNDED PRECEDING),
            CAST(r."end" AS HUGEINT) - r.start + CASE WHEN r."end" <= r.start THEN 18446744073709551616 ELSE 0 END)
    END AS seen_bytes,
    r.referenced_min, r.referenced_mean, r.referenced_max, r.filter_passed, r.written_mean
FROM (
    -- mapped_at is the same from one snapshot to the next, as long as a region begins there in each of them
    SELECT r.*, s.kdamond, s.context, s.scheme, s.sample_us, s.aggr_us, o.begin_ns, o.first_ns, o.position,
        o.position - row_number() OVER (PARTITION BY r.trace, s.kdamond, s.context, s.scheme, s.target, r.start
            ORDER BY r.snapshot_id) AS mapped_at
    FROM regions r
    JOIN snapshots s ON s.trace = r.trace AND s.snapshot_id = r.snapshot_id
    JOIN snapshot_order o ON o.trace = r.trace AND o.snapshot_id = r.snapshot_id
) r
JOIN traces t ON t.trace = r.trace
LEFT JOIN snapshot_order b ON b.trace = r.trace AND b.kdamond = r.kdamond AND b.context = r.context
    AND b.scheme = r.scheme AND b.target = r.target AND b.position = r.position - r.age;

-- Working set of each snapshot and target, as damson report wss counts it: its sum where that is kept, else that of its regions.
CREATE VIEW wss AS
SELECT s.trace, s.snapshot_id, s.kdamond, s.context, s.scheme, s.target, s.start_ns, s.end_ns,
    (s.end_ns - t.from_ns) / 1e9 AS at_s,
    CAST(coalesce(s.referenced, s.accessed, w.bytes, 0) AS HUGEINT) AS bytes
FROM snapshots s
JOIN traces t ON t.trace = s.trace
LEFT JOIN (
    SELECT trace, snapshot_id, least(9223372036854775807,
        sum(CASE WHEN referenced_mean IS NULL THEN bytes ELSE least(greatest(referenced_mean, 0), bytes) END)) AS bytes
    FROM (
        SELECT r.trace, r.snapshot_id, r.referenced_mean, CAST(r."end" AS HUGEINT) - r.start
            + CASE WHEN r."end" <= r.start THEN 18446744073709551616 ELSE 0 END AS bytes
        FROM regions r
        JOIN (SELECT trace, snapshot_id FROM snapshots WHERE accessed IS NULL) u
            ON u.trace = r.trace AND u.snapshot_id = r.snapshot_id
        WHERE r.nr_accesses >= 1
    ) touched
    GROUP BY trace, snapshot_id
) w ON w.trace = s.trace AND w.snapshot_id = s.snapshot_id;

-- Heat of a whole trace in the cells that a long one keeps, without a look at its regions: percent as in heat, weighted by bytes and
-- time, over the part of a cell that was monitored (covered, 0 to 1).
CREATE VIEW heat_in_cells AS
SELECT c.trace, c.kdamond, c.context, c.scheme, c.target, (c.start_ns - t.from_ns) / 1e9 AS from_s, (c.end_ns - t.from_ns) / 1e9 AS to_s,
    c.start, c."end",
    (c.cover_high * 4611686018427387904e0 + c.cover_low) / (CAST(c."end" - c.start AS DOUBLE) * (c.end_ns - c.start_ns)) AS covered,
    100 * (c.heat_high * 4611686018427387904e0 + c.heat_low) / (c.cover_high * 4611686018427387904e0 + c.cover_low) / 3603600 AS percent
FROM heat_cells c JOIN traces t ON t.trace = c.trace;

-- Memory idle for at least so long, mean over the time of a target, as damson report idle has it; of traces that keep target_sums,
-- whose idle_time is that of snapshots with regions.
CREATE VIEW idle_in_total AS
SELECT s.trace, s.kdamond, s.context, s.scheme, s.target, CASE WHEN s.bin = 1000 THEN 0 ELSE s.bin / 1e9 END AS idle_at_least_s,
    sum(s.high * 4611686018427387904e0 + s.low) OVER (PARTITION BY s.trace, s.kdamond, s.context, s.scheme, s.target
        ORDER BY s.bin DESC ROWS UNBOUNDED PRECEDING) / n.ns AS mean_bytes
FROM target_sums s
JOIN (SELECT f.trace, f.kdamond, f.context, f.scheme, f.target,
            f.high * 4611686018427387904e0 + f.low + coalesce(e.ns, 0) AS ns
        FROM target_sums f
        LEFT JOIN (SELECT o.trace, o.kdamond, o.context, o.scheme, o.target, sum(h.end_ns - o.begin_ns) AS ns
                FROM snapshot_order o JOIN snapshots h ON h.trace = o.trace AND h.snapshot_id = o.snapshot_id
                WHERE h.regions = 0 GROUP BY o.trace, o.kdamond, o.context, o.scheme, o.target) e
            ON e.trace = f.trace AND e.kdamond = f.kdamond AND e.context = f.context AND e.scheme = f.scheme AND e.target = f.target
        WHERE f.total = 'idle_time') n
    ON n.trace = s.trace AND n.kdamond = s.kdamond AND n.context = s.context AND n.scheme = s.scheme AND n.target = s.target
WHERE s.total = 'cold';

-- Bytes of regions that were not accessed: all of them, or what was seen touched of a mapping, within what was resident so far.
CREATE VIEW idle_regions AS
SELECT h.trace, h.snapshot_id, h.kdamond, h.context, h.scheme, h.target, h.at_s, h.nr_accesses, h.idle_s, h.touched_bytes,
    CASE WHEN h.nr_accesses > 0 THEN 0
        WHEN h.referenced_mean IS NULL OR r.rss IS NULL OR a.seen <= r.rss THEN CAST(h.seen_bytes AS DOUBLE)
        ELSE h.seen_bytes * (greatest(0, r.rss - a.touched) / CAST(a.seen - a.touched AS DOUBLE)) END AS idle_bytes
FROM heat h
JOIN (SELECT trace, snapshot_id, sum(touched_bytes) AS touched, sum(greatest(seen_bytes, touched_bytes)) AS seen
    FROM heat GROUP BY trace, snapshot_id) a ON a.trace = h.trace AND a.snapshot_id = h.snapshot_id
LEFT JOIN resident r ON r.trace = h.trace AND r.snapshot_id = h.snapshot_id;

-- Bytes by how long they have not been accessed, for each snapshot and target.
CREATE VIEW idle AS
SELECT trace, snapshot_id, kdamond, context, scheme, target, at_s, idle_s, CAST(round(sum(idle_bytes)) AS HUGEINT) AS bytes
FROM idle_regions WHERE idle_s IS NOT NULL
GROUP BY trace, snapshot_id, kdamond, context, scheme, target, at_s, idle_s;

-- Everything that is missing from a trace: gaps in the recording and regions missing from snapshots.
CREATE VIEW gaps AS
SELECT l.trace, (l.from_ns - t.from_ns) / 1e9 AS from_s, (l.to_ns - t.from_ns) / 1e9 AS to_s, l.source, l.count, l.cause
FROM losses l JOIN traces t ON t.trace = l.trace
UNION ALL
SELECT s.trace, (s.start_ns - t.from_ns) / 1e9, (s.end_ns - t.from_ns) / 1e9, 'snapshot', s.lost,
    'regions missing from a snapshot'
FROM snapshots s JOIN traces t ON t.trace = s.trace WHERE s.lost <> 0;

-- Mappings with the time they were there. They are looked at now and then: what is first seen somewhere was there before, but not before
-- what had been there was gone.
CREATE VIEW mapping_spans AS
WITH seen AS (
    SELECT trace, pid, start, "end", permissions, name, time_ns, to_ns
    FROM (
        SELECT trace, pid, start, "end", permissions, name, gone, time_ns,
            coalesce(lead(time_ns) OVER (PARTITION BY trace, pid, start, "end" ORDER BY time_ns, gone DESC),
                9223372036854775807) AS to_ns
        FROM mappings
    ) spans
    WHERE gone = 0
)
SELECT s.trace, s.pid, s.start, s."end", s.permissions, s.name, coalesce(o.from_ns, -9223372036854775807) AS from_ns, s.to_ns
FROM seen s
LEFT JOIN (
    SELECT n.trace, n.pid, n.start, n."end", n.time_ns, max(g.to_ns) AS from_ns
    FROM seen n JOIN seen g ON g.trace = n.trace AND g.pid = n.pid AND g.start < n."end" AND g."end" > n.start
        AND g.to_ns <= n.time_ns
    GROUP BY n.trace, n.pid, n.start, n."end", n.time_ns
) o ON o.trace = s.trace AND o.pid = s.pid AND o.start = s.start AND o."end" = s."end" AND o.time_ns = s.time_ns;

-- Threads with what they were called and when; to the end of the trace where nothing tells that they ended or got another name.
CREATE VIEW thread_spans AS
SELECT trace, pid, tid, name, time_ns AS from_ns, to_ns
FROM (
    SELECT trace, pid, tid, name, gone, time_ns,
        coalesce(lead(time_ns) OVER (PARTITION BY trace, pid, tid ORDER BY time_ns, gone DESC), 9223372036854775807) AS to_ns
    FROM threads
) spans
WHERE gone = 0;

-- Heat cut at the bounds of mappings, with their names; touched bytes are taken to lie evenly in a region that is cut.
CREATE VIEW heat_by_mapping AS
SELECT h.trace, h.snapshot_id, h.target, m.pid, h.at_s, h.duration_s, m.name, m.permissions,
    greatest(h.start, m.start) AS start, least(h."end", m."end") AS "end",
    least(h."end", m."end") - greatest(h.start, m.start) AS bytes,
    h.touched_bytes * ((least(h."end", m."end") - greatest(h.start, m.start)) / CAST(h.bytes AS DOUBLE)) AS touched_bytes,
    h.nr_accesses, h.percent, h.age, h.idle_s
FROM heat h
JOIN targets t ON t.trace = h.trace AND t.target = h.target
JOIN mapping_spans m ON m.trace = t.trace AND m.pid = t.pid AND m.start < h."end" AND m."end" > h.start
    AND m.from_ns < h.end_ns AND m.to_ns >= h.end_ns;

-- Counters of processes (and, as pid 0, of the system) side by side, bytes.
CREATE VIEW footprint AS
SELECT m.trace, m.pid, m.time_ns, (m.time_ns - t.from_ns) / 1e9 AS at_s,
    max(CASE WHEN m.counter = 'vsz' THEN m.value END) AS vsz,
    max(CASE WHEN m.counter = 'rss' THEN m.value END) AS rss,
    max(CASE WHEN m.counter = 'swap' THEN m.value END) AS swap
FROM memory m JOIN traces t ON t.trace = m.trace
WHERE m.counter IN ('vsz', 'rss', 'swap')
GROUP BY m.trace, m.pid, m.time_ns, t.from_ns;

-- Call stacks as texts, outermost function first; without a function's name FILE+0xOFFSET, or FILE at 0xADDRESS where no
-- offset is known, as reports name it: no file is as long as 2^40 bytes.
CREATE VIEW stack_texts AS
SELECT s.trace, s.stack_id, string_agg(f.place, ';' ORDER BY s.depth DESC) AS stack,
    max(CASE WHEN s.depth = 0 THEN f.place END) AS leaf
FROM stacks s JOIN (SELECT trace, frame_id, CASE WHEN trim(function) <> '' THEN function
        ELSE CASE WHEN trim(regexp_extract(module, '[^/]*$')) = '' THEN '[unknown]' ELSE regexp_extract(module, '[^/]*$') END
            || CASE WHEN trim(module) <> '' AND "offset" >= 0 AND "offset" < 1099511627776 THEN '+0x' ELSE ' at 0x' END
            || lower(to_hex(CASE WHEN "offset" < 0 THEN CAST("offset" AS HUGEINT) + 18446744073709551616 ELSE "offset" END))
        END AS place
        FROM frames) f
    ON f.trace = s.trace AND f.frame_id = s.frame_id
GROUP BY s.trace, s.stack_id;

-- Samples with their stack, the snapshot they fell into, and the mapping of the address they touched. Where several kdamonds, contexts
-- or schemes tell of a process, the snapshots are those of the first, so that a sample is one row.
CREATE VIEW samples_in_place AS
SELECT x.trace, x.time_ns, (x.time_ns - t.from_ns) / 1e9 AS at_s, x.pid, x.tid, x.cpu, x.event, x.address, x.weight,
    k.stack, k.leaf, s.snapshot_id, s.target, m.name AS mapping
FROM samples x
JOIN traces t ON t.trace = x.trace
LEFT JOIN stack_texts k ON k.trace = x.trace AND k.stack_id = x.stack_id
LEFT JOIN (SELECT p.trace, p.snapshot_id, p.target, g.pid, p.start_ns, p.end_ns,
            dense_rank() OVER (PARTITION BY p.trace, g.pid ORDER BY p.kdamond, p.context, p.scheme, p.target) AS stream
        FROM snapshots p JOIN targets g ON g.trace = p.trace AND g.target = p.target) s
    ON s.stream = 1 AND s.trace = x.trace AND s.pid = x.pid AND x.time_ns >= s.start_ns AND x.time_ns < s.end_ns
LEFT JOIN mapping_spans m ON m.trace = x.trace AND m.pid = x.pid AND x.address >= m.start AND x.address < m."end"
    AND m.from_ns <= x.time_ns AND m.to_ns > x.time_ns;
