"""Models of different shapes over the tables of `support`: (key, SQL) by what is special."""

from __future__ import annotations

from tests.unit.models.derived_shapes import DERIVED, UNIONS
from tests.unit.models.function_shapes import FUNCTIONS
from tests.unit.models.query_shapes import QUERIES
from tests.unit.models.united_shapes import UNITED

SHAPES = {
    **FUNCTIONS,
    **QUERIES,
    **DERIVED,
    **UNIONS,
    **UNITED,
    "nested lists, composite key": (
        "tenant number",
        """
        SELECT o.tenant, o.number, o.status, o.placed,
               {name: c.name, city: ci.name, region: r.title} AS customer,
               (SELECT list({product: p.title, qty: l.qty, amount: l.qty * l.price,
                             parts: (SELECT list({n: pa.n, name: pa.name, all: l.qty * pa.n}
                                            ORDER BY pa.name DESC)
                                       FROM shop.parts pa WHERE pa.line = l.id)}
                            ORDER BY l.pos DESC)
                  FROM shop.lines l LEFT JOIN shop.products p ON p.sku = l.product
                 WHERE l.tenant = o.tenant AND l.number = o.number) AS lines
          FROM shop.orders o
          JOIN shop.customers c ON c.id = o.customer_id
          LEFT JOIN shop.cities ci ON ci.id = c.city_id
          LEFT JOIN shop.regions r ON r.code = ci.region
        """,
    ),
    "all types": (
        "a b",
        """
        SELECT o.tenant AS a, o.number AS b, o.uid, o.extra, o.raw, o.seen, o.at, o.note,
               o.placed, o.placed < TIMESTAMPTZ '2026-01-31T12:00:00+02:00' AS early,
               o.seen >= '2026-01-31T10:00:00.123' AS late, o.at = TIME '10:00:00.5' AS half,
               o.uid IN ('00000001-0000-4000-8000-0000000000A1') AS first,
               CAST(o.seen AS DATE) AS seen_on, CAST(o.placed AS TEXT) AS placed_text,
               {born: c.born, vip: c.vip, region: ci.region, flag: c.vip IS NULL} AS more
          FROM shop.orders o LEFT JOIN shop.customers c ON c.id = o.billing_id
          LEFT JOIN shop.cities ci ON c.city_id = ci.id
        """,
    ),
    "one table twice, self join, filter": (
        "id",
        """
        SELECT c.id, c.name, r.name AS referrer, rr.name AS grand,
               (SELECT list({id: x.id, name: x.name} ORDER BY x.name, x.id DESC)
                  FROM shop.customers x WHERE x.referrer_id = c.id AND x.vip) AS referred
          FROM shop.customers c
          LEFT JOIN shop.customers r ON r.id = c.referrer_id
          LEFT JOIN shop.customers rr ON rr.id = r.referrer_id
         WHERE c.born IS NOT NULL AND (c.vip OR c.name >= 'b')
        """,
    ),
    "aggregates": (
        "tenant number",
        """
        SELECT o.tenant, o.number,
               (SELECT count(*) FROM shop.lines l
                 WHERE l.tenant = o.tenant AND l.number = o.number) AS lines,
               (SELECT {total: sum(l.qty * l.price), most: max(l.qty), least: min(l.product),
                        counted: count(l.product), pieces: sum(l.qty * o.number), far: sum(l.total),
                        big: sum(l.big), top: max(l.big)}
                  FROM shop.lines l
                 WHERE l.tenant = o.tenant AND l.number = o.number AND l.qty > 0) AS sums,
               coalesce((SELECT sum(pa.amount) FROM shop.parts pa JOIN shop.lines l
                          ON l.id = pa.line
                         WHERE l.tenant = o.tenant AND l.number = o.number), 0) AS parts
          FROM shop.orders o
         WHERE (SELECT count(*) FROM shop.lines l
                 WHERE l.tenant = o.tenant AND l.number = o.number AND l.qty * l.price > 5) < 3
        """,
    ),
    "arithmetic": (
        "id",
        """
        SELECT l.id, l.qty + 1 AS a, -l.qty AS b, l.price - 0.125 AS c, l.price * l.price AS d,
               l.big + l.price AS e, l.big * l.qty AS f, l.qty - l.total AS g, -l.big AS h,
               l.price * 1.5 + l.qty AS i, l.big > l.price AS j, l.qty = l.price AS k,
               l.qty * l.price >= 10.5 AS m, l.big = 3 AS n, l.total * l.total > l.total AS o,
               l.pos BETWEEN 1 AND 2.5 AS p, l.pos IN (1, 2.0) AS q, nullif(l.qty, 2) AS r,
               CASE WHEN l.qty > 2 THEN l.price ELSE l.qty END AS s,
               CASE l.pos WHEN 1 THEN 'one' WHEN 2 THEN 'two' END AS t,
               coalesce(l.big, l.price, 0) AS u, l.big IS DISTINCT FROM 3 AS v,
               coalesce(l.pos, l.total) AS w, l.big + 12345678901234567890.5 AS x,
               l.qty <= l.pos AS y, l.pos IS NOT DISTINCT FROM l.qty AS z
          FROM shop.lines l
        """,
    ),
    "texts, casts, constants": (
        "id",
        """
        SELECT c.id, c.name || '-' || CAST(c.id AS TEXT) AS label, length(c.name) AS n,
               CAST(c.vip AS TEXT) AS vip, CAST(c.born AS TEXT) AS born, c.name < 'é' AS early,
               c.born >= DATE '2000-01-01' AS young, c.born = '2000-02-29' AS leap,
               c.born BETWEEN '1999-12-31' AND DATE '2001-01-01' AS turn,
               CAST(c.id AS DECIMAL(21,2)) AS wide, 'it''s {where} 100%' AS quoted, 1.50 AS price,
               CAST(NULL AS BIGINT) AS nothing, NOT c.vip AS plain, true AS yes,
               c.name IN ('a', 'B') AS known, CAST(c.city_id AS TEXT) AS city
          FROM shop.customers c
        """,
    ),
    "scalar sub-selects, unique, coalesce of lists": (
        "id",
        """
        SELECT c.id, (SELECT ci.name FROM shop.cities ci WHERE ci.id = c.city_id) AS city,
               (SELECT {name: ci.name, code: ci.region} FROM shop.cities ci
                 WHERE c.city_id = ci.id) AS place,
               coalesce((SELECT list(o.status ORDER BY o.placed) FROM shop.orders o
                          WHERE o.customer_id = c.id), []) AS statuses,
               (SELECT coalesce(list(o.placed ORDER BY o.note NULLS FIRST), [])
                  FROM shop.orders o WHERE o.billing_id = c.id) AS billed,
               {deep: {l: (SELECT {k: list(o.number ORDER BY o.number), n: count(*)}
                             FROM shop.orders o WHERE o.customer_id = c.id)}} AS more,
               CASE WHEN c.vip THEN (SELECT list(x.id ORDER BY x.id) FROM shop.customers x
                                      WHERE x.city_id = c.city_id) END AS neighbours
          FROM shop.customers c
        """,
    ),
    "wide orders, text key": (
        "sku",
        """
        SELECT p.sku, p.title, p.weight,
               (SELECT list({big: l.big, total: l.total} ORDER BY l.big DESC, l.total)
                  FROM shop.lines l WHERE p.sku = l.product) AS lines,
               (SELECT list({c: c.name, s: o.status} ORDER BY c.name DESC, l.qty * l.price, o.uid)
                  FROM shop.lines l
                  JOIN shop.orders o ON o.tenant = l.tenant AND o.number = l.number
                  LEFT JOIN shop.customers c ON c.id = o.customer_id AND c.vip
                 WHERE l.product = p.sku) AS buyers
          FROM shop.products p
         WHERE p.sku <> 'x'
        """,
    ),
}
