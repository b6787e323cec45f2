"""Models that use every function of the list: (key, SQL) by what is special."""

from __future__ import annotations

FUNCTIONS = {
    "division and rounding": (
        "id",
        """
        SELECT l.id, l.qty / 3 AS a, l.price / l.qty AS b, l.big / l.price AS c,
          l.total / l.pos AS d,
               l.qty // l.pos AS e, -7 // 2 AS f, l.total // 1000 AS g, l.qty % 3 AS h,
               l.price % 0.7 AS i, l.big % l.price AS j, mod(l.total, l.pos) AS k,
               round(l.price) AS m, round(l.price / 7, 1) AS n, round(l.big, 2) AS o,
               trunc(l.price / -3, 1) AS p, trunc(l.big) AS q, floor(l.price) AS r,
               floor(l.big) AS s, ceil(-l.price) AS t, ceiling(l.big * 10) AS u, abs(l.qty) AS v,
               abs(-l.price) AS w, abs(l.big) AS x, abs(l.total) AS y, sign(l.price - 1) AS z,
               sign(l.big) AS aa, round(l.qty, 1) AS ab, round(l.price, 4) AS ac,
               l.pos * l.price / 8 AS ad, l.qty * 1.5 / 0.04 AS ae,
               round(l.qty * l.price * 0.19, 2) AS tax, l.price / l.qty > 0.333333 AS af,
               l.total / 7 < l.price / 3 AS ag, 10 / l.price / l.qty AS ah,
               round(l.qty * 0.5) AS ai, round(l.qty * -0.25, 1) AS aj
          FROM shop.lines l
        """,
    ),
    "greatest, least, casts of numbers": (
        "id",
        """
        SELECT l.id, greatest(l.qty, l.pos) AS a, least(l.price, l.total, 2.5) AS b,
               greatest(l.big, l.price, l.qty) AS c, least(l.product, 'b') AS d,
               greatest(l.pos, NULL) AS e, least(l.pos, l.total) AS f,
               CAST(l.price AS BIGINT) AS g, l.price::decimal(12,1) AS h,
               CAST(l.big AS decimal(30,1)) AS i, CAST(l.qty AS decimal(12,2)) AS j,
               TRY_CAST(l.product AS INTEGER) AS k, CAST('12' AS INTEGER) AS m,
               CAST('-1.50' AS decimal(6,2)) AS n, l.qty = '2' AS o,
               TRY_CAST(CAST(l.price AS TEXT) AS decimal(6,1)) AS p,
               TRY_CAST(CAST(l.total AS TEXT) AS SMALLINT) AS q,
               if(l.qty > 1, 'many', 'one') AS r, ifnull(l.pos, 0) AS s,
               greatest(l.id, '00000003-0000-4000-8000-0000000000a3') AS t,
               round(avg_price.price, 1) AS u
          FROM shop.lines l LEFT JOIN shop.lines avg_price USING (id)
        """,
    ),
    "texts": (
        "id",
        """
        SELECT c.id, lower(c.name) AS a, upper(c.name) AS b, reverse(c.name) AS c,
               trim(c.name) AS d, ltrim(c.name, 'a') AS e, rtrim(c.name, ' b') AS f,
               trim(BOTH 'a"' FROM c.name) AS g, btrim(c.name, c.email) AS h,
               replace(c.name, 'b', 'é') AS i, replace(c.name, c.email, '-') AS j,
               substring(c.name, 2, 2) AS k, substr(c.name, 2) AS m,
               substring(c.name FROM c.city_id - 2 FOR c.referrer_id) AS n,
               left(c.name, 2) AS o, left(c.name, -1) AS p, right(c.name, 2) AS q,
               right(c.name, -c.city_id) AS r, left(c.name, length(c.email)) AS s,
               starts_with(c.name, 'a') AS t, starts_with(c.name, c.email) AS u,
               ends_with(c.name, c.email) AS v, contains(c.name, c.email) AS w,
               strpos(c.name, 'b') AS x, position(c.email IN c.name) AS y,
               lpad(c.name, 4, 'xy') AS z, rpad(c.name, 4) AS aa, lpad(c.name, 3, c.email) AS ab,
               split_part(c.name, ' ', 1) AS ac, split_part(c.name, c.email, 2) AS ad,
               concat(c.name, c.born, c.vip, c.city_id, NULL::text) AS ae,
               concat_ws('/', c.email, c.city_id, c.name) AS af, length(c.name || 'é') AS ag
          FROM shop.customers c
        """,
    ),
    "patterns and truth": (
        "id",
        """
        SELECT c.id, c.name LIKE 'a%' AS a, c.name LIKE '%b%' AS b, c.name NOT LIKE '_' AS c,
               c.name LIKE c.email AS d, c.name LIKE '%!_%' ESCAPE '!' AS e,
               c.name ILIKE 'B%' AS f, c.name NOT ILIKE '%É%' AS g, c.name LIKE 'a%b%' AS h,
               c.vip IS TRUE AS i, c.vip IS NOT TRUE AS j, c.vip IS FALSE AS k,
               c.vip IS UNKNOWN AS m, (c.vip OR c.name = 'a') IS NOT FALSE AS n,
               c.name LIKE '%' AS o, c.name LIKE '' AS p, c.name LIKE '%_"%' AS q,
               c.name LIKE '(.*)' OR c.name LIKE '日_' AS r, c.name COLLATE "C" > 'a' AS s
          FROM shop.customers c WHERE c.name NOT LIKE 'Z' OR c.vip IS NULL
        """,
    ),
    "days and times": (
        "tenant number",
        """
        SELECT o.tenant, o.number, year(o.placed) AS a, extract(month FROM o.placed) AS b,
               extract(day FROM o.seen) AS c, extract(hour FROM o.placed) AS d,
               extract(minute FROM o.seen) AS e, extract(second FROM o.placed) AS f,
               date_part('quarter', o.placed) AS g, extract(week FROM o.seen) AS h,
               extract(isoyear FROM o.seen) AS i, extract(doy FROM o.placed) AS j,
               extract(dow FROM c.born) AS k, extract(isodow FROM c.born) AS m,
               extract(year FROM c.born) AS n, extract(hour FROM o.at) AS p,
               extract(second FROM o.at) AS q, date_trunc('year', o.placed) AS r,
               date_trunc('quarter', c.born) AS s, date_trunc('month', o.seen) AS t,
               date_trunc('week', o.placed) AS u, date_trunc('day', o.seen) AS v,
               date_trunc('hour', o.placed) AS w, date_trunc('second', o.seen) AS x,
               date_trunc('minute', o.placed) AS y, c.born + 30 AS z, c.born - o.number AS aa,
               c.born - DATE '2000-01-01' AS ab, CAST(c.born AS TIMESTAMP) AS ac,
               CAST(o.placed AS DATE) AS ad, CAST(o.placed AS TIMESTAMP) AS ae,
               CAST(o.at AS TEXT) AS af, c.born + 3000000 AS ag,
                 CAST(o.seen AS DATE) - c.born AS ah,
               month(c.born) AS ai, day(c.born) AS aj, date_trunc('week', c.born) AS ak
          FROM shop.orders o LEFT JOIN shop.customers c ON c.id = o.customer_id
        """,
    ),
    "more aggregates": (
        "tenant number",
        """
        SELECT o.tenant, o.number,
               (SELECT {distinct_products: count(DISTINCT l.product), a: count(DISTINCT l.price),
                        once: sum(DISTINCT l.qty), totals: sum(DISTINCT l.total),
                        bigs: sum(DISTINCT l.big), mean: avg(l.qty), prices: avg(l.price),
                        wide: avg(l.big), far: avg(l.total), every: bool_and(l.qty > 0),
                        some: bool_or(l.pos = 1), first_id: min(l.id), last_id: max(l.id),
                        yes: max(l.qty > 2), no: min(l.qty > 2),
                        names: string_agg(l.product, ', ' ORDER BY l.qty DESC),
                        all_names: string_agg(CAST(l.pos AS TEXT), '' ORDER BY l.product, l.pos),
                        products: list(DISTINCT l.product ORDER BY l.product DESC),
                        prices_once: list(DISTINCT l.price ORDER BY l.price),
                        bigs_once: list(DISTINCT l.big ORDER BY l.big NULLS FIRST),
                        ids: list(DISTINCT l.id ORDER BY l.id)}
                  FROM shop.lines l
                 WHERE l.tenant = o.tenant AND l.number = o.number) AS facts,
               (SELECT {n: count(*) FILTER (WHERE l.qty > 1),
                 s: sum(l.qty) FILTER (WHERE l.pos = 1),
                        big: sum(l.total) FILTER (WHERE l.qty > 0), m: max(l.big) FILTER (WHERE
                        l.product IS NOT NULL),
                          l: list(l.qty ORDER BY l.id) FILTER (WHERE l.qty < 3),
                        p: string_agg(l.product, '+' ORDER BY l.id) FILTER (WHERE l.pos > 0),
                        d: count(DISTINCT l.product) FILTER (WHERE l.qty > 0),
                        o: list(DISTINCT l.pos ORDER BY l.pos) FILTER (WHERE l.qty > 0),
                        e: avg(l.price) FILTER (WHERE l.qty > 0),
                        a: bool_and(l.pos > 0) FILTER (WHERE l.qty > 0)}
                  FROM shop.lines l
                 WHERE l.tenant = o.tenant AND l.number = o.number) AS some,
               length((SELECT list(l.id ORDER BY l.id) FROM shop.lines l
                        WHERE l.tenant = o.tenant AND l.number = o.number)) AS size,
               (SELECT {raw: min(x.raw), most: max(x.raw), at: max(x.at), seen: min(x.seen)}
                  FROM shop.orders x WHERE x.customer_id = o.customer_id) AS others
          FROM shop.orders o
        """,
    ),
}
