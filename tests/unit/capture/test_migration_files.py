"""Migrations' files: what of them is a statement, and what can't be read."""

from pathlib import Path

import pytest

from streammesh.capture.migrations.statements import read_migration
from streammesh.capture.migrations.text import MAX_BYTES, read_file
from streammesh.documents.files import source_text
from streammesh.errors import MeshError
from streammesh.errors.documents import NotText, UnreadableFile
from streammesh.errors.migrations import MigrationSyntax, MigrationTooLarge


def texts(sql: str, dialect: str = "postgres") -> list[str]:
    read = read_migration(source_text("m.sql", sql.encode()), dialect)
    return [one.text for one in read.statements]


@pytest.mark.parametrize("sql", ["", "  \n", "-- nothing\n/* nor /* here */ */ ;;", "\ufeff"])
def test_without_statements(sql: str) -> None:
    assert texts(sql) == []


def test_statements_are_cut_where_the_database_does() -> None:
    sql = """SELECT 'a;''b', E'c\\';', "d;e" -- f;
, $x$ g; $$ h; $x$, $1 /* i; */;
CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END;
COMMIT"""
    found = texts(sql)
    assert [one.split()[0] for one in found] == ["SELECT", "CREATE", "COMMIT"]
    assert found[0] == """SELECT 'a;''b', E'c\\';', "d;e" , $x$ g; $$ h; $x$, $1"""


def test_each_statement_knows_its_place() -> None:
    read = read_migration(source_text("m.sql", b"BEGIN;\r\n\r\n  /* x */ COMMIT;"), "postgres")
    assert [str(one.where) for one in read.statements] == ["m.sql:1:1", "m.sql:3:11"]


@pytest.mark.parametrize(
    "mark", ["-- +goose Down", "-- migrate:down", "-- +migrate Down", "-- //@UNDO"]
)
def test_the_way_back_is_left_out(mark: str) -> None:
    sql = f"-- +goose Up\nALTER TABLE a ADD b int;\n{mark}\nALTER TABLE a DROP b;\n"
    read = read_migration(source_text("m.sql", sql.encode()), "postgres")
    assert [one.text for one in read.statements] == ["ALTER TABLE a ADD b int"]
    assert str(read.left_out) == "m.sql:3:1"


def test_rows_of_copy_are_no_statements() -> None:
    sql = "COPY a FROM stdin;\n1\tit's; (x\n\\.\n\nCOMMIT;\n\\connect other\n"
    assert texts(sql) == ["COPY a FROM stdin", "COMMIT", "\\connect other"]


@pytest.mark.parametrize(
    ("sql", "place", "said"),
    [
        ("BEGIN;\nUPDATE a SET b = 'c", "m.sql:2:18", "the quote ' is never closed"),
        ('ALTER TABLE "a DROP b', "m.sql:1:13", 'the quote " is never closed'),
        ("DO $x$ BEGIN $$", "m.sql:1:4", "the quote $x$ is never closed"),
        ("BEGIN; /* a /* b */", "m.sql:1:8", "the comment is never closed"),
        ("CREATE TABLE a (b int;\nCOMMIT", "m.sql:1:16", "this bracket is never closed"),
        ("CREATE TABLE a b int);", "m.sql:1:21", "this bracket was never opened"),
    ],
)
def test_what_is_not_closed_is_shown(sql: str, place: str, said: str) -> None:
    with pytest.raises(MigrationSyntax) as raised:
        texts(sql)
    assert (str(raised.value.where), said in raised.value.what) == (place, True)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"\x7fELF\x02\x01\x00\x00", NotText),
        ("ALTER TABLE städte ADD x int;".encode("latin-1"), NotText),
        ("ALTER TABLE a ADD x int;".encode("utf-16"), NotText),
        (b" " * (MAX_BYTES + 1), MigrationTooLarge),
    ],
    ids=["binary", "latin-1", "utf-16", "huge"],
)
def test_files_that_are_no_migration(tmp_path: Path, data: bytes, error: type[MeshError]) -> None:
    path = tmp_path / "m.sql"
    path.write_bytes(data)
    with pytest.raises(error):
        read_file(path)


def test_files_that_are_not_there(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.sql"):
        with pytest.raises(UnreadableFile):
            read_file(path)


def test_a_large_file_takes_no_long() -> None:
    rows = ", ".join(f"({number}, 'x')" for number in range(20_000))
    found = texts(f"INSERT INTO a VALUES {rows};\n" + "UPDATE a SET b = 1;\n" * 5_000)
    assert len(found) == 5_001
