"""Models with WITH and with SELECTs in FROM: (key, SQL) by what is special."""

from __future__ import annotations

DERIVED = {
    "with: renamed, filtered, in joins, in sub-selects, over another": (
        "tenant number",
        """
        WITH vip AS (SELECT id AS customer, name AS who, lower(name) AS small, city_id
                       FROM shop.customers WHERE email <> 'z'),
             placed AS (SELECT * FROM shop.orders WHERE status <> 'z'),
             homes (who, home, code) AS (SELECT v.customer, c.name, c.region
                                           FROM vip v JOIN shop.cities c ON c.id = v.city_id)
        SELECT placed.tenant, placed.number, placed.status, v.who, v.small AS shouted, b.small,
               {home: h.home, code: h.code} AS home,
               EXISTS (SELECT 1 FROM placed p WHERE p.customer_id = v.customer
                          AND p.number > placed.number) AS again,
               placed.customer_id IN (SELECT who FROM homes) AS settled,
               (SELECT list({n: p.number, s: p.status, w: x.small} ORDER BY p.number DESC)
                  FROM placed p LEFT JOIN vip x ON x.customer = p.billing_id
                 WHERE p.customer_id = placed.customer_id) AS others,
               (SELECT count(*) FROM homes WHERE who = placed.customer_id) AS n
          FROM placed
          JOIN vip v ON v.customer = placed.customer_id
          LEFT JOIN vip b ON b.customer = placed.billing_id AND b.who > 'a'
          LEFT JOIN homes h ON h.who = placed.billing_id
        """,
    ),
    "from: several tables LEFT JOINed as one, what is computed": (
        "tenant number",
        """
        SELECT o.tenant, o.number, x.title, x.person, x.flag, x.city, y.one, y.n,
               (SELECT list(z.t ORDER BY z.i) FROM (SELECT l.id AS i, l.tenant AS te, p.title AS t
                   FROM shop.lines l JOIN shop.products p ON p.sku = l.product
                  WHERE l.number = o.number AND l.qty > 0) AS z WHERE z.te = o.tenant) AS titles
          FROM shop.orders o
          LEFT JOIN (SELECT c.id, c.name AS person, r.title, coalesce(c.vip, TRUE) AS flag,
                            ci.name AS city
                       FROM shop.customers c
                       JOIN shop.cities ci ON ci.id = c.city_id
                       JOIN shop.regions r ON r.code = ci.region AND r.title <> 'Z'
                       LEFT JOIN shop.customers f ON f.id = c.referrer_id
                      WHERE c.name <> 'z' AND ci.name <> 'Z') x ON x.id = o.customer_id
          LEFT JOIN (SELECT id, 1 AS one, (SELECT count(*) FROM shop.orders q
                                            WHERE q.customer_id = k.id) AS n
                       FROM shop.customers k) y ON y.id = o.billing_id
        """,
    ),
    "with: groups, LEFT JOINed and joined, nested": (
        "id",
        """
        WITH per_order AS (
               SELECT tenant, number, sum(qty) AS pieces, count(*) AS n, max(price) AS most,
                      list(product ORDER BY qty DESC) AS products, coalesce(sum(pos), 0) AS places
                 FROM shop.lines WHERE price > 0 GROUP BY tenant, number),
             per_customer AS (
               SELECT o.customer_id AS customer, count(*) AS orders, sum(po.pieces) AS pieces,
                      count(po.n) AS full_ones, o.customer_id + 1 AS next
                 FROM shop.orders o LEFT JOIN per_order po
                   ON po.tenant = o.tenant AND po.number = o.number
                GROUP BY 1 HAVING count(*) < 4)
        SELECT c.id, pc.orders, pc.pieces, pc.full_ones, pc.customer, pc.next,
               b.orders AS billed, coalesce(b.status, '-') AS first_status,
               (SELECT list({n: o.number, pieces: po.pieces, most: po.most, p: po.products,
                             places: po.places, same: po.n}
                            ORDER BY o.tenant, o.number)
                  FROM shop.orders o JOIN per_order po USING (tenant, number)
                 WHERE o.customer_id = c.id AND po.n < 3) AS all_orders
          FROM shop.customers c
          LEFT JOIN per_customer pc ON pc.customer = c.id AND pc.orders > 1
          LEFT JOIN (SELECT billing_id, count(*) AS orders, min(status) AS status
                       FROM shop.orders GROUP BY ALL) b ON b.billing_id = c.id
         WHERE c.name <> 'Z'
        """,
    ),
    "with: groups of which there must be one, in what is LEFT JOINed": (
        "tenant number",
        """
        WITH many AS (SELECT tenant, number, count(*) AS n FROM shop.lines GROUP BY 1, 2
                      HAVING count(*) > 1)
        SELECT o.tenant, o.number, x.n, x.status
          FROM shop.orders o
          LEFT JOIN (SELECT p.tenant, p.number, p.status, m.n FROM shop.orders p
                       JOIN many m ON m.tenant = p.tenant AND m.number = p.number
                      WHERE p.status <> 'z') x ON x.tenant = o.tenant AND x.number = o.billing_id
        """,
    ),
    "from: what is LEFT JOINed joins what LEFT JOINs": (
        "tenant number",
        """
        SELECT o.tenant, o.number, x.name, x.city, x.referrer
          FROM shop.orders o
          LEFT JOIN (SELECT c.id, c.name, f.city, f.name AS referrer
                       FROM shop.customers c
                       JOIN (SELECT k.id, k.name, ci.name AS city FROM shop.customers k
                               LEFT JOIN shop.cities ci ON ci.id = k.city_id
                              WHERE k.name <> 'z') f ON f.id = c.referrer_id) x
                 ON x.id = o.customer_id
        """,
    ),
    "with: groups that must be there, DISTINCT": (
        "tenant number",
        """
        WITH totals AS (SELECT tenant, number, sum(qty) AS q, sum(pos) AS p, count(pos) AS n
                          FROM shop.lines GROUP BY tenant, number)
        SELECT t.tenant, o.number, t.q, t.p, t.n, t.q * 2 > t.n AS more, d.product IS NULL AS no
          FROM shop.orders o
          JOIN totals t ON t.tenant = o.tenant AND t.number = o.number
          LEFT JOIN (SELECT DISTINCT product, tenant FROM shop.lines) d
                 ON d.tenant = o.tenant AND d.product = o.status
        """,
    ),
}

