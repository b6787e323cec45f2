"""Each statement of a migration applied to the tables: the first words say how."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from streammesh.capture.migrations import objects, tables
from streammesh.capture.migrations.alter_table import alter_table
from streammesh.capture.migrations.cursor import Cursor, Unread
from streammesh.capture.migrations.effects import Effect
from streammesh.capture.migrations.rows import change_rows, copy_rows
from streammesh.capture.migrations.schema import Schema
from streammesh.capture.migrations.statements import MYSQL, Migration, Statement
from streammesh.errors.migrations import MigrationSyntax


@dataclass(frozen=True)
class Step:
    """A statement and what it does.

    Attributes:
        statement: the statement.
        before: the tables before it.
        effect: what it does.
    """

    statement: Statement
    before: Schema
    effect: Effect


def apply(migration: Migration, schema: Schema) -> Iterator[Step]:
    """Apply a migration's statements one after the other.

    Args:
        migration: the statements.
        schema: the tables as they stand.

    Raises:
        MigrationSyntax: a statement begins with a word that begins none.
    """
    begun = schema
    for statement in migration.statements:
        effect = _applied(statement, schema, migration.dialect)
        if statement.tokens and statement.tokens[0].word in ("BEGIN", "START"):
            begun = schema
        if statement.tokens and _gives_up([one.word for one in statement.tokens]):
            effect = replace(effect, schema=begun)
        yield Step(statement, schema, effect)
        schema = effect.schema


def _gives_up(words: list[str]) -> bool:
    return words[0] in ("ROLLBACK", "ABORT") and "TO" not in words and "PREPARED" not in words


def _applied(statement: Statement, schema: Schema, dialect: str) -> Effect:
    effect = Effect(schema)
    if not statement.tokens:
        return effect.unjudged("what the client reads by itself")
    try:
        return _read(statement, effect, dialect)
    except Unread as unread:
        token = unread.token
        said = "it ends too early" if token is None else f"`{token.text[:40]}` is not known here"
        return effect.unjudged(said)


def _read(statement: Statement, effect: Effect, dialect: str) -> Effect:
    cursor = Cursor(statement, mysql=dialect in MYSQL)
    if cursor.sees_one(_ABOUT_ROWS):
        return change_rows(statement, dialect, effect)
    for words, read in _READERS.items():
        if cursor.take(*words):
            found = read(cursor, effect)
            cursor.end()
            return found
    if cursor.sees("SELECT"):
        return change_rows(statement, dialect, effect)
    return _by_words(cursor, effect, statement)


def _by_words(cursor: Cursor, effect: Effect, statement: Statement) -> Effect:
    """Judge a statement by its first words alone.

    Raises:
        MigrationSyntax: no statement begins so.
    """
    for words, said in _HARMLESS.items():
        if cursor.sees(*words):
            return effect.harmless(said)
    for words, said in _UNJUDGED.items():
        if cursor.sees(*words):
            return effect.unjudged(said)
    if cursor.sees_one(_KNOWN_FIRST):
        return effect.unjudged("what it does is not known here")
    said = statement.tokens[0].text[:40]
    raise MigrationSyntax(problem=f"`{said}` begins no statement", where=statement.where)


Reader = Callable[[Cursor, Effect], Effect]


def _set(cursor: Cursor, effect: Effect) -> Effect:
    """Apply SET: the search path is where names without a schema are looked up."""
    cursor.take_one("LOCAL", "SESSION")
    if not cursor.take("SEARCH_PATH"):
        cursor.until()
        return effect.harmless("it is about the session")
    if not cursor.take("="):
        cursor.expect("TO")
    names = _path(cursor)
    path = effect.schema.path if names == ("DEFAULT",) else names
    schema = replace(effect.schema, path=path)
    return replace(effect, schema=schema).harmless("names are looked up there")


def _path(cursor: Cursor) -> tuple[str, ...]:
    found = []
    while not cursor.done:
        token = cursor.next()
        name = token.text if token.kind != "word" else token.text.lower()
        found.append("DEFAULT" if token.word == "DEFAULT" else name)
        cursor.take(",")
    return tuple(one for one in found if one not in ("$user", ""))


def _use(cursor: Cursor, effect: Effect) -> Effect:
    """Apply MySQL's USE: the database is what PostgreSQL calls a schema."""
    schema = replace(effect.schema, path=(cursor.name(),))
    return replace(effect, schema=schema).harmless("names are looked up there")


