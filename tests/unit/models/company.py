"""A company's database of fourteen tables, as they are met: schemas, quoted names, shared keys."""

from __future__ import annotations

from tests.unit.models.support import table

COMPANY = (
    table(
        "public.People", "Id", 'Id integer; "Full Name" text; boss_id integer?; address_id integer?'
    ),
    table("hr.details", "person_id", "person_id integer; birth date?; salary numeric(10,2)?"),
    table("hr.badges", "id", "id uuid; person_id integer?; code text", unique=["person_id"]),
    table("public.addresses", "id", "id integer; street text; country character(2)?"),
    table("public.countries", "code", "code character(2); name text"),
    table("sales.customers", "id", "id text; name text; ship_to integer?; bill_to integer?"),
    table("archive.customers", "id", "id text; closed date?"),
    table(
        "sales.Order Header",
        "OrderID",
        "OrderID bigint; customer text?; clerk integer?; user text;"
        " order timestamp with time zone?",
    ),
    table(
        "sales.Order Details",
        "OrderID line",
        "OrderID bigint; line smallint; product numeric(8,0)?; count integer; price numeric(12,2)?",
    ),
    table("public.products", "id", "id integer; name text; category integer?; größe integer?"),
    table("public.categories", "id", "id integer; name text; parent integer?"),
    table("public.tags", "id", "id integer; left text"),
    table("public.product_tags", "tag_id product_id", "tag_id integer; product_id integer"),
    table("public.notes", "order_id n", "order_id bigint; n integer; body text?"),
)