UNIONS = {
    "unions: lists, aggregates, latest, exists, joined": (
        "tenant number",
        """
        WITH things AS (
               SELECT 'line' AS kind, l.tenant, l.number, l.product AS name, l.qty AS n,
                      l.price AS amount, l.big, l.product AS sku
                 FROM shop.lines l
               UNION ALL
               SELECT 'part', l.tenant, l.number, p.name, p.n, p.amount, NULL, NULL
                 FROM shop.parts p JOIN shop.lines l ON l.id = p.line WHERE p.n > 1)
        SELECT o.tenant, o.number,
               (SELECT list({kind: u.kind, name: u.name, n: u.n, amount: u.amount, big: u.big}
                            ORDER BY u.amount DESC, u.name)
                  FROM things u WHERE u.tenant = o.tenant AND u.number = o.number) AS things,
               (SELECT {n: count(*), amount: sum(u.amount), most: max(u.name),
                        kinds: list(DISTINCT u.kind ORDER BY u.kind), all: sum(u.n * o.number)}
                  FROM things u
                 WHERE u.tenant = o.tenant AND o.number = u.number AND u.n > 0) AS sums,
               (SELECT u.name FROM things u WHERE u.tenant = o.tenant AND u.number = o.number
                 ORDER BY u.n LIMIT 1) AS first,
               (SELECT list({t: p.title, a: u.amount} ORDER BY p.title DESC)[1:2] FROM things u
                  LEFT JOIN shop.products p ON p.sku = u.sku
                 WHERE u.tenant = o.tenant AND u.number = o.number) AS titles,
               EXISTS (SELECT 1 FROM things u WHERE u.tenant = o.tenant AND u.number = o.number
                          AND u.kind = 'part') AS has_parts,
               o.status IN (SELECT u.kind FROM things u WHERE u.number = o.number) AS odd
          FROM shop.orders o
        """,
    ),
    "unions: both ends of a relation, in brackets, correlated, of three": (
        "id",
        """
        SELECT c.id,
               (SELECT list({who: u.who, role: u.what, since: u.at, n: u.deep}
                            ORDER BY u.at, u.what)
                  FROM (SELECT 'buyer' AS what, o.placed AS at, o.customer_id AS who,
                               (SELECT count(*) FROM shop.lines l WHERE l.tenant = o.tenant
                                   AND l.number = o.number) AS deep
                          FROM shop.orders o WHERE o.customer_id = c.id
                        UNION ALL
                        SELECT 'payer', b.placed, b.billing_id, b.number FROM shop.orders b
                         WHERE b.billing_id = c.id
                        UNION ALL
                        (SELECT 'friend', NULL, f.id, NULL FROM shop.customers f
                          WHERE f.referrer_id = c.id)) u) AS roles,
               (SELECT count(*) FROM (SELECT id, city_id FROM shop.customers
                                      UNION ALL SELECT id, id FROM shop.cities) u (i, city)
                  JOIN shop.cities y ON y.id = u.city WHERE u.i = c.id) AS places
          FROM shop.customers c
        """,
    ),
}
