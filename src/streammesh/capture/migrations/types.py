"""Types as a migration writes them, and as the database then prints them."""

from __future__ import annotations

from streammesh.capture.migrations.cursor import Cursor

_PRINTED = {
    "int": "integer",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "decimal": "numeric",
    "dec": "numeric",
    "float4": "real",
    "float8": "double precision",
    "float": "double precision",
    "bool": "boolean",
    "varchar": "character varying",
    "char": "character",
    "varbit": "bit varying",
    "serial": "integer",
    "serial4": "integer",
    "smallserial": "smallint",
    "serial2": "smallint",
    "bigserial": "bigint",
    "serial8": "bigint",
}
_MOMENTS = ("timestamp", "timestamptz", "time", "timetz")
SERIAL = ("SERIAL", "SERIAL2", "SERIAL4", "SERIAL8", "BIGSERIAL", "SMALLSERIAL")
"""Types that make a column required, and give it a sequence."""

_PLAIN = frozenset(
    [
        "smallint",
        "integer",
        "bigint",
        "real",
        "numeric",
        "boolean",
        "text",
        "date",
        "uuid",
        "json",
        "jsonb",
        "bytea",
        "xml",
        "money",
        "inet",
        "cidr",
        "macaddr",
        "macaddr8",
        "hstore",
        "citext",
        "tsvector",
        "tsquery",
        "point",
        "box",
        "path",
        "line",
        "lseg",
        "circle",
        "polygon",
        "name",
        "oid",
        "bit",
        "interval",
        "refcursor",
        "pg_lsn",
        "character",
        "bpchar",
        "int4range",
        "int8range",
        "numrange",
        "daterange",
        "tsrange",
        "tstzrange",
        "int4multirange",
        "int8multirange",
        "nummultirange",
        "datemultirange",
        "tsmultirange",
        "tstzmultirange",
    ]
) | frozenset(_PRINTED.values())

_MYSQL = {
    "tinyint": "smallint",
    "mediumint": "integer",
    "int": "integer",
    "integer": "integer",
    "smallint": "smallint",
    "bigint": "bigint",
    "decimal": "numeric",
    "numeric": "numeric",
    "dec": "numeric",
    "fixed": "numeric",
    "float": "real",
    "double": "double precision",
    "real": "double precision",
    "bool": "boolean",
    "boolean": "boolean",
    "varchar": "character varying",
    "char": "character",
    "tinytext": "text",
    "text": "text",
    "mediumtext": "text",
    "longtext": "text",
    "date": "date",
    "datetime": "timestamp without time zone",
    "timestamp": "timestamp with time zone",
    "time": "interval",
    "year": "smallint",
    "json": "json",
    "binary": "bytea",
    "varbinary": "bytea",
    "tinyblob": "bytea",
    "blob": "bytea",
    "mediumblob": "bytea",
    "longblob": "bytea",
    "uuid": "uuid",
    "inet4": "inet",
    "inet6": "inet",
    "enum": "text",
    "set": "text",
    "bit": "bit",
}
_UNSIGNED = {"smallint": "integer", "integer": "bigint", "bigint": "numeric(20,0)"}
_SIZED = ("character varying", "character", "numeric")


def is_built_in(printed: str) -> bool:
    """Tell whether a printed type is one that every PostgreSQL has."""
    base = printed.partition("[")[0].partition("(")[0].strip()
    return base in _PLAIN or printed.startswith(("timestamp", "time", "interval", "bit"))


def read_type(cursor: Cursor) -> str:
    """Read a type, and give it as PostgreSQL's `format_type` prints it.

    A type of MySQL becomes the one that means the same in PostgreSQL, since that is what models
    know.
    """
    return _mysql(cursor) if cursor.mysql else _postgres(cursor)


def _postgres(cursor: Cursor) -> str:
    quoted = cursor.token is not None and cursor.token.kind == "quoted"
    parts = cursor.qualified()
    if len(parts) > 1 and parts[0] == "pg_catalog":
        parts = parts[1:]
    name = ".".join(parts)
    if name.startswith("public."):
        name = name.removeprefix("public.")
    if not quoted:
        if name in _MOMENTS:
            return _moment(cursor, name) + _lists(cursor)
        name = _words(cursor, name)
        name = _PRINTED.get(name, name)
    return name + _size(cursor, name) + _lists(cursor)


def _words(cursor: Cursor, name: str) -> str:
    """Read the further words of a type, its size between them put aside for `_size`."""
    if name == "double":
        cursor.take("PRECISION")
        return "double precision"
    if name in ("character", "char", "nchar", "bit") and cursor.take("VARYING"):
        return "bit varying" if name == "bit" else "character varying"
    if name == "national":
        cursor.take_one("CHARACTER", "CHAR")
        return "character varying" if cursor.take("VARYING") else "character"
    return name


def _size(cursor: Cursor, name: str) -> str:
    """Read a size in brackets, and the fields of an interval."""
    size = ""
    if cursor.sees("("):
        numbers = "".join(one.text for one in cursor.brackets())
        size = f"({numbers})"
    if name == "character" and not size:
        size = "(1)"
    if name == "numeric" and size and "," not in size:
        size = f"{size[:-1]},0)"
    if name == "interval":
        cursor.take_one("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
        if cursor.take("TO"):
            cursor.next()
    return size


def _moment(cursor: Cursor, name: str) -> str:
    size = ""
    if cursor.sees("("):
        size = "(" + "".join(one.text for one in cursor.brackets()) + ")"
    zone = cursor.take("WITH", "TIME", "ZONE") or name.endswith("tz")
    cursor.take("WITHOUT", "TIME", "ZONE")
    return f"{name.removesuffix('tz')}{size} {'with' if zone else 'without'} time zone"


def _lists(cursor: Cursor) -> str:
    found = ""
    if cursor.take("ARRAY"):
        found = "[]"
    while cursor.take("["):
        cursor.until("]")
        cursor.expect("]")
        found = "[]"
    return found


def _mysql(cursor: Cursor) -> str:
    name = cursor.name().lower()
    if name == "double":
        cursor.take("PRECISION")
    size = ""
    if cursor.sees("("):
        size = "(" + ",".join(one.text for one in cursor.brackets() if one.text != ",") + ")"
    unsigned = False
    while cursor.sees_one(("UNSIGNED", "SIGNED", "ZEROFILL", "BINARY")):
        unsigned = unsigned or cursor.sees_one(("UNSIGNED", "ZEROFILL"))
        cursor.next()
    if name == "tinyint" and size == "(1)":
        return "boolean"
    printed = _MYSQL.get(name, name)
    if unsigned and name not in ("tinyint", "mediumint"):
        printed = _UNSIGNED.get(printed, printed)
    if printed == "numeric":
        return f"numeric{size or '(10)'}".replace(")", ",0)" if "," not in size else ")")
    return f"{printed}{size}" if printed in _SIZED else printed
