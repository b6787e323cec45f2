"""Models of parts of JSON values and lists, and of time that passes, with the table they read."""

from __future__ import annotations

from tests.unit.models.support import table

TIMES = table(
    "public.times",
    "k",
    "k integer; parent integer?; doc jsonb?; tags text[]?; codes character(3)[]?; ns integer[]?;"
    " ms numeric(8,2)[]?; ws numeric(30,4)[]?; us uuid[]?; fs boolean[]?; a timestamp without"
    " time zone?; b timestamp without time zone; z timestamp with time zone?; d date?; h time"
    " without time zone?; t text?; m numeric(8,2)?; w numeric(30,4)?; u uuid?; f boolean?",
)

PARTS = {
    "json": """
        SELECT t.k, t.doc -> 'a' AS a, t.doc -> 'a' -> 0 AS b, t.doc ->> 'a' AS c,
               t.doc -> 'a' ->> -1 AS d, t.doc ->> 0 AS e, (t.doc ->> 'b') = 'é' AS f,
               json_extract_string(t.doc, '$.o.x') AS g, json_extract(t.doc, '$.o') AS h,
               jsonb_array_length(t.doc) AS i, json_array_length(t.doc -> 'a') AS j,
               TRY_CAST(t.doc ->> 'n' AS INTEGER) AS l,
               TRY_CAST(t.doc ->> 'n' AS decimal(9,3)) AS m,
               t.doc ->> 'n' AS n, t.doc -> 'o' IS NULL AS o, coalesce(t.doc ->> 'b', '-') AS p,
               (SELECT list(x.doc ->> 'n' ORDER BY x.doc ->> 'n') FROM shop.times x
                 WHERE x.parent = t.k AND x.doc ->> 'n' > '1') AS q,
               coalesce(t.doc, t.doc) -> 'a' AS r
          FROM shop.times t WHERE t.doc ->> 'b' IS NULL OR t.doc ->> 'b' <> 'hidden'
        """,
    "lists": """
        SELECT t.k, t.t = ANY(t.tags) AS a, 'x' = ANY(tags) AS b, array_contains(t.tags, t.t) AS c,
               t.k = ANY(t.ns) AS d, list_contains(t.ns, 2) AS e, t.m = ANY(t.ms) AS f,
               1.5 = ANY(t.ms) AS g, t.w = ANY(t.ws) AS h, t.u = ANY(t.us) AS i,
               t.f = ANY(t.fs) AS j, array_contains(t.ms, t.k) AS l, 'x' = ANY(t.codes) AS m,
               array_to_string(t.tags, '+') AS n, array_to_string(t.codes, '') AS o,
               len(t.ns) AS p, t.k = ANY(SELECT x.k FROM shop.times x WHERE x.parent = t.k) AS q,
               array_contains(t.us, '00000000-0000-4000-8000-000000000001') AS r
          FROM shop.times t WHERE NOT coalesce(9 = ANY(t.ns), FALSE)
        """,
    "time that passes": """
        SELECT t.k, extract(epoch FROM t.a) AS a, epoch(t.z) AS b, extract(epoch FROM t.d) AS c,
               extract(epoch FROM t.a - t.b) AS d, epoch(t.z - t.z) AS e,
               extract(epoch FROM t.b - t.a) > 3600.5 AS f,
               date_diff('second', t.a, t.b) AS g, date_diff('minute', t.a, t.b) AS h,
               date_diff('hour', t.a, t.b) AS i, date_diff('day', t.a, t.b) AS j,
               date_diff('week', t.a, t.b) AS l, date_diff('month', t.b, t.a) AS m,
               date_diff('quarter', t.a, t.b) AS n, date_diff('year', t.a, t.b) AS o,
               date_diff('week', t.d, t.d + 6) AS p, date_diff('hour', t.z, t.z) AS q,
               t.a + INTERVAL 1 DAY AS r, t.a - INTERVAL '90' MINUTE AS s,
               t.z + INTERVAL '1 month' AS t, t.d + INTERVAL 1 MONTH AS u,
               t.d - INTERVAL 1 YEAR AS v, INTERVAL 2 WEEK + t.b AS w,
               t.b + INTERVAL 5 QUARTER AS x,
               t.a + INTERVAL 9000 YEAR AS y, t.a - INTERVAL '-45 second' AS z,
               t.a + INTERVAL 1 HOUR > t.b AS aa,
               strftime(t.a, '%Y-%m-%dT%H:%M:%S.%f') AS ba,
               to_char(t.z, 'DD.MM.YYYY HH24:MI') AS bb,
               strftime(t.d, '%d/%m %H') AS bc, to_char(t.h, 'HH24MI') AS bd,
               to_char(t.b, '"it''s "YYYY') AS be,
               (SELECT {n: count_if(x.f), d: count(DISTINCT x.f)} FROM shop.times x
                 WHERE x.parent = t.k) AS bf
          FROM shop.times t
        """,
}
