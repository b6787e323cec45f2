"""PostgreSQL's statements, each with its verdict and what is said of it.

Of several statements the last one is judged.
"""

import pytest

from streammesh.planning.migrations.showing import WORDS
from tests.unit.planning.migrations.support import last, words

BREAKS = [
    ("ALTER TABLE cities RENAME COLUMN name TO title", "read ci.title in orders.v1.sql"),
    ("ALTER TABLE cities RENAME name TO title", "field customer.city"),
    ('ALTER TABLE "cities" RENAME COLUMN "name" TO "Title"', "read ci.Title in orders.v1.sql"),
    ("ALTER TABLE IF EXISTS ONLY public.cities DROP COLUMN IF EXISTS name CASCADE", "keep it"),
    ("ALTER TABLE customers DROP email", "sales.customers v1 field email"),
    ("ALTER TABLE products RENAME TO goods", "write public.goods in `tables` of shop.source.yaml"),
    ("ALTER TABLE products RENAME TO goods", "read shop.goods in orders.v1.sql"),
    ("ALTER TABLE products SET SCHEMA store", "table public.products is store.products now"),
    ("ALTER SCHEMA public RENAME TO old", "write old.orders in `tables`"),
    ("DROP TABLE IF EXISTS audit, cities CASCADE", "table public.cities is gone"),
    ("DROP SCHEMA public CASCADE", "table public.orders is gone"),
    ("ALTER TABLE orders ALTER status DROP NOT NULL", "`status` is required by the contract"),
    ("ALTER TABLE orders ALTER COLUMN id TYPE text", "text can't be assigned to bigint"),
    ("ALTER TABLE orders ALTER id SET DATA TYPE uuid USING gen_random_uuid()", "order_id"),
    ("ALTER TABLE order_lines ALTER price TYPE double precision", "field lines[].amount"),
    ("ALTER TABLE cities DROP CONSTRAINT cities_pkey", "may find several rows"),
    ("ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_pkey CASCADE", "has no primary key"),
    ("ALTER TABLE cities DROP CONSTRAINT cities_pkey, ADD PRIMARY KEY (name)", "several rows"),
    ("ALTER TABLE customers RENAME COLUMN password_hash TO secret", "would be captured as"),
    ("ALTER TABLE customers DROP COLUMN password_hash", "excluded column"),
    ("ALTER TABLE orders ADD v text GENERATED ALWAYS AS (status || 'x') VIRTUAL", "virtual"),
    ("ALTER TABLE orders REPLICA IDENTITY NOTHING", "no replica identity"),
    ("ALTER TABLE orders SET UNLOGGED", "unlogged"),
    ("CREATE TABLE late_orders () INHERITS (orders)", "inherits from public.orders"),
    ("ALTER TABLE archive INHERIT orders", "public.archive inherits from public.orders"),
    ('ALTER TABLE orders ADD COLUMN "Status" text', "in the case of letters only"),
    (
        "ALTER TABLE cities DROP CONSTRAINT cities_pkey, ADD PRIMARY KEY (id) DEFERRABLE",
        "a deferrable key",
    ),
    ("ALTER PUBLICATION mesh_shop_sales_shop DROP TABLE orders", "streammesh captures by"),
    ("DROP PUBLICATION IF EXISTS mesh_shop_sales_shop", "streammesh captures by"),
    ("CREATE TYPE mood AS ENUM ('a'); CREATE DOMAIN moods AS mood", "domain over an enum"),
    (
        "CREATE TYPE s AS ENUM ('new'); ALTER TABLE orders ALTER status TYPE s USING status::s;"
        " DROP TYPE s CASCADE",
        "field status",
    ),
    ("ALTER TABLE cities RENAME name TO title; ALTER TABLE cities DROP title", "keep it"),
    ("SET search_path TO store, public; DROP TABLE cities", "public.cities is gone"),
]

