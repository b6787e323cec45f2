"""Expressions over integers that leave 64 bits in one row, which must not disturb the others."""

from __future__ import annotations

from tests.unit.models.support import table

TABLES = (
    table("t", "k", "k integer; m bigint; i bigint; d date; n integer; s text; small integer"),
)
ROWS = [
    {"k": 1, "m": -(2**63), "i": 5, "d": "2020-01-01Z", "n": -1, "s": "abc", "small": -(2**31)},
    {
        "k": 2,
        "m": 2**63 - 1,
        "i": 2**63 - 1,
        "d": "2020-01-01Z",
        "n": 2,
        "s": "abc",
        "small": 2**31 - 1,
    },
    {"k": 3, "m": 7, "i": 2, "d": "2020-01-01Z", "n": -1, "s": "abc", "small": -1},
]
EXPRESSIONS = """
t.d - t.m
t.d + t.m * 3
t.m + t.i
-t.m
abs(t.m)
t.m // t.n
t.m // -1
t.m % t.n
(-t.m) % 7
((t.m + 1) // 2) * 2
left(t.s, t.m * 3)
right(t.s, -t.m)
substring(t.s, -t.m, t.i)
right(t.s, t.small)
left(t.s, t.small)
substring(t.s, t.small, 5)
substring(t.s, 2, t.small)
concat(-t.m)
concat(t.m * 3)
CAST(t.m * t.i AS text)
coalesce(t.m + t.i, t.n)
(SELECT sum(-x.m) FROM shop.t x WHERE x.k = t.k)
(SELECT sum(abs(x.m)) FROM shop.t x WHERE x.k = t.k)
(SELECT sum(x.m // -1) FROM shop.t x WHERE x.k = t.k)
(SELECT max(x.m + x.i) FROM shop.t x WHERE x.k = t.k)
(SELECT list(x.m + x.i ORDER BY x.k) FROM shop.t x WHERE x.k = t.k)
""".strip().splitlines()