def _set_config(cursor: Cursor, effect: Effect) -> Effect:
    """Apply what pg_dump writes for SET search_path."""
    cursor.expect("(")
    setting = cursor.string()
    cursor.expect(",")
    value = cursor.string()
    cursor.until(")")
    cursor.expect(")")
    if setting != "search_path":
        return effect.harmless("it is about the session")
    path = tuple(one.strip(' "') for one in value.split(",") if one.strip(' "'))
    schema = replace(effect.schema, path=path or ("pg_catalog",))
    return replace(effect, schema=schema).harmless("names are looked up there")


def _move_tables(cursor: Cursor, effect: Effect) -> Effect:
    """Apply ALTER SCHEMA … RENAME TO: every table in it is called otherwise."""
    old = cursor.name()
    if not cursor.take("RENAME", "TO"):
        cursor.until()
        return effect.harmless("an owner says nothing to a model")
    new = cursor.name()
    for name, relation in list(effect.schema.relations.items()):
        if name.schema == old:
            table = replace(relation.table, name=replace(name, schema=new))
            effect = effect.put(replace(relation, table=table), name)
    return effect


def _temporary(cursor: Cursor, effect: Effect) -> Effect:
    cursor.until()
    return effect.harmless("it is gone with the session")


_create, _unlogged = (partial(tables.create_table, logged=one) for one in (True, False))
_index, _unique_index = (partial(objects.create_index, unique=one) for one in (False, True))

_READERS: dict[tuple[str, ...], Reader] = {
    ("ALTER", "TABLE"): alter_table,
    ("ALTER", "FOREIGN", "TABLE"): _temporary,
    ("ALTER", "IGNORE", "TABLE"): alter_table,
    ("ALTER", "ONLINE", "TABLE"): alter_table,
    ("ALTER", "INDEX"): objects.alter_index,
    ("ALTER", "TYPE"): objects.alter_type,
    ("ALTER", "DOMAIN"): objects.alter_domain,
    ("ALTER", "SCHEMA"): _move_tables,
    ("ALTER", "PUBLICATION"): objects.publication,
    ("CREATE", "TABLE"): _create,
    ("CREATE", "UNLOGGED", "TABLE"): _unlogged,
    ("CREATE", "TEMP", "TABLE"): _temporary,
    ("CREATE", "TEMPORARY", "TABLE"): _temporary,
    ("CREATE", "INDEX"): _index,
    ("CREATE", "UNIQUE", "INDEX"): _unique_index,
    ("CREATE", "TYPE"): objects.create_type,
    ("CREATE", "DOMAIN"): objects.create_domain,
    ("DROP", "TABLE"): tables.drop_table,
    ("DROP", "INDEX"): objects.drop_index,
    ("DROP", "TYPE"): objects.drop_type,
    ("DROP", "DOMAIN"): objects.drop_type,
    ("DROP", "SCHEMA"): tables.drop_schema,
    ("DROP", "PUBLICATION"): objects.publication,
    ("RENAME",): tables.rename_tables,
    ("TRUNCATE",): tables.truncate,
    ("COPY",): copy_rows,
    ("SELECT", "PG_CATALOG", ".", "SET_CONFIG"): _set_config,
    ("SELECT", "SET_CONFIG"): _set_config,
    ("SET",): _set,
    ("USE",): _use,
}

_SESSION = "it is about the session"
_RIGHTS = "rights of others say nothing to a model"
_ASIDE = "no table changes"
_MAINTAINED = "no values change"