CHANGES = [
    ("ALTER TABLE orders ALTER customer_id DROP NOT NULL", "customer_id: it may be NULL from now"),
    ("ALTER TABLE order_lines ALTER qty TYPE bigint", "field lines[].quantity, lines[].amount"),
    ("ALTER TABLE orders ALTER status TYPE text USING lower(status)", "USING lower(status)"),
    ("ALTER TABLE orders ALTER status TYPE varchar(20)", "text → character varying(20)"),
    ("ALTER TABLE orders ALTER placed_at TYPE timestamptz(3)", "timestamp(3) with time zone"),
    (
        "CREATE TYPE s AS ENUM ('new'); ALTER TABLE orders ALTER status TYPE s USING status::s;"
        " ALTER TYPE s ADD VALUE IF NOT EXISTS 'lost' BEFORE 'new'",
        "field status: a new value may come: 'lost'",
    ),
    (
        "CREATE TYPE s AS ENUM ('new'); ALTER TABLE orders ALTER status TYPE s USING status::s;"
        " ALTER TYPE s RENAME VALUE 'new' TO 'fresh'",
        "'new' becomes 'fresh'",
    ),
    ("ALTER TABLE orders ATTACH PARTITION o26 FOR VALUES IN (1)", "the rows of o26 come: no event"),
    ("ALTER TABLE orders DETACH PARTITION o26 CONCURRENTLY", "the rows of o26 go: no event"),
    ("ALTER TABLE orders ALTER status SET EXPRESSION AS (upper('x'))", "computed anew for all"),
    ('ALTER TABLE cities ALTER name TYPE text COLLATE "C"', "its collation"),
]

HARMLESS = [
    ("ALTER TABLE orders ADD COLUMN note text", ""),
    ("ALTER TABLE orders ADD COLUMN IF NOT EXISTS status text", "already"),
    ("ALTER TABLE orders ADD a int DEFAULT (1 + 2) NOT NULL", "existing rows get its value"),
    ("ALTER TABLE orders ADD a int DEFAULT NULL", ""),
    ("ALTER TABLE orders ADD a int NOT NULL", "fails where public.orders has rows"),
    ("ALTER TABLE orders ADD b bigserial, DROP COLUMN IF EXISTS gone", "has no column gone"),
    ("ALTER TABLE orders ADD s text GENERATED ALWAYS AS (status || 'x') STORED", "no product"),
    ("ALTER TABLE customers ALTER city_id SET NOT NULL", "required now"),
    ("ALTER TABLE orders ALTER status SET DEFAULT 'new', ALTER placed_at DROP DEFAULT", "rows"),
    ("ALTER TABLE orders ADD CONSTRAINT c CHECK (id > 0) NOT VALID", "stay as they are"),
    ("ALTER TABLE orders VALIDATE CONSTRAINT c", "stay as they are"),
    (
        "ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (customer_id) REFERENCES customers (id)"
        " ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED",
        "a foreign key",
    ),
    ("ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey", "is no key"),
    ("ALTER TABLE cities ADD UNIQUE (name), ADD UNIQUE NULLS NOT DISTINCT (country)", ""),
    ("ALTER TABLE cities DROP CONSTRAINT cities_pkey, ADD PRIMARY KEY (id)", ""),
    ("ALTER TABLE cities RENAME CONSTRAINT cities_pkey TO pk", ""),
    ("ALTER TABLE orders REPLICA IDENTITY FULL", "whole old row"),
    ("ALTER TABLE orders OWNER TO admin, SET (fillfactor = 70), SET LOGGED", "owner"),
    ("ALTER TABLE products ALTER price TYPE numeric(12,4)", "no product reads it"),
    ("ALTER TABLE products ALTER price DROP NOT NULL", "no product reads it"),
    ("ALTER TABLE customers ALTER city_id DROP NOT NULL", ""),
    ("ALTER TABLE audit DROP COLUMN x, RENAM whatever", "public.audit is not captured"),
    ("CREATE TABLE logs (id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())", "not"),
    ("CREATE TABLE IF NOT EXISTS cities (id int)", "there already"),
    ("CREATE TABLE o26 PARTITION OF orders FOR VALUES IN (1)", "empty to begin with"),
    ("CREATE TEMP TABLE x AS SELECT * FROM orders", "session"),
    ("CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON orders USING gin (status)", "an index"),
    ("CREATE UNIQUE INDEX u ON cities (lower(name)) WHERE id > 1", "refused from now on"),
    ("DROP INDEX CONCURRENTLY IF EXISTS i", "no product relies on it"),
    ("ALTER INDEX i RENAME TO j", "an index"),
    ("CREATE TYPE mood AS ENUM ('a', 'b')", "no column has it"),
    ("ALTER TYPE mood ADD VALUE 'c'", "no captured column has it"),
    ("CREATE DOMAIN amount AS numeric(10,2) CHECK (VALUE > 0)", "no column has it"),
    ("CREATE OR REPLACE VIEW v AS SELECT * FROM orders", "no table changes"),
    ("COMMENT ON COLUMN orders.status IS 'it''s; open'", "a comment"),
    ("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reporting", "rights"),
    ("SET LOCAL lock_timeout = '5s'", "session"),
    ("BEGIN; COMMIT", "session"),
    ("ALTER PUBLICATION others ADD TABLE orders", "not streammesh's"),
    ("CREATE TABLE copies (LIKE cities INCLUDING ALL)", "public.copies is not captured"),
    ("UPDATE customers SET (name, email) = ('a', 'b')", "public.customers: all rows are updated"),
    ("TRUNCATE TABLE ONLY orders, audit RESTART IDENTITY CASCADE", "all its rows go: an event"),
    ("UPDATE orders SET status = 'new'", "field status: all rows are updated"),
    ("UPDATE products SET price = 1 WHERE id = 3", "no product reads it"),
    ("DELETE FROM orders WHERE id < 10", "rows are deleted: an event"),
    ("INSERT INTO cities (id, name) VALUES (1, 'x') ON CONFLICT DO NOTHING", "rows are inserted"),
    ("COPY cities (id) FROM stdin;\n1\t'x\n\\.\n", "rows are inserted"),
    ("SELECT pg_catalog.set_config('search_path', '', false)", "looked up"),
    ("SELECT setval('orders_id_seq', 1)", "no row"),
    ("ALTER TABLE cities RENAME name TO x; ALTER TABLE cities RENAME x TO name", ""),
]

