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