_HARMLESS: dict[tuple[str, ...], str] = {
    **dict.fromkeys(
        [("BEGIN",), ("START", "TRANSACTION"), ("COMMIT",), ("END",), ("SAVEPOINT",)], _SESSION
    ),
    **dict.fromkeys([("RELEASE",), ("RESET",), ("SHOW",), ("LOCK",), ("UNLOCK",)], _SESSION),
    **dict.fromkeys([("ROLLBACK",), ("ABORT",)], "what stands before it is given up"),
    **dict.fromkeys([("DISCARD",), ("DEALLOCATE",), ("LISTEN",), ("NOTIFY",)], _SESSION),
    **dict.fromkeys([("COMMENT",), ("SECURITY", "LABEL")], "a comment says nothing to a model"),
    **dict.fromkeys([("GRANT",), ("CREATE", "ROLE"), ("CREATE", "USER")], _RIGHTS),
    **dict.fromkeys([("ALTER", "DEFAULT", "PRIVILEGES"), ("CREATE", "GROUP")], _RIGHTS),
    **dict.fromkeys([("ANALYZE",), ("VACUUM",), ("REINDEX",), ("CHECKPOINT",)], _MAINTAINED),
    **dict.fromkeys([("CLUSTER",), ("REFRESH",), ("OPTIMIZE",), ("EXPLAIN",)], _MAINTAINED),
    **dict.fromkeys(
        [
            (verb, *words)
            for verb in ("CREATE", "ALTER", "DROP")
            for words in (("SEQUENCE",), ("MATERIALIZED",), ("COLLATION",), ("STATISTICS",))
        ],
        _ASIDE,
    ),
    **dict.fromkeys(
        [
            (verb, *words)
            for verb in ("CREATE", "ALTER", "DROP")
            for words in (("VIEW",), ("OR", "REPLACE", "VIEW"), ("TABLESPACE",), ("CAST",))
        ],
        _ASIDE,
    ),
    ("CREATE", "RECURSIVE", "VIEW"): _ASIDE,
    ("CREATE", "TEMP"): _ASIDE,
    ("CREATE", "TEMPORARY"): _ASIDE,
    ("CREATE", "OR", "REPLACE", "RECURSIVE"): _ASIDE,
    ("CREATE", "OR", "REPLACE", "TEMP"): _ASIDE,
    ("CREATE", "SCHEMA"): _ASIDE,
    ("CREATE", "EXTENSION"): _ASIDE,
    ("CREATE", "PUBLICATION"): "streammesh captures by its own",
    ("CREATE", "FOREIGN"): _ASIDE,
    ("CREATE", "SERVER"): _ASIDE,
    ("CREATE", "DATABASE"): "it is another database",
}

_CODE = ("FUNCTION", "PROCEDURE", "TRIGGER", "EVENT", "RULE", "AGGREGATE", "OPERATOR", "ROUTINE")
_UNJUDGED: dict[tuple[str, ...], str] = {
    ("DO",): "procedural code (DO): what it does to tables",
    ("CALL",): "what the procedure does",
    ("EXECUTE",): "dynamic SQL: what the prepared statement does",
    ("PREPARE",): "dynamic SQL: what the prepared statement does",
    ("REVOKE",): "whether the role that captures the source loses a right",
    ("CREATE", "POLICY"): "whether the role that captures the source still sees all rows",
    ("ALTER", "POLICY"): "whether the role that captures the source still sees all rows",
    ("DROP", "POLICY"): "whether the role that captures the source still sees all rows",
    ("DROP", "OWNED"): "which tables the role owns",
    ("DROP", "EXTENSION"): "which types and columns go with the extension",
    ("DROP", "DATABASE"): "whether it is the source's own",
    ("ALTER", "SYSTEM"): "what the server's settings mean to capturing",
    ("ALTER", "DATABASE"): "what the database's settings mean to capturing",
    **{
        ("DROP", one): "whether it is the role that captures the source" for one in ("ROLE", "USER")
    },
    **{
        ("ALTER", one): "whether it is the role that captures the source"
        for one in ("ROLE", "USER")
    },
    **{("CREATE", one): f"procedural code: what the {one.lower()} does" for one in _CODE},
    **{
        ("CREATE", "OR", "REPLACE", one): f"procedural code: what the {one.lower()} does"
        for one in _CODE
    },
    ("CREATE", "CONSTRAINT", "TRIGGER"): "procedural code: what the trigger does",
    ("CREATE", "EVENT", "TRIGGER"): "procedural code: what the trigger does",
    ("CREATE", "DEFINER"): "procedural code: what it does",
    **{("DROP", one): f"what the {one.lower()} did" for one in _CODE},
    **{("ALTER", one): f"procedural code: what the {one.lower()} does" for one in _CODE},
}
_ABOUT_ROWS = ("INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "WITH", "VALUES", "TABLE", "(")
_KNOWN_FIRST = frozenset(
    [
        "ALTER",
        "CREATE",
        "DROP",
        "IMPORT",
        "LOAD",
        "DECLARE",
        "FETCH",
        "MOVE",
        "CLOSE",
        "UNLISTEN",
        "REASSIGN",
        "HANDLER",
        "KILL",
        "FLUSH",
        "PURGE",
        "CHANGE",
        "STOP",
        "INSTALL",
        "UNINSTALL",
        "CHECK",
        "REPAIR",
        "XA",
        "SIGNAL",
        "GET",
        "DESCRIBE",
        "DESC",
        "HELP",
    ]
)
