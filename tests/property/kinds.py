"""The column types that generated tables have, and the few values that occur in them.

Few values, so that random statements meet each other's rows; among them those that engine and
database could see differently: empty and padded texts, ties, numbers of many digits, large texts.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A type of column.

    Attributes:
        name: what tests call it.
        sql: the type as PostgreSQL writes it.
        family: what may be compared and computed with each other.
        values: literals, as PostgreSQL and models take them.
        keys: literals for keys, the last one a spare; none where it can't be one.
        storage: how large values are stored, when not as usual.
        required: whether it is never NULL: of lists of some types Debezium doesn't tell NULL from
            a large value that was not sent.
    """

    name: str
    sql: str
    family: str
    values: tuple[str, ...]
    keys: tuple[str, ...] = ()
    storage: str = ""
    required: bool = False

    @property
    def constant(self) -> bool:
        """Whether models compare it with constants."""
        return self.family not in (*NOT_COMPARED, *ONLY_ALIKE, "large", "raw")

    @property
    def alike(self) -> bool:
        """Whether models take two of it for the same or not."""
        return self.family not in (*NOT_COMPARED, "large")

    @property
    def ordered(self) -> bool:
        """Whether models order by it."""
        return self.family not in (*NOT_COMPARED, "printed")

    @property
    def own(self) -> bool:
        """Whether it is a type of the tests' own, in schema `one`."""
        return self.name in ("mood", "positive")


NOT_COMPARED = ("json", "list", "unlike")
ONLY_ALIKE = ("float", "printed")
"""Families by what models do with them; `printed` are texts of what has an order of its own, and
`unlike` those of what the database takes for the same when the texts differ."""


def _uuid(number: int) -> str:
    return f"'0000000{number}-0000-4000-8000-0000000000a{number}'"


_UUIDS = tuple(_uuid(number) for number in range(1, 6))

INTEGER = Kind(
    "integer", "integer", "number", ("0", "1", "2", "7", "-3"), ("1", "2", "3", "4", "9")
)
BIG_TEXT = Kind(
    "large",
    "text",
    "large",
    ("''", "'short'", "repeat('x', 9000)", "repeat('é', 5000)"),
    storage="EXTERNAL",
)

FLOATS = (
    Kind("single", "real", "float", ("1.1", "'-0'", "'NaN'", "'-Infinity'", "16777217", "1e-30")),
    Kind(
        "double",
        "double precision",
        "float",
        ("0.30000000000000004", "'-0'", "0", "'NaN'", "'Infinity'", "1e22", "5e-324"),
    ),
)
_ADDRESSES = ("'10.0.0.1'", "'10.0.0.1/8'", "'::1'", "'9.0.0.1'", "'::ffff:1.2.3.4'")
_RANGES = ("'[1,5)'", "'empty'", "'(,3]'", "'[2,)'", "'(,)'")
PRINTED = (
    Kind("address", "inet", "printed", _ADDRESSES, _ADDRESSES),
    Kind("network", "cidr", "printed", ("'10.0.0.0/8'", "'::/0'")),
    Kind("card", "macaddr", "printed", ("'08:00:2b:01:02:03'", "'00-00-00-00-00-00'")),
    Kind("numbers", "int4range", "printed", _RANGES, _RANGES),
    Kind("spread", "int4multirange", "printed", ("'{[1,5),[7,)}'", "'{}'")),
    Kind("days", "daterange", "printed", ("'[2026-01-01,2026-02-01]'", "'[,infinity)'", "'empty'")),
    Kind("locals", "tsrange", "printed", ("'[2026-01-01 10:00,2026-02-01 00:00:00.5)'", "'(,)'")),
    Kind(
        "moments",
        "tstzrange",
        "printed",
        ("'[2026-01-01 10:00+02,2026-07-01 00:00:00.123456-05:45)'", "'[-infinity,)'", "'empty'"),
    ),
    Kind("amounts", "numrange", "unlike", ("'[1.50,2)'", "'[1.5,2.0)'", "'(,0]'")),
    Kind(
        "bits",
        "bit(5)",
        "printed",
        ("'10101'", "'00001'", "'00000'"),
    ),
    Kind(
        "span",
        "interval",
        "unlike",
        ("'1 day'", "'24:00'", "'1 year 2 mons -3 days -04:05:06.789'", "'0'"),
    ),
)
LISTS = (
    Kind("words", "text[]", "list", ("'{}'", '\'{a,"x, y","","NULL",é}\'', "'{a}'")),
    Kind("wholes", "integer[]", "list", ("'{}'", "'{1,-2147483648,1}'")),
    Kind("longs", "bigint[]", "list", ("'{}'", "'{9223372036854775807}'")),
    Kind("uids", "uuid[]", "list", (f"ARRAY[{_UUIDS[0]}, {_UUIDS[1]}]::uuid[]", "'{}'")),
    Kind("jsons", "jsonb[]", "list", ("ARRAY['{\"b\": 1, \"a\": [1.5]}', '3']::jsonb[]", "'{}'")),
    Kind("flags", "boolean[]", "list", ("'{}'", "'{t,f}'"), required=True),
    Kind("prices", "numeric(8,2)[]", "list", ("'{}'", "'{1.50,-0.05}'"), required=True),
    Kind("dates", "date[]", "list", ("'{}'", "'{2026-01-31,1999-12-31}'"), required=True),
    Kind("times", "timestamp[]", "list", ("'{2026-01-31 10:00:00.5}'", "'{}'"), required=True),
    Kind(
        "instants", "timestamptz[]", "list", ("'{2026-01-31 10:00:00.5+02}'", "'{}'"), required=True
    ),
    Kind("raws", "bytea[]", "list", ("'{\"\\\\x00ff\"}'", "'{}'"), required=True),
    Kind("doubles", "double precision[]", "list", ("'{1.1,NaN,-Infinity}'", "'{}'"), required=True),
    Kind("shorts", "smallint[]", "list", ("'{1,2}'", "'{}'"), required=True),
)

