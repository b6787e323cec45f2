"""What PostgreSQL's catalog says of tables, as read: the queries and their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import class_row

from streammesh.documents.values import TableName


@dataclass(frozen=True)
class RelationRow:
    """A relation of the names asked for.

    Attributes:
        oid: its id in the catalog.
        schema: its schema.
        name: its name.
        kind: `relkind`: r table, p partitioned, v view, m materialized view, f foreign, …
        persistence: `relpersistence`: p permanent, u unlogged, t temporary.
        identity: `relreplident`: d default, f full, i index, n nothing.
        rows: estimate, partitions included; -1 when unknown.
        moves_out: whether values move out of its rows, or its partitions', before the usual size.
        children: tables that inherit from it and are no partitions, as `schema.name`.
    """

    oid: int
    schema: str
    name: str
    kind: str
    persistence: str
    identity: str
    rows: int
    moves_out: bool
    children: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Take the array as a tuple."""
        object.__setattr__(self, "children", tuple(self.children))


@dataclass(frozen=True)
class ColumnRow:
    """A column.

    Attributes:
        relation: the table's id.
        name: its name.
        declared: its type as the table has it; a domain's name for a domain.
        base: its type with domains looked through.
        enum: whether that is an enum, or a list of such.
        known: whether lists of that type arrive (lists of domains and of composite types don't).
        citext: whether it is text without regard of case.
        folds: whether different texts in it may be the same to the database.
        nullable: whether it may be NULL.
        generated: empty, `s` stored or `v` virtual.
    """

    relation: int
    name: str
    declared: str
    base: str
    enum: bool
    known: bool
    citext: bool
    folds: bool
    nullable: bool
    generated: str


@dataclass(frozen=True)
class IndexRow:
    """A unique index that is complete, valid and over plain columns.

    Attributes:
        relation: the table's id.
        name: its name.
        columns: in the index's order.
        primary: whether it is the primary key.
        immediate: whether it is checked at once (not deferrable).
        identity: whether it is the table's replica identity.
    """

    relation: int
    name: str
    columns: tuple[str, ...]
    primary: bool
    immediate: bool
    identity: bool

    def __post_init__(self) -> None:
        """Take the array as a tuple."""
        object.__setattr__(self, "columns", tuple(self.columns))


@dataclass(frozen=True)
class Catalog:
    """What the catalog says of the tables asked for."""

    relations: tuple[RelationRow, ...]
    columns: tuple[ColumnRow, ...]
    indexes: tuple[IndexRow, ...]


def read_catalog(connection: Connection, names: Sequence[TableName]) -> Catalog:
    """Read what there is of these tables; names that stand for nothing give no row."""
    schemas, tables = [name.schema for name in names], [name.name for name in names]
    with connection.cursor(row_factory=class_row(RelationRow)) as cursor:
        relations = cursor.execute(_RELATIONS, {"schemas": schemas, "names": tables}).fetchall()
    oids = {"oids": [relation.oid for relation in relations]}
    with connection.cursor(row_factory=class_row(ColumnRow)) as cursor:
        columns = cursor.execute(_COLUMNS, oids).fetchall()
    with connection.cursor(row_factory=class_row(IndexRow)) as cursor:
        indexes = cursor.execute(_INDEXES, oids).fetchall()
    return Catalog(tuple(relations), tuple(columns), tuple(indexes))


def table_names(connection: Connection) -> tuple[str, ...]:
    """Give the names of all tables that this role can see, as `schema.table`."""
    return tuple(name for (name,) in connection.execute(_NAMES))


def enum_domains(connection: Connection) -> tuple[str, ...]:
    """Give the domains of the database that are over an enum, as `schema.name`."""
    return tuple(name for (name,) in connection.execute(_ENUM_DOMAINS))


_ENUM_DOMAINS = """
    SELECT d.typnamespace::regnamespace::text || '.' || quote_ident(d.typname)
    FROM pg_type d WHERE d.typtype = 'd' AND d.typcategory = 'E' ORDER BY 1
"""

