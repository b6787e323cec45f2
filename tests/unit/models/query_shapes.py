"""Models whose SELECTs are of all kinds: (key, SQL) by what is special."""

from __future__ import annotations

QUERIES = {
    "exists and in": (
        "id",
        """
        SELECT c.id,
               EXISTS (SELECT 1 FROM shop.orders o WHERE o.customer_id = c.id) AS buys,
               NOT EXISTS (SELECT * FROM shop.orders o JOIN shop.lines l
                             ON l.tenant = o.tenant AND l.number = o.number
                            WHERE o.customer_id = c.id AND l.qty > 1) AS small,
               c.id IN (SELECT o.customer_id FROM shop.orders o WHERE o.note IS NOT NULL) AS noted,
               c.id NOT IN (SELECT o.customer_id FROM shop.orders o) AS new,
               (SELECT list(o.number ORDER BY o.number) FROM shop.orders o
                 WHERE o.customer_id = c.id
                   AND (o.tenant, o.number) IN (SELECT l.tenant,
                     l.number FROM shop.lines l)) AS full
          FROM shop.customers c
         WHERE c.city_id IN (SELECT ci.id FROM shop.cities ci WHERE ci.region = 'aaa')
            OR EXISTS (SELECT 1 FROM shop.customers x WHERE x.referrer_id = c.id)
            OR c.vip
        """,
    ),
    "in within in, within exists": (
        "id",
        """
        SELECT c.id, EXISTS (SELECT 1 FROM shop.orders o WHERE o.customer_id = c.id AND o.tenant IN
                 (SELECT l.tenant FROM shop.lines l WHERE l.number IN
                     (SELECT number FROM shop.orders)) LIMIT 1) AS a,
               c.id IN (SELECT customer_id FROM shop.orders WHERE billing_id IN
                 (SELECT id FROM shop.cities)) AS b,
               (SELECT list(o.number ORDER BY o.tenant, o.number) FROM shop.orders o
                 WHERE o.customer_id = c.id AND o.billing_id IN
                   (SELECT id FROM shop.customers WHERE city_id IN
                     (SELECT ci.id FROM shop.cities ci))) AS d
          FROM shop.customers c
        """,
    ),
    "the latest row": (
        "id",
        """
        SELECT c.id,
               (SELECT o.status FROM shop.orders o WHERE o.customer_id = c.id
                 ORDER BY o.placed DESC LIMIT 1) AS last_status,
               (SELECT {s: o.status, n: o.note, lines: (SELECT list(l.qty ORDER BY l.id)
                          FROM shop.lines l WHERE l.tenant = o.tenant AND l.number = o.number)}
                  FROM shop.orders o LEFT JOIN shop.customers b ON b.id = o.billing_id
                 WHERE o.customer_id = c.id ORDER BY b.name,
                   o.note DESC NULLS FIRST LIMIT 1) AS first,
               (SELECT list(o.note ORDER BY o.placed) FROM shop.orders o
                 WHERE o.customer_id = c.id)[1] AS note,
               (SELECT list(o.number ORDER BY o.placed DESC)[1] FROM shop.orders o
                 WHERE o.customer_id = c.id) AS number,
               (SELECT list({n: o.number, s: o.status} ORDER BY o.status, o.note)[1:2]
                  FROM shop.orders o WHERE o.customer_id = c.id) AS two,
               (SELECT list(l.big ORDER BY l.big DESC)[1:3] FROM shop.orders o JOIN shop.lines l
                    ON l.tenant = o.tenant AND l.number = o.number
                 WHERE o.customer_id = c.id) AS bigs,
               array(SELECT o.placed FROM shop.orders o WHERE o.customer_id = c.id
                      ORDER BY o.placed DESC LIMIT 2) AS moments,
               array(SELECT x.name FROM shop.customers x WHERE x.referrer_id = c.id
                      ORDER BY x.name) AS names,
               coalesce((SELECT jsonb_agg(json_build_object('n', x.name, 'i', x.id) ORDER BY x.id)
                           FROM shop.customers x WHERE x.referrer_id = c.id), '[]'::jsonb) AS more
          FROM shop.customers c
        """,
    ),
    "lists three deep, back to the root": (
        "id",
        """
        SELECT ci.id, ci.name,
               (SELECT list({id: c.id, city: back.name, orders:
                       (SELECT list({number: o.number, buyer: c.name, home: ci.name, lines:
                               (SELECT list({qty: l.qty, product: p.title, owner: owner.name,
                                            parts: (SELECT list(pa.name ORDER BY pa.n)
                                                      FROM shop.parts pa WHERE pa.line = l.id)}
                                            ORDER BY l.id)
                                  FROM shop.lines l
                                  LEFT JOIN shop.products p ON p.sku = l.product
                                  LEFT JOIN shop.customers owner ON owner.id = o.billing_id
                                 WHERE l.tenant = o.tenant AND l.number = o.number)}
                               ORDER BY o.placed, o.status)
                          FROM shop.orders o WHERE o.customer_id = c.id)}
                       ORDER BY c.name)
                  FROM shop.customers c JOIN shop.cities back ON back.id = c.city_id
                 WHERE c.city_id = ci.id) AS people
          FROM shop.cities ci
        """,
    ),
    "lists under a LEFT JOINed parent, a root that is a child": (
        "id",
        """
        SELECT l.id, l.qty, {number: o.number, customer: c.name, city: ci.name} AS "order",
               (SELECT list(x.number ORDER BY x.number DESC, x.tenant) FROM shop.orders x
                 WHERE x.customer_id = c.id) AS others,
               (SELECT list({sibling: s.id, same: s.product = l.product} ORDER BY s.qty, s.id)
                  FROM shop.lines s WHERE s.tenant = o.tenant AND s.number = o.number
                   AND s.id <> l.id) AS siblings,
               (SELECT count(*) FROM shop.customers n WHERE n.city_id = ci.id) AS neighbours,
               coalesce(c.name, b.name, 'nobody') AS who
          FROM shop.lines l
          LEFT JOIN shop.orders o ON o.tenant = l.tenant AND o.number = l.number
          LEFT JOIN shop.customers c ON c.id = o.customer_id
          LEFT JOIN shop.customers b ON b.id = o.billing_id AND b.vip
          LEFT JOIN shop.cities ci ON ci.id = c.city_id
        """,
    ),
    "comma joins, using, quoted names, comments": (
        "ID nr",
        """
        -- all of an order ; with its lines
        SELECT "O".tenant AS "ID", O."number" AS nr, /* who */ shop_customers."name" AS "select",
               ci.name AS "größe", (SELECT list(status ORDER BY number) FROM shop.orders
                WHERE customer_id = shop_customers.id) AS list,
               (SELECT list({t: tenant, q: l.qty, "s p": x.status} ORDER BY l.id)
                  FROM shop.lines l JOIN shop.orders x USING (tenant, number)
                 WHERE tenant = "O".tenant AND number = o.number) AS " lines "
          FROM shop.public.orders "O", shop.customers shop_customers
          INNER JOIN shop.cities AS ci ON (ci.id) = (shop_customers.city_id)
         WHERE shop_customers.id = "O".customer_id;
        """,
    ),
    "aliases that hide tables": (
        "id",
        """
        SELECT lines.id, orders.name AS customer,
               (SELECT list(orders.number ORDER BY orders.number)
                  FROM shop.orders orders WHERE orders.customer_id = customers.billing_id) AS n,
               (SELECT count(*) FROM shop.lines customers WHERE customers.id = lines.id) AS one
          FROM shop.lines lines
          JOIN shop.orders customers ON customers.tenant = lines.tenant
                                    AND customers.number = lines.number
          JOIN shop.customers orders ON orders.id = customers.customer_id
        """,
    ),
}