UNJUDGED = [
    ("DO $$ BEGIN EXECUTE 'DROP TABLE orders'; END $$", "procedural code (DO)"),
    ("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $f$ SELECT 1; $f$", "what the function does"),
    ("CREATE OR REPLACE PROCEDURE p() LANGUAGE sql BEGIN ATOMIC SELECT 1; END", "the procedure"),
    ("CREATE TRIGGER t BEFORE UPDATE ON orders EXECUTE FUNCTION f()", "what the trigger does"),
    ("CALL p(1)", "what the procedure does"),
    ("EXECUTE prepared(1)", "dynamic SQL"),
    ("SELECT drop_everything()", "the function drop_everything"),
    ("UPDATE orders SET status = change_of(status)", "the function change_of"),
    ("ALTER TABLE orders ENABLE TRIGGER ALL", "trigger"),
    ("ALTER TABLE orders ENABLE ROW LEVEL SECURITY", "sees all rows"),
    ("REVOKE SELECT ON orders FROM mesh", "loses a right"),
    ("ALTER TABLE orders REPLICA IDENTITY USING INDEX i", "the index i"),
    ("ALTER TABLE cities DROP CONSTRAINT something", "rely"),
    ("ALTER TABLE cities DROP COLUMN nam", "has no column nam (it has name)"),
    ("ALTER TABLE cities RENAM COLUMN name TO title", "`RENAM` is not known here"),
    ("ALTER TABLE cities ALTER name TYPE", "it ends too early"),
    ("ALTER TABLE order_lines ALTER qty TYPE unheard_of", "the type unheard_of"),
    ("CREATE DOMAIN d AS unheard_of", "if unheard_of is an enum"),
    ("\\i other.sql", "the client"),
    ("SELECT * INTO copies FROM orders", "SELECT INTO"),
    ("ALTER SYSTEM SET wal_level = replica", "settings"),
]


def cases(verdict: str, found: list[tuple[str, str]]) -> list:
    return [pytest.param(sql, verdict, said, id=f"{verdict}: {sql[:60]}") for sql, said in found]


@pytest.mark.parametrize(
    ("sql", "verdict", "said"),
    [
        *cases("breaks", BREAKS),
        *cases("changes", CHANGES),
        *cases("harmless", HARMLESS),
        *cases("unjudged", UNJUDGED),
    ],
)
def test_a_statement_is_judged(sql: str, verdict: str, said: str) -> None:
    found = last(sql)
    assert (WORDS[found.verdict], said in words(found)) == (verdict, True), words(found)
