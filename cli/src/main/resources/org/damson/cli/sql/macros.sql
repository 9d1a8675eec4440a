-- DuckDB macros on top of views.sql (docs/SQL.md).

-- A number as an address.
CREATE MACRO address(a) AS printf('0x%x', a);

-- Percentile of the working set over the snapshots, by target, as damson report wss has it.
CREATE MACRO wss_percentile(p) AS TABLE
SELECT trace, kdamond, context, scheme, target, CAST(round(quantile_cont(bytes, p / 100.0)) AS BIGINT) AS bytes
FROM wss GROUP BY ALL ORDER BY ALL;

-- Heat between two times, seconds from the start.
CREATE MACRO heat_between(from_s, to_s) AS TABLE
SELECT * FROM heat WHERE at_s > from_s AND at_s - duration_s < to_s;

-- Bytes that were not accessed for at least so many seconds, snapshot by snapshot, and all bytes; NULL where no ages tell.
CREATE MACRO idle_at_least(seconds) AS TABLE
SELECT w.trace, w.snapshot_id, w.target, w.at_s,
    CASE WHEN count(*) FILTER (i.nr_accesses = 0 AND i.idle_s IS NULL) = 0
        THEN CAST(round(coalesce(sum(i.idle_bytes) FILTER (i.idle_s >= seconds), 0)) AS HUGEINT) END AS bytes,
    CAST(round(coalesce(sum(i.idle_bytes + i.touched_bytes), 0)) AS HUGEINT) AS of_bytes
FROM wss w LEFT JOIN idle_regions i ON i.trace = w.trace AND i.snapshot_id = w.snapshot_id
GROUP BY ALL ORDER BY w.trace, w.snapshot_id;

-- The n ranges with the most accessed bytes over time; joules of heat, so to say.
CREATE MACRO hottest(n) AS TABLE
SELECT trace, target, address(start) AS start, address("end") AS "end", any_value(bytes) AS bytes,
    sum(touched_bytes * duration_s) / sum(duration_s) AS mean_touched_bytes,
    sum(percent * duration_s) / sum(duration_s) AS mean_percent, sum(duration_s) AS seconds
FROM heat WHERE duration_s > 0 GROUP BY trace, target, heat.start, heat."end"
ORDER BY sum(percent * duration_s * bytes) DESC LIMIT n;

-- The addresses from low to high over time as cells: mean percent, weighted by bytes and time; none where nothing was monitored.
CREATE MACRO heatmap(low, high, nr_rows, nr_cols) AS TABLE
WITH span AS (
    SELECT trace, min(at_s - duration_s) AS first_s, greatest(max(at_s) - min(at_s - duration_s), 1e-9) AS length_s
    FROM heat GROUP BY trace
), cells AS (
    SELECT i AS "row", low + (high - low) * i // nr_rows AS cell_from, low + (high - low) * (i + 1) // nr_rows AS cell_to
    FROM range(nr_rows) r(i)
)
SELECT h.trace, h.target, c."row",
    CAST(least(nr_cols - 1, floor((h.at_s - h.duration_s / 2 - s.first_s) / s.length_s * nr_cols)) AS INTEGER) AS col,
    c.cell_from AS start,
    sum(h.percent * h.duration_s * (least(h."end", c.cell_to) - greatest(h.start, c.cell_from)))
        / sum(h.duration_s * (least(h."end", c.cell_to) - greatest(h.start, c.cell_from))) AS percent
FROM heat h
JOIN span s ON s.trace = h.trace
JOIN cells c ON c.cell_from < h."end" AND c.cell_to > h.start
WHERE h.duration_s > 0
GROUP BY ALL ORDER BY ALL;