KINDS = (
    INTEGER,
    Kind("small", "smallint", "number", ("0", "1", "5", "-1"), ("1", "2", "3", "4", "9")),
    Kind(
        "big",
        "bigint",
        "huge",
        ("0", "1", "9007199254740993", "-9223372036854775807"),
        ("1", "2", "9007199254740993", "9007199254740992", "9"),
    ),
    Kind(
        "money",
        "numeric(8,2)",
        "number",
        ("0", "0.10", "12.50", "-5.25", "999.99"),
        ("1.00", "1.10", "2.50", "-3", "9"),
    ),
    Kind(
        "wide",
        "numeric(30,4)",
        "huge",
        ("0", "1.5", "12345678901234567890.1234", "-98765432109876543210.0001"),
        ("1", "1.5", "12345678901234567890.1234", "12345678901234567890.1235", "9"),
    ),
    Kind(
        "text",
        "text",
        "text",
        ("''", "'a'", "'B'", "'b'", "'é'", "'日本'", "'it''s \"so\"'", "'a '"),
        ("'a'", "'A'", "'é'", "''", "'z'"),
    ),
    Kind(
        "short",
        "varchar(10)",
        "text",
        ("''", "'a'", "'b '", "'Z'"),
        ("'a'", "'b'", "'B'", "'c d'", "'z'"),
    ),
    Kind(
        "padded",
        "char(3)",
        "text",
        ("'a'", "'b'", "''", "'a b'"),
        ("'a'", "'b'", "'abc'", "'B'", "'z'"),
    ),
    BIG_TEXT,
    Kind("flag", "boolean", "flag", ("true", "false"), ("true", "false")),
    Kind(
        "day",
        "date",
        "day",
        ("'2000-02-29'", "'1999-12-31'", "'2026-06-30'"),
        ("'2000-02-29'", "'1999-12-31'", "'2026-06-30'", "'2026-07-01'", "'1970-01-01'"),
    ),
    Kind("clock", "time", "clock", ("'00:00'", "'10:00:00.5'", "'23:59:59.999999'")),
    Kind(
        "local", "timestamp", "local", ("'2026-01-31 10:00:00.123456'", "'1969-12-31 23:59:59.9'")
    ),
    Kind(
        "moment",
        "timestamptz",
        "moment",
        (
            "'2026-01-31 10:00+02'",
            "'2026-06-30 22:30:00.1+00'",
            "'1999-12-31 23:59:59.999999-05:45'",
        ),
        (
            "'2026-01-31 10:00+02'",
            "'2026-01-31 10:00+00'",
            "'2026-06-30 22:30:00.1+00'",
            "'1999-01-01 00:00+00'",
        ),
    ),
    Kind("uid", "uuid", "uid", _UUIDS[:3], _UUIDS),
    Kind(
        "document",
        "jsonb",
        "json",
        ('\'{"b": 1, "a": [1, 2.5, null]}\'', "'[]'", "'null'", "'\"x\"'"),
    ),
    Kind("written", "json", "json", ("'{\"b\" : 1}'", "'[]'", "'3'")),
    Kind(
        "raw",
        "bytea",
        "raw",
        ("'\\x'", "'\\x00ff'", "'\\xDEAD'"),
        ("'\\x'", "'\\x00'", "'\\x01'", "'\\xff'"),
    ),
    *FLOATS,
    *PRINTED,
    *LISTS,
    Kind("mood", "mood", "text", ("'sad'", "'very happy'"), ("'sad'", "'very happy'", "'calm'")),
    Kind("positive", "positive", "number", ("1", "2", "3"), ("1", "2", "3", "4", "9")),
)
"""All; `mood` is an enum, `positive` a domain over integer, both in schema `one`."""

TYPES = (
    "CREATE TYPE one.mood AS ENUM ('sad', 'very happy', 'calm')",
    "CREATE DOMAIN one.positive AS integer CHECK (VALUE > 0)",
)

KEY_KINDS = tuple(one for one in KINDS if one.keys)