COMPANY_SHAPES = {
    "thirteen tables": (
        "OrderID",
        """
        SELECT h."OrderID", h."user", h."order" AS placed, cu.name AS customer, a.closed,
               {street: ship.street, country: sc.name} AS ship,
               {street: bill.street, country: bc.name} AS bill,
               {name: p."Full Name", boss: boss."Full Name", birth: d.birth} AS clerk,
               (SELECT list({line: od.line, product: pr.name, count: od.count,
                             total: od.count * od.price, path: concat_ws('/', c3.name, c2.name,
                                                                             c1.name),
                             tags: (SELECT list(t."left" ORDER BY t."left")
                                      FROM shop.product_tags pt
                                      JOIN shop.tags t ON t.id = pt.tag_id
                                     WHERE pt.product_id = pr.id)}
                            ORDER BY od.line)
                  FROM shop."Order Details" od
                  LEFT JOIN shop.products pr ON pr.id = od.product
                  LEFT JOIN shop.categories c1 ON c1.id = pr.category
                  LEFT JOIN shop.categories c2 ON c2.id = c1.parent
                  LEFT JOIN shop.categories c3 ON c3.id = c2.parent
                 WHERE od."OrderID" = h."OrderID") AS lines,
               (SELECT n.body FROM shop.notes n WHERE n.order_id = h."OrderID"
                 ORDER BY n.body DESC, n.n LIMIT 1) AS note
          FROM shop."Order Header" h
          LEFT JOIN shop.sales.customers cu ON cu.id = h.customer
          LEFT JOIN shop.archive.customers a ON a.id = cu.id
          LEFT JOIN shop.addresses ship ON ship.id = cu.ship_to
          LEFT JOIN shop.countries sc ON sc.code = ship.country
          LEFT JOIN shop.addresses bill ON bill.id = cu.bill_to
          LEFT JOIN shop.countries bc ON bc.code = bill.country
          LEFT JOIN shop.people p ON p.id = h.clerk
          LEFT JOIN shop.details d ON d.person_id = p."Id"
          LEFT JOIN shop."People" boss ON boss."Id" = p.boss_id
        """,
    ),
    "shared keys, a nullable unique key": (
        "id",
        """
        SELECT p."Id" AS id, d.salary / 12 AS monthly, b.code,
               (SELECT count(*) FROM shop."People" r WHERE r.boss_id = p."Id") AS reports,
               (SELECT list(r."Full Name" ORDER BY r."Full Name") FROM shop."People" r
                  JOIN shop.details rd ON rd.person_id = r."Id" AND rd.salary > 100
                 WHERE r.boss_id = p."Id") AS well_paid
          FROM shop."People" p JOIN shop.details d ON d.person_id = p."Id"
          LEFT JOIN shop.badges b ON b.person_id = p."Id"
        """,
    ),
    "the extension as root, many to many": (
        "person_id",
        """
        SELECT person_id, "Full Name" AS name, street,
               (SELECT list({tag: t."left", products:
                            (SELECT string_agg(pr.name, ', ' ORDER BY pr.id)
                               FROM shop.product_tags pt JOIN shop.products pr
                                 ON pr.id = pt.product_id WHERE pt.tag_id = t.id)}
                            ORDER BY t.id)
                  FROM shop.tags t WHERE t.id = x.person_id) AS tags
          FROM shop.hr.details x JOIN shop."People" p ON p."Id" = x.person_id
          LEFT JOIN shop.addresses ad ON ad.id = p.address_id
         WHERE x.salary IS NOT NULL AND NOT EXISTS (SELECT 1 FROM shop.badges b
                                                     WHERE b.person_id = x.person_id)
        """,
    ),
    "through a link table from the other side, distinct, aggregates over joins": (
        "id",
        """
        SELECT p.id, p.name,
               (SELECT list({id: t.id, name: t."left", also:
                            (SELECT list(o.name ORDER BY o.name, o.id)
                               FROM shop.product_tags ot
                               JOIN shop.products o ON o.id = ot.product_id
                              WHERE ot.tag_id = t.id AND o.id <> p.id)} ORDER BY t."left")
                  FROM shop.product_tags pt JOIN shop.tags t ON t.id = pt.tag_id
                 WHERE pt.product_id = p.id) AS tags,
               (SELECT list(DISTINCT c.name ORDER BY c.name DESC)
                  FROM shop.product_tags mine
                  JOIN shop.product_tags other ON other.tag_id = mine.tag_id
                  JOIN shop.products q ON q.id = other.product_id
                  JOIN shop.categories c ON c.id = q.category
                 WHERE mine.product_id = p.id) AS kinds,
               (SELECT {names: count(DISTINCT q.name), sizes: sum(DISTINCT q."größe"),
                        all_sizes: sum(q."größe"), mean: avg(q."größe"), n: count(*)}
                  FROM shop.product_tags mine
                  JOIN shop.product_tags other ON other.tag_id = mine.tag_id
                  JOIN shop.products q ON q.id = other.product_id
                 WHERE mine.product_id = p.id) AS related,
               (SELECT sum(od.count * od.price) FROM shop."Order Details" od
                  JOIN shop."Order Header" h ON h."OrderID" = od."OrderID"
                  LEFT JOIN shop.sales.customers cu ON cu.id = h.customer
                 WHERE od.product = p.id AND cu.name IS NOT NULL) AS sold
          FROM shop.products p
        """,
    ),
    "a hierarchy of fixed depth, up and down": (
        "id",
        """
        WITH RECURSIVE named AS (SELECT id, name, parent FROM shop.categories WHERE name <> 'x')
        SELECT c.id, concat_ws(' > ', c3.name, c2.name, c1.name, c.name) AS path,
               CASE WHEN c1.id IS NULL THEN 0 WHEN c2.id IS NULL THEN 1 ELSE 2 END AS level,
               (SELECT list({name: d1.name, below: (SELECT list({name: d2.name, below:
                        (SELECT count(*) FROM named d3 WHERE d3.parent = d2.id)} ORDER BY d2.id)
                          FROM named d2 WHERE d2.parent = d1.id)} ORDER BY d1.id)
                  FROM named d1 WHERE d1.parent = c.id) AS below,
               (SELECT count(DISTINCT pr.id) FROM named d1 JOIN shop.products pr
                    ON pr.category = d1.id WHERE d1.parent = c.id) AS products_below
          FROM named c
          LEFT JOIN shop.categories c1 ON c1.id = c.parent
          LEFT JOIN shop.categories c2 ON c2.id = c1.parent
          LEFT JOIN named c3 ON c3.id = c2.parent
        """,
    ),
}
