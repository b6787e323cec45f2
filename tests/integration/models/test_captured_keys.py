"""Keys and edges of every type: what is equal in the database is equal in the engine's state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from streammesh.errors import MeshError, MeshErrors
from streammesh.local.stack import Stack
from streammesh.models.queries import preview_all, preview_key
from tests.integration.capture.captured import Captured
from tests.integration.models.column_values import SETUP
from tests.integration.models.followed import VIOLATION, Followed, following

KEYS: dict[str, tuple[str, str, str]] = {
    "char(5)": ("'a'", "'a b'", "'a    '"),
    "bpchar": ("'a'", "'b'", "'a  '"),
    "varchar(9)": ("'a'", "'A'", "'a'"),
    "text": ("'é'", "''", "'é'"),
    "public.citext": ("'a'", "'B'", "'a'"),
    "numeric(10,2)": ("1.0", "-0.05", "1.00"),
    "numeric(10,0)": ("'NaN'", "5", "'NaN'"),
    "numeric(30,2)": ("1.0", "'NaN'", "1.00"),
    "numeric": ("1.0", "'NaN'", "1.000"),
    "real": ("1.1", "'-0'", "1.1"),
    "double precision": ("0.3", "'-0'", "3e-1"),
    "bigint": ("9223372036854775807", "0", "9223372036854775807"),
    "boolean": ("true", "false", "true"),
    "date": ("'2026-01-31'", "'infinity'", "'2026-01-31'"),
    "time": ("'10:00'", "'10:00:00.000001'", "'10:00:00'"),
    "timestamp": ("'2026-01-31 10:00'", "'-infinity'", "'2026-01-31 10:00:00'"),
    "timestamptz": ("'2026-01-31 10:00+02'", "'0001-01-01 00:00+00'", "'2026-01-31 08:00+00'"),
    "uuid": (
        "'6BA7B810-9dad-11d1-80b4-00c04fd430c8'",
        "'00000000-0000-0000-0000-000000000000'",
        "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'",
    ),
    "bytea": ("'\\xFF00'", "'\\x'", "'\\xff00'"),
    "mood": ("'happy'", "'very sad'", "'happy'"),
    "amount": ("1.5", "2", "1.50"),
    "padded": ("'a'", "'b'", "'a     '"),
    "inet": ("'10.0.0.1'", "'::1'", "'10.0.0.1'"),
    "cidr": ("'10.0.0.0/8'", "'::/0'", "'10/8'"),
    "macaddr": ("'08:00:2b:01:02:03'", "'00:00:00:00:00:00'", "'08-00-2B-01-02-03'"),
    "int4range": ("'[1,5]'", "'empty'", "'[1,6)'"),
    "tstzrange": (
        "'[2026-01-31 10:00+02,)'",
        "'[-infinity,infinity]'",
        "'[2026-01-31 08:00+00,)'",
    ),
    "int4multirange": ("'{[1,2),[2,3)}'", "'{}'", "'{[1,3)}'"),
    "bit(5)": ("B'00001'", "B'10000'", "B'00001'"),
    "oid": ("1", "4294967295", "1"),
    "name": ("'a'", "'B'", "'a'"),
    "tsvector": ("'b a'", "'c:1'", "'a b'"),
    "interval": ("'1 day'", "'1 hour'", "'24:00'"),
    "numrange": ("'[1,2)'", "'empty'", "'[1.0,2.00)'"),
    "nummultirange": ("'{[1,2)}'", "'{}'", "'{[1.0,2)}'"),
    "timetz": ("'10:00+02'", "'10:00+01'", "'10:00:00+02'"),
    "varbit": ("B'1'", "B'01'", "B'1'"),
}
"""For each type two keys, and the first one written otherwise."""

KINDS = tuple(KEYS)
UNREAD = {"timetz", "varbit"}
NO_EDGE = {"public.citext", "interval", "numrange", "nummultirange", *UNREAD}
NO_ROOT = {"numeric", "real", "double precision", *UNREAD}

MANY = "(SELECT count(*) FROM shop.c{0} c WHERE c.ref = t.id)"
ROOT = f"SELECT t.id, t.n, {MANY} AS many FROM shop.t{{0}} t"
ALONE = "SELECT t.id, t.n FROM shop.t{0} t"
CHILD = "SELECT c.id, t.n FROM shop.c{0} c LEFT JOIN shop.t{0} t ON t.id = c.ref"
NUMBER = "SELECT c.id FROM shop.c{0} c"


def model(at: int, kind: str) -> list[str]:
    models = [] if kind in NO_ROOT else [ALONE if kind in NO_EDGE else ROOT]
    models.append(NUMBER if kind in NO_EDGE else CHILD)
    return [one.format(at) for one in models]


@pytest.fixture(scope="module")
def followed(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Followed]:
    tables = [f"public.{letter}{at}" for at, _ in enumerate(KINDS) for letter in "tc"]
    with closing(Captured(stack, tables)) as captured:
        with captured.superuser() as session:
            session.execute("CREATE EXTENSION citext")
        captured.run(*SETUP)
        for at, kind in enumerate(KINDS):
            first, second, again = KEYS[kind]
            captured.run(
                f"CREATE TABLE t{at} (id {kind} PRIMARY KEY, n int, big text)",
                f"CREATE TABLE c{at} (id int PRIMARY KEY, ref {kind})",
                f"INSERT INTO t{at} SELECT {first}, 1, string_agg(md5(i::text), '')"
                " FROM generate_series(1, 400) i",
                f"INSERT INTO t{at} VALUES ({second}, 2)",
                f"INSERT INTO c{at} VALUES (1, {again}), (2, {second}), (3, NULL)",
            )
        with following(captured, tmp_path_factory.mktemp("state")) as found:
            yield found


def check(followed: Followed) -> None:
    wrong = []
    for at, kind in enumerate(KINDS):
        for sql in model(at, kind):
            given, expected = followed.documents(sql)
            same = sorted(map(str, given.values())) == sorted(map(str, expected.values()))
            if not same:
                wrong.append(f"{kind}: {sql}\n  {given}\n  {expected}")
            if VIOLATION not in given.values() and given.keys() != expected.keys():
                wrong.append(f"{kind}: {sql}\n  {given.keys()}\n  {expected.keys()}")
    assert not wrong, "\n".join(wrong)


def test_keys_after_every_kind_of_change(followed: Followed) -> None:
    check(followed)
    everywhere = list(enumerate(KEYS.values()))
    followed.run(*(f"UPDATE t{at} SET n = n + 10" for at, _ in everywhere))
    check(followed)
    # the same key in other words: to the database the row's key has not changed
    followed.run(*(f"UPDATE t{at} SET id = {v[2]} WHERE n = 11" for at, v in everywhere))
    check(followed)
    followed.run(*(f"UPDATE c{at} SET ref = {v[0]} WHERE id <> 2" for at, v in everywhere))
    check(followed)
    # the other one goes, and the first takes its key, with its large value
    followed.run(
        *(f"DELETE FROM t{at} WHERE n = 12" for at, _ in everywhere),
        *(f"UPDATE t{at} SET id = {v[1]} WHERE n = 11" for at, v in everywhere),
    )
    check(followed)
    followed.run(
        *(f"INSERT INTO t{at} VALUES ({v[0]}, 13)" for at, v in everywhere),
        *(f"DELETE FROM c{at} WHERE id = 3" for at, _ in everywhere),
    )
    check(followed)


def test_large_values_go_with_their_key(followed: Followed) -> None:
    for at, _ in enumerate(KINDS):
        key = "n" if KINDS[at] in NO_ROOT else "id"
        if key == "id":
            given, expected = followed.documents(f"SELECT t.id, t.big FROM shop.t{at} t")
            assert sorted(map(str, given.values())) == sorted(map(str, expected.values()))


@pytest.mark.parametrize(
    ("kind", "errors"),
    [
        ("public.citext", ("EdgeNotComparable", "JoinNotUnique")),
        ("timetz", ("UnreadableColumn",)),
        ("numrange", ("EdgeNotComparable", "WrongTypes")),
        ("interval", ("EdgeNotComparable", "WrongTypes")),
        ("inet", ()),
        ("numeric", ()),
    ],
)
def test_what_decides_no_edge_is_refused(
    followed: Followed, kind: str, errors: tuple[str, ...]
) -> None:
    sql = CHILD.format(KINDS.index(kind))
    if not errors:
        followed.compiled(sql)
        return
    with pytest.raises((MeshError, MeshErrors)) as caught:
        followed.compiled(sql)
    found = caught.value.errors[0] if isinstance(caught.value, MeshErrors) else caught.value
    assert type(found).__name__ in errors
    assert found.fix


def test_each_document_is_found_by_its_key(followed: Followed) -> None:
    session = followed.captured.session
    for at, kind in enumerate(KINDS):
        if kind in NO_ROOT:
            continue
        found, _ = followed.compiled(ALONE.format(at))
        documents = session.execute(preview_all(found)).fetchall()
        assert documents
        for key, document in documents:
            given = f"\\x{key}" if kind == "bytea" else key
            again = session.execute(preview_key(found), {"k0": given}).fetchall()
            assert [one for _, one in again] == [document], kind
