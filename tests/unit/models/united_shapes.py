"""Models of several SELECTs over the tables of `support`: (key, SQL) by what is special."""

from __future__ import annotations

UNITED = {
    "UNION ALL: two tables, joins and lists in each": (
        "kind id",
        """
        WITH homes AS (SELECT id, name FROM shop.cities WHERE name <> 'z')
        SELECT 'customer' AS kind, c.id, c.name, {home: h.name} AS place, c.vip, 1 AS n,
               (SELECT list({number: o.number, lines: (SELECT count(*) FROM shop.lines l
                                                        WHERE l.tenant = o.tenant
                                                          AND l.number = o.number)}
                            ORDER BY o.placed)
                  FROM shop.orders o WHERE o.customer_id = c.id) AS items
          FROM shop.customers c
          LEFT JOIN homes h ON h.id = c.city_id
         WHERE c.name <> 'b'
        UNION ALL
        SELECT 'city', i.id, r.title, {home: i.name}, NULL, 2.5,
               (SELECT list({number: 7, lines: x.id} ORDER BY x.name)
                  FROM shop.customers x WHERE x.city_id = i.id)
          FROM shop.cities i JOIN shop.regions r ON r.code = i.region
        """,
    ),
    "UNION ALL: one table three times, composite key in another order": (
        "part number tenant",
        """
        SELECT 1 AS part, o.number, o.tenant, o.note, o.status AS said, [] AS list
          FROM shop.orders o WHERE o.note IS NOT NULL
        UNION ALL
        (SELECT 2, number, tenant, NULL, NULL, NULL FROM shop.orders)
        UNION ALL
        SELECT 3, o.number, o.tenant, c.name, o.note,
               (SELECT list(l.qty ORDER BY l.pos) FROM shop.lines l
                 WHERE l.tenant = o.tenant AND l.number = o.number)
          FROM shop.orders o JOIN shop.customers c ON c.id = o.billing_id
        """,
    ),
    "UNION ALL: first in FROM, by WITH, joined and filtered": (
        "kind id",
        """
        WITH who (kind, id, name, home, vip) AS (
               SELECT 'customer' AS what, c.id, c.name, c.city_id, coalesce(c.vip, FALSE)
                 FROM shop.customers c WHERE c.name <> 'z'
               UNION ALL
               SELECT 'city', i.id, r.title, i.id, TRUE
                 FROM shop.cities i JOIN shop.regions r ON r.code = i.region),
             named AS (SELECT w.*, w.name || '!' AS loud FROM who w WHERE w.name <> 'y')
        SELECT n.kind, n.id, n.loud, {city: ci.name, vip: n.vip} AS more,
               n.kind = 'city' AND n.vip AS both, coalesce(n.home, 0) AS home,
               (SELECT list(o.number ORDER BY o.number) FROM shop.orders o
                 WHERE o.customer_id = n.id AND n.kind = 'customer') AS orders
          FROM named n LEFT JOIN shop.cities ci ON ci.id = n.home
         WHERE n.id > 0 OR ci.name IS NULL
        """,
    ),
    "UNION ALL: numbers and texts of several types": (
        "kind id",
        """
        SELECT 'l' AS kind, l.id, l.qty AS amount, l.price AS wide, l.product AS said
          FROM shop.lines l
        UNION ALL
        SELECT 'm', m.id, m.price, m.big, CAST(m.qty AS VARCHAR) FROM shop.lines m
        UNION ALL
        SELECT 'n', n.id, n.total, n.total, 'constant' FROM shop.lines n WHERE n.qty > 1
        """,
    ),
}