_RELATIONS = """
    SELECT c.oid::bigint AS oid, n.nspname::text AS schema, c.relname::text AS name,
           c.relkind::text AS kind, c.relpersistence::text AS persistence,
           c.relreplident::text AS identity,
           CASE c.relkind WHEN 'p' THEN coalesce((
                    SELECT sum(greatest(l.reltuples, 0))
                    FROM pg_partition_tree(c.oid) t JOIN pg_class l ON l.oid = t.relid
                    WHERE t.isleaf), -1)
                ELSE c.reltuples END::bigint AS rows,
           EXISTS (SELECT FROM pg_class o
                   WHERE (o.oid = c.oid OR o.oid IN (SELECT relid FROM pg_partition_tree(c.oid)))
                     AND o.reloptions::text LIKE '%%toast_tuple_target%%') AS moves_out,
           ARRAY(SELECT h.relnamespace::regnamespace::text || '.' || quote_ident(h.relname)
                 FROM pg_inherits i JOIN pg_class h ON h.oid = i.inhrelid
                 WHERE i.inhparent = c.oid AND NOT h.relispartition ORDER BY 1) AS children
    FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS wanted(schema, name)
    JOIN pg_namespace n ON n.nspname = wanted.schema
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
"""

# format_type would write or leave out the schema of a type of one's own by the search_path
_COLUMNS = """
    WITH RECURSIVE typed AS (
        SELECT a.attrelid, a.attnum, a.atttypid AS typid, a.atttypmod AS typmod, false AS required
        FROM pg_attribute a
        WHERE a.attrelid = ANY(%(oids)s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
      UNION ALL
        SELECT d.attrelid, d.attnum, t.typbasetype, t.typtypmod, d.required OR t.typnotnull
        FROM typed d JOIN pg_type t ON t.oid = d.typid
        WHERE t.typtype = 'd'
    )
    SELECT a.attrelid::bigint AS relation, a.attname::text AS name,
           CASE n.typnamespace WHEN 'pg_catalog'::regnamespace
                THEN format_type(a.atttypid, a.atttypmod)
                ELSE n.typnamespace::regnamespace::text || '.' || quote_ident(n.typname)
                     || CASE WHEN n.oid <> d.oid THEN '[]' ELSE '' END
           END AS declared,
           CASE WHEN t.typname = 'hstore' AND t.typtype = 'b' THEN 'hstore'
                ELSE format_type(b.typid, b.typmod) END AS base,
           'e' IN (t.typtype, e.typtype) AS enum,
           e.oid IS NULL OR e.typtype IN ('b', 'e') AS known,
           t.typname = 'citext' AND t.typcategory = 'S' AS citext,
           (t.typname = 'citext' AND t.typcategory = 'S')
               OR coalesce(NOT c.collisdeterministic, false) AS folds,
           NOT (a.attnotnull OR b.required) AS nullable,
           a.attgenerated::text AS generated
    FROM pg_attribute a
    JOIN typed b ON b.attrelid = a.attrelid AND b.attnum = a.attnum
    JOIN pg_type t ON t.oid = b.typid AND t.typtype <> 'd'
    JOIN pg_type d ON d.oid = a.atttypid
    JOIN pg_type n ON n.oid = CASE WHEN d.typtype <> 'd' AND d.typcategory = 'A' AND d.typelem <> 0
                                   THEN d.typelem ELSE d.oid END
    LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
    LEFT JOIN pg_collation c ON c.oid = a.attcollation
    ORDER BY a.attrelid, a.attnum
"""

# Expressions have column number 0; INCLUDEd columns stand behind the first indnkeyatts.
_INDEXES = """
    SELECT i.indrelid::bigint AS relation, c.relname::text AS name,
           (SELECT array_agg(a.attname::text ORDER BY k.place)
            FROM unnest(i.indkey::smallint[]) WITH ORDINALITY AS k(number, place)
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
            WHERE k.place <= i.indnkeyatts) AS columns,
           i.indisprimary AS "primary", i.indimmediate AS immediate,
           i.indisreplident AS identity
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = ANY(%(oids)s::oid[])
      AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
    ORDER BY i.indrelid, c.relname
"""

_NAMES = """
    SELECT n.nspname || '.' || c.relname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp%'
    ORDER BY 1
"""
