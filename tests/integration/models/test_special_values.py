"""Values that no document can show, in every meaning: what comes of them equals the database's, or
is a violation; it never stops the engine or the database's query, and is never another value.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from streammesh.errors import MeshError
from streammesh.local.stack import Stack
from tests.integration.capture.captured import Captured
from tests.integration.models.followed import VIOLATION, Followed, following

COLUMNS = (
    "d date, ts timestamp, tz timestamptz, p numeric(10,2), w numeric(30,4), n numeric, r real,"
    " f float8"
)
ROWS = (
    "(1, 'infinity', 'infinity', 'infinity', 'NaN', 'NaN', 'NaN', 'NaN', 'NaN',"
    " '{NULL,NULL}', '{{a},{b}}', '{\"a\": 1e400}')",
    "(2, '-infinity', '-infinity', '-infinity', 1, 1, 'Infinity', 'Infinity', '-Infinity',"
    " '{{1,2}}', '{a,NULL}', '{\"a\": 1}')",
    "(3, '10000-01-01', '10000-01-01', '10000-01-01', -5, -5, '-Infinity', -1, -1,"
    " '{}', '{}', '[1]')",
    "(4, '2026-01-31', '0044-01-01 BC', '0044-01-01 BC', 0, 0, 0, 0, 0,"
    " '{1,NULL,3}', '{x}', 'null')",
    "(5, '2026-01-31', '2026-01-31 10:00', '2026-01-31 10:00', 12.34, 12.3456, 12.345678, 1.5, 2.5,"
    " '{1,2,3}', '{a,b}', '{\"a\": \"x\"}')",
    "(6, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
)
COMPUTED = """
t.d = DATE '2026-01-31'
t.d + 1
t.d - 1
CAST(t.d AS text)
CAST(t.ts AS text)
CAST(t.tz AS text)
CAST(t.ts AS date)
CAST(t.tz AS date)
CAST(t.d AS timestamp)
CAST(t.tz AS timestamp)
extract(year FROM t.d)
extract(month FROM t.ts)
extract(day FROM t.tz)
extract(hour FROM t.ts)
extract(dow FROM t.d)
extract(epoch FROM t.tz)
extract(quarter FROM t.d)
extract(week FROM t.d)
extract(doy FROM t.d)
year(t.d)
month(t.ts)
date_trunc('month', t.ts)
date_trunc('day', t.tz)
date_trunc('year', t.d)
t.ts + INTERVAL 1 DAY
t.ts + INTERVAL '2 hours'
t.d + INTERVAL '1 month'
t.d - t.d
t.ts - t.ts
strftime(t.d, '%Y')
date_diff('day', t.d, t.d)
t.p + 1
t.p * t.p
t.p - t.w
t.w + 1
t.w * 2
-t.p
-t.w
abs(t.p)
abs(t.w)
round(t.p, 1)
round(t.w, 2)
floor(t.p)
ceil(t.w)
trunc(t.p)
t.p / 2
t.w / 3
t.p // 2
t.p % 3
t.w % 3
CAST(t.p AS text)
CAST(t.w AS text)
CAST(t.p AS integer)
CAST(t.w AS decimal(38,6))
CAST(t.p AS decimal(10,0))
greatest(t.p, 5)
least(t.w, 5)
t.p = t.w
t.p > t.w
t.w > 3
t.p BETWEEN 0 AND 5
sign(t.p)
coalesce(t.p, 0)
coalesce(t.w, 0)
nullif(t.p, 0)
CASE WHEN t.p > 3 THEN t.w ELSE t.p END
concat(t.p, 'x')
t.p || 'x'
concat_ws('-', t.d, t.ts)
t.n = t.n
t.n > t.n
t.n + 1
abs(t.n)
CAST(t.n AS text)
greatest(t.n, t.n)
coalesce(t.n, 0)
t.r = t.f
t.r + 1
t.f > t.f
CAST(t.n AS decimal(20,4)) * 2
CAST(t.f AS integer)
CAST(t.r AS double precision)
round(t.n, 2)
round(t.f)
greatest(t.d, DATE '2026-01-01')
least(t.ts, t.ts)
t.n IN (1,2)
coalesce(t.f, t.r)
t.n IS NULL
len(t.l)
len(t.tx)
cardinality(t.l)
array_length(t.l)
list_contains(t.l, 1)
t.l[1]
t.tx[1]
t.tx[1:1]
t.l = t.l
coalesce(t.l, [])
t.l IS NULL
array_to_string(t.tx, ',')
t.j->>'a'
t.j->'a'
CAST(t.j->>'a' AS text)
t.j IS NULL
list_contains(t.tx, 'a')
"""
GATHERED = """
min(c.d)
max(c.d)
max(c.ts)
min(c.tz)
min(c.p)
max(c.p)
max(c.w)
min(c.w)
sum(c.p)
sum(c.w)
avg(c.p)
avg(c.w)
max(c.n)
sum(c.n)
sum(c.r)
max(c.f)
count(DISTINCT c.p)
count(DISTINCT c.w)
count(DISTINCT c.n)
count(DISTINCT c.f)
count(DISTINCT c.d)
list(c.id ORDER BY c.d)
list(c.id ORDER BY c.w DESC)
list(c.id ORDER BY c.p)
list(c.id ORDER BY c.n)
list(DISTINCT c.d ORDER BY c.d)
list(DISTINCT c.n ORDER BY c.n)
list(DISTINCT c.w ORDER BY c.w)
string_agg(CAST(c.p AS text), ',' ORDER BY c.id)
bool_or(c.p > 3)
max(c.ts) > TIMESTAMP '2026-01-01 00:00:00'
median(c.p)
"""
MODELS = (
    *(f"SELECT t.id, {one} AS v FROM shop.t t" for one in COMPUTED.strip().splitlines()),
    *(
        f"SELECT t.id, (SELECT {one} FROM shop.c c WHERE c.t_id = t.id) AS v FROM shop.t t"
        for one in GATHERED.strip().splitlines()
    ),
    "SELECT t.id FROM shop.t t WHERE t.p > 3 AND t.ts < TIMESTAMP '2030-01-01 00:00:00'",
    "SELECT t.id FROM shop.t t WHERE t.tz > TIMESTAMPTZ '2026-01-01 00:00:00+00:00'",
)
LEAST_COMPILED = 80
ORDINARY = (5,)
"""The row whose values can all be shown."""


@pytest.fixture(scope="module")
def followed(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Followed]:
    with closing(Captured(stack, ["public.t", "public.c"])) as captured:
        captured.run(
            f"CREATE TABLE t (id int PRIMARY KEY, {COLUMNS}, l int[], tx text[], j jsonb)",
            f"CREATE TABLE c (id int PRIMARY KEY, t_id int, {COLUMNS})",
            f"INSERT INTO t VALUES {', '.join(ROWS)}",
            "INSERT INTO c SELECT t.id * 10 + k, k, d, ts, tz, p, w, n, r, f"
            " FROM t, generate_series(1, 2) k",
            "INSERT INTO c SELECT 500 + t.id, t.id, d, ts, tz, p, w, n, r, f FROM t WHERE id > 2",
        )
        with following(captured, tmp_path_factory.mktemp("state")) as found:
            yield found


def test_special_values_in_every_meaning(followed: Followed) -> None:
    compiled, wrong = 0, []
    for sql in MODELS:
        try:
            followed.compiled(sql)
        except MeshError:
            continue  # a meaning that takes no such value says so
        compiled += 1
        given, expected = followed.documents(sql)
        wrong += [
            f"{sql} {key}: {given.get(key)} / {expected.get(key)}"
            for key in given.keys() | expected.keys()
            if given.get(key) != expected.get(key)
            and (given.get(key) != VIOLATION or (key == ORDINARY and " c." not in sql))
        ]
    assert not wrong, "\n".join(wrong)
    assert compiled >= LEAST_COMPILED
