"""WITH, SELECTs in FROM and unions mean what PostgreSQL takes them for, run as they are written."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings

from tests.integration.models.conftest import Database
from tests.integration.models.rows import ROWS
from tests.unit.models.support import State, compiled

WRITTEN = {
    "joined, filtered, renamed, over another": """
        WITH vip AS (SELECT id AS customer, name AS who, coalesce(city_id, 0) AS city, city_id
                       FROM shop.customers WHERE vip),
             homes (person, home) AS (SELECT v.customer, c.name FROM vip v
                                        JOIN shop.cities c ON c.id = v.city_id WHERE c.name <> 'z')
        SELECT o.tenant, o.number, v.who, v.city, h.home, b.city AS billed,
               (SELECT count(*) FROM homes x WHERE x.person = o.customer_id) AS n,
               EXISTS (SELECT 1 FROM homes WHERE person = o.billing_id) AS has_home
          FROM shop.orders o
          LEFT JOIN vip v ON v.customer = o.customer_id AND v.who > 'a'
          LEFT JOIN vip b ON b.customer = o.billing_id
          LEFT JOIN homes h ON h.person = o.customer_id
        """,
    "inner joins of what is several tables, as the first table": """
        WITH bought AS (SELECT o.tenant, o.number, c.name, ci.name AS city, o.billing_id
                          FROM shop.orders o JOIN shop.customers c ON c.id = o.customer_id
                          LEFT JOIN shop.cities ci ON ci.id = c.city_id WHERE o.status <> 'z')
        SELECT bought.tenant, bought.number, bought.name, bought.city, p.n
          FROM bought
          JOIN (SELECT k.id, (SELECT count(*) FROM bought q WHERE q.billing_id = k.id) AS n
                  FROM shop.customers k WHERE k.vip IS NOT TRUE) p ON p.id = bought.billing_id
        """,
    "LEFT JOIN of what must have all of its tables": """
        SELECT o.tenant, o.number, x.person, x.title, x.flag, x.referrer
          FROM shop.orders o
          LEFT JOIN (SELECT c.id, c.name AS person, r.title, coalesce(c.vip, TRUE) AS flag,
                            f.name AS referrer
                       FROM shop.customers c
                       JOIN shop.cities ci ON ci.id = c.city_id
                       JOIN shop.regions r ON r.code = ci.region AND r.title <> 'Z'
                       LEFT JOIN shop.customers f ON f.id = c.referrer_id
                      WHERE ci.name <> 'Z') x ON x.id = o.customer_id AND x.title > 'A'
        """,
    "groups, LEFT JOINed": """
        WITH totals AS (SELECT tenant, number, count(*) AS n, sum(qty) AS q, count(pos) AS p,
                               coalesce(min(pos), 0) + 1 AS least, tenant * 10 AS ten
                          FROM shop.lines GROUP BY tenant, number HAVING count(*) < 4)
        SELECT o.tenant, o.number, t.n, t.q, t.p, t.least, t.ten, t.number AS nr, u.n AS many
          FROM shop.orders o
          LEFT JOIN totals t ON t.tenant = o.tenant AND t.number = o.number
          LEFT JOIN totals u ON u.tenant = o.tenant AND u.number = o.number AND u.n > 1
        """,
    "groups, joined, one over another": """
        WITH totals AS (SELECT tenant, number, sum(qty) AS q, max(pos) AS p FROM shop.lines
                         GROUP BY 1, 2),
             customers AS (SELECT o.customer_id AS id, count(*) AS orders, sum(t.q) AS pieces,
                                  count(t.p) AS with_place
                             FROM shop.orders o LEFT JOIN totals t USING (tenant, number)
                            GROUP BY o.customer_id)
        SELECT o.tenant, o.number, t.q, t.p, c.orders, c.pieces, c.with_place, d.product
          FROM shop.orders o
          JOIN totals t ON t.tenant = o.tenant AND t.number = o.number
          JOIN customers c ON c.id = o.customer_id AND c.orders < 3
          LEFT JOIN (SELECT DISTINCT tenant, product FROM shop.lines) d
                 ON d.tenant = o.number AND d.product = o.note
        """,
    "unions": """
        SELECT o.tenant, o.number,
               (SELECT count(*) FROM (SELECT tenant, number, qty FROM shop.lines
                                      UNION ALL
                                      SELECT l.tenant, l.number, p.n FROM shop.parts p
                                        JOIN shop.lines l ON l.id = p.line WHERE p.n > 1) u
                 WHERE u.tenant = o.tenant AND u.number = o.number AND u.qty < 3) AS n,
               (SELECT json_agg(json_build_object('k', u.kind, 'i', u.id) ORDER BY u.id, u.kind)
                  FROM (SELECT 'city' AS kind, id FROM shop.cities WHERE id = o.number
                        UNION ALL SELECT 'buyer', id FROM shop.customers
                        UNION ALL (SELECT 'payer', o.billing_id FROM shop.customers x
                                    WHERE x.id = o.billing_id)) u
                 WHERE u.id = o.customer_id) AS found
          FROM shop.orders o
        """,
    "UNION ALL first in FROM": """
        WITH every (tenant, number, said, who, n) AS (
               SELECT tenant, number, note || '?', customer_id, 1 FROM shop.orders
                WHERE note IS NOT NULL
               UNION ALL
               SELECT o.tenant, o.number, o.status, o.billing_id, o.number FROM shop.orders o
                 JOIN shop.customers c ON c.id = o.customer_id WHERE o.note IS NULL)
        SELECT b.tenant, b.number, b.said || CAST(b.n AS VARCHAR) AS text, c.name, b.n + 1 AS more,
               coalesce(b.who, 7) AS who,
               (SELECT count(*) FROM shop.lines l
                 WHERE l.tenant = b.tenant AND l.number = b.number AND l.qty > b.n) AS lines
          FROM every b LEFT JOIN shop.customers c ON c.id = b.who
         WHERE b.said <> 'a' OR c.name IS NULL
        """,
    "UNION ALL between SELECTs": """
        WITH noted AS (SELECT * FROM shop.orders WHERE note IS NOT NULL)
        SELECT n.tenant, n.number, n.note AS said, n.customer_id AS many, NULL AS city,
               NULL AS roles
          FROM noted n
        UNION ALL
        (SELECT o.tenant, o.number, CAST(o.number AS VARCHAR), 7, ci.name,
                (SELECT json_agg(l.qty ORDER BY l.id) FROM shop.lines l
                  WHERE l.tenant = o.tenant AND l.number = o.number)
           FROM shop.orders o JOIN shop.customers c ON c.id = o.customer_id
           LEFT JOIN shop.cities ci ON ci.id = c.city_id
          WHERE o.note IS NULL AND o.status <> 'a'
         UNION ALL
         SELECT tenant, number, 'other', (SELECT count(*) FROM shop.cities x
                                           WHERE x.id = p.customer_id), NULL, NULL
           FROM shop.orders p WHERE note IS NULL AND status = 'a')
        """,
}
MODELS = {name: compiled(sql, "tenant number") for name, sql in WRITTEN.items()}
LASTING = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@given(rows=ROWS)
@settings(max_examples=60, deadline=None, suppress_health_check=LASTING)
def test_the_engine_gives_what_the_text_itself_gives(
    database: Database, rows: dict[str, list[dict[str, Any]]]
) -> None:
    database.fill(rows)
    state = State()
    for name, given_rows in rows.items():
        for row in given_rows:
            state.insert(name, **row)
    for name, sql in WRITTEN.items():
        text = sql.replace("shop.", "public.")
        found = database.query(f"SELECT to_json(x) FROM ({text}) AS x", {})
        expected = {(one["tenant"], one["number"]): one for (one,) in found}
        assert len(expected) == len(found)
        given_documents = state.documents(MODELS[name])
        assert json.loads(json.dumps(list(given_documents.items()))) == [
            [list(key), expected[key]] for key in given_documents
        ], name
        assert given_documents.keys() == expected.keys(), name
