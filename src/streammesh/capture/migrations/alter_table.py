"""ALTER TABLE: each of its actions, applied to the table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from streammesh.capture.migrations import constraints
from streammesh.capture.migrations.alter_column import alter_column, missing
from streammesh.capture.migrations.columns import add, drop, read_definition, rename
from streammesh.capture.migrations.cursor import Cursor, Name
from streammesh.capture.migrations.effects import Effect, Note, Verdict
from streammesh.capture.migrations.mysql_columns import change_column, modify_column, placed
from streammesh.capture.migrations.schema import Relation
from streammesh.documents.values import TableName
from streammesh.models.tables import Table

_CONSTRAINTS = ("CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "EXCLUDE", "NOT")
_INDEXES = ("INDEX", "KEY", "FULLTEXT", "SPATIAL")


def alter_table(cursor: Cursor, effect: Effect) -> Effect:
    """Apply ALTER TABLE; the words ALTER TABLE have been read.

    Raises:
        Unread: it has a part that is not known.
    """
    cursor.take("IF", "EXISTS")
    cursor.take("ONLY")
    written = cursor.qualified()
    cursor.take("*")
    name = effect.schema.find(written)
    if name not in effect.schema.relations:
        return _not_captured(cursor, effect, name)
    while True:
        effect, name = _action(cursor, effect, name)
        if cursor.done:
            return effect
        cursor.expect(",")


def _not_captured(cursor: Cursor, effect: Effect, name: TableName) -> Effect:
    """Follow a table that nobody captures as far as it can become one that is."""
    table = Relation(Table(name, (), ()), known=False)
    if cursor.sees("RENAME") and not cursor.sees("RENAME", "COLUMN"):
        if cursor.sees("RENAME", "TO") or cursor.mysql:
            return _rename(cursor, effect, table)[0]
    elif cursor.sees("SET", "SCHEMA"):
        return _action(cursor, effect.put(table), name)[0]
    elif cursor.take("INHERIT"):
        return _inherited(effect, cursor.qualified(), str(name))
    cursor.until()
    return effect.harmless(f"{name} is not captured")


def _action(cursor: Cursor, effect: Effect, name: TableName) -> tuple[Effect, TableName]:
    """Apply one action, and give what the table is called then."""
    relation = effect.schema.relations[name]
    if cursor.sees("RENAME"):
        return _rename(cursor, effect, relation)
    if cursor.take("SET", "SCHEMA"):
        return _moved(effect, relation, TableName(cursor.name(), name.name))
    for first, apply in _ACTIONS.items():
        if cursor.take(*first):
            return apply(cursor, effect, relation), name
    return _passed_over(cursor, effect), name


def _rename(cursor: Cursor, effect: Effect, relation: Relation) -> tuple[Effect, TableName]:
    cursor.expect("RENAME")
    name = relation.name
    if cursor.take("CONSTRAINT") or cursor.take("INDEX") or cursor.take("KEY"):
        old = cursor.name()
        cursor.expect("TO")
        return constraints.rename_constraint(effect, relation, old, cursor.name()), name
    if cursor.take("TO") or (cursor.mysql and cursor.take("AS")):
        new = cursor.qualified()
        return _moved(
            effect, relation, TableName(new[-2] if len(new) > 1 else name.schema, new[-1])
        )
    cursor.take("COLUMN")
    old = cursor.name()
    if cursor.mysql and cursor.done:
        return _moved(effect, relation, TableName(name.schema, old))
    cursor.expect("TO")
    new_name = cursor.name()
    if not relation.has(old):
        return missing(effect, relation, old), name
    return rename(effect, relation, old, new_name), name


def _moved(effect: Effect, relation: Relation, new: TableName) -> tuple[Effect, TableName]:
    """Give a table another name or schema."""
    table = replace(relation.table, name=new)
    if not relation.known and new not in effect.schema.source.tables:
        return effect.harmless(f"{relation.name} is not captured").without(relation.name), new
    return effect.put(replace(relation, table=table), relation.name), new


def _add(cursor: Cursor, effect: Effect, relation: Relation) -> Effect:
    if cursor.sees_one(_CONSTRAINTS):
        return constraints.add_constraint(cursor, effect, relation)
    if cursor.mysql and cursor.sees_one(_INDEXES):
        cursor.until(",")
        return effect.harmless("an index says nothing to a model")
    if cursor.mysql and cursor.take("PARTITION"):
        cursor.until(",")
        return effect.harmless("a partition is empty to begin with")
    cursor.take("COLUMN")
    exists = cursor.take("IF", "NOT", "EXISTS")
    if not cursor.take("("):
        return _add_one(cursor, effect, relation, exists=exists)
    while True:
        effect = _add_one(cursor, effect, effect.schema.relations[relation.name], exists=exists)
        if cursor.take(")"):
            return effect
        cursor.expect(",")


def _add_one(cursor: Cursor, effect: Effect, relation: Relation, *, exists: bool) -> Effect:
    found = read_definition(cursor, effect.schema)
    effect_of = add(effect, relation, found)
    changed = effect_of.schema.relations[relation.name]
    effect_of = effect_of.put(placed(cursor, changed, found.column.name))
    if not relation.has(found.column.name):
        return effect_of
    said = f"{relation.name} has a column {found.column.name} already"
    return effect.harmless(said) if exists else effect.unjudged(f"{said}: this fails")


def _drop(cursor: Cursor, effect: Effect, relation: Relation) -> Effect:
    if cursor.take("CONSTRAINT"):
        cursor.take("IF", "EXISTS")
        effect = constraints.drop_constraint(effect, relation, cursor.name())
    elif cursor.take("PRIMARY", "KEY"):
        effect = constraints.drop_primary(effect, relation)
    elif cursor.mysql and cursor.take_one("INDEX", "KEY"):
        cursor.take("IF", "EXISTS")
        effect = drop_index_of(effect, relation, cursor.name())
    elif cursor.mysql and (cursor.take("FOREIGN", "KEY") or cursor.take("CHECK")):
        cursor.name()
        effect = effect.harmless("it is no key of the table")
    elif cursor.mysql and cursor.take("PARTITION"):
        cursor.until(",")
        effect = effect.values(relation, "", "the partition's rows go")
    else:
        effect = _drop_column(cursor, effect, relation)
    cursor.take_one("CASCADE", "RESTRICT")
    return effect


def _drop_column(cursor: Cursor, effect: Effect, relation: Relation) -> Effect:
    cursor.take("COLUMN")
    exists = cursor.take("IF", "EXISTS")
    name = cursor.name()
    if relation.has(name):
        return drop(effect, relation, name)
    said = f"{relation.name} has no column {name}"
    return effect.harmless(said) if exists else missing(effect, relation, name)


def drop_index_of(effect: Effect, relation: Relation, name: str) -> Effect:
    """Drop an index of a table by its name."""
    found = constraints.drop_unique(effect, relation, name)
    if found is not None:
        return found
    return replace(effect, unique_unsure=(*effect.unique_unsure, relation.name))


def _identity(cursor: Cursor, effect: Effect, relation: Relation) -> Effect:
    if cursor.take("USING", "INDEX"):
        index = cursor.name()
        return effect.unjudged(
            f"whether the index {index} holds the primary key, which capturing needs"
        )
    said = cursor.next().text.lower()
    if said not in ("default", "full", "nothing"):
        raise cursor.unread()
    effect = effect.put(replace(relation, table=replace(relation.table, replica_identity=said)))
    words = {"full": "changes carry the whole old row", "default": "changes carry the old key"}
    return effect.harmless(words[said]) if said in words else effect


def _logged(_: Cursor, effect: Effect, relation: Relation, *, logged: bool) -> Effect:
    return effect.put(replace(relation, logged=logged))


def _inherit(cursor: Cursor, effect: Effect, relation: Relation) -> Effect:
    return _inherited(effect, cursor.qualified(), str(relation.name))


def _inherited(effect: Effect, parent: Name, child: str) -> Effect:
    found = effect.schema.get(parent)
    if found is None:
        return effect.harmless("neither table is captured")
    return effect.put(replace(found, children=(*found.children, child)))


def _attach(cursor: Cursor, effect: Effect, relation: Relation) -> Effect:
    cursor.expect("PARTITION")
    part = ".".join(cursor.qualified())
    cursor.until()
    return effect.values(relation, "", f"the rows of {part} come")


def _detach(cursor: Cursor, effect: Effect, relation: Relation) -> Effect:
    cursor.expect("PARTITION")
    part = ".".join(cursor.qualified())
    cursor.until()
    return effect.values(relation, "", f"the rows of {part} go")


def _row_security(cursor: Cursor, effect: Effect, relation: Relation, *, on: bool) -> Effect:
    cursor.until(",")
    if not on:
        return effect.harmless("row security hides less than before")
    words = f"whether the role that captures {relation.name} still sees all rows"
    return effect.note(Note(Verdict.UNJUDGED, words, relation.origin))


_HARMLESS = {
    ("OWNER", "TO"): "an owner says nothing to a model",
    ("SET", "TABLESPACE"): "where it is stored says nothing to a model",
    ("SET", "("): "how it is stored says nothing to a model",
    ("RESET", "("): "how it is stored says nothing to a model",
    ("SET", "WITHOUT"): "how it is stored says nothing to a model",
    ("SET", "ACCESS"): "how it is stored says nothing to a model",
    ("CLUSTER", "ON"): "the order of rows on disk says nothing to a model",
    ("VALIDATE", "CONSTRAINT"): "existing values stay as they are",
    ("ENABLE", "REPLICA"): "which triggers run where says nothing of captured rows",
    ("ENABLE", "KEYS"): "an index says nothing to a model",
    ("DISABLE", "KEYS"): "an index says nothing to a model",
    ("NO", "INHERIT"): "it stands alone then",
    ("ENGINE",): "how it is stored says nothing to a model",
    ("AUTO_INCREMENT",): "it is about rows to come",
    ("COMMENT",): "a comment says nothing to a model",
    ("ROW_FORMAT",): "how it is stored says nothing to a model",
    ("ALGORITHM",): "how it is done says nothing to a model",
    ("LOCK",): "how it is done says nothing to a model",
    ("FORCE",): "how it is stored says nothing to a model",
    ("ORDER", "BY"): "the order of rows on disk says nothing to a model",
}
_UNJUDGED = {
    ("ENABLE",): "what the trigger or rule does",
    ("DISABLE",): "what the trigger or rule did",
    ("CONVERT", "TO"): "which texts another character set or collation takes for the same",
    ("DEFAULT", "CHARACTER"): "which character set columns get from now on",
    ("CHARACTER", "SET"): "which character set columns get from now on",
    ("COLLATE",): "which texts another collation takes for the same",
    ("OF",): "a table of a type",
    ("NOT", "OF"): "a table of a type",
}


def _passed_over(cursor: Cursor, effect: Effect) -> Effect:
    """Say what an action means that leaves the columns and keys as they are.

    Raises:
        Unread: it is none that is known.
    """
    for words, said in _HARMLESS.items():
        if cursor.sees(*words):
            cursor.until(",")
            return effect.harmless(said)
    for words, said in _UNJUDGED.items():
        if cursor.sees(*words):
            cursor.until(",")
            return effect.unjudged(said)
    raise cursor.unread()


Action = Callable[[Cursor, Effect, Relation], Effect]

_ACTIONS: dict[tuple[str, ...], Action] = {
    ("ADD",): _add,
    ("DROP",): _drop,
    ("REPLICA", "IDENTITY"): _identity,
    ("INHERIT",): _inherit,
    ("ATTACH",): _attach,
    ("DETACH",): _detach,
    ("SET", "LOGGED"): partial(_logged, logged=True),
    ("SET", "UNLOGGED"): partial(_logged, logged=False),
    ("ENABLE", "ROW"): partial(_row_security, on=True),
    ("FORCE", "ROW"): partial(_row_security, on=True),
    ("DISABLE", "ROW"): partial(_row_security, on=False),
    ("NO", "FORCE", "ROW"): partial(_row_security, on=False),
    ("ALTER",): alter_column,
    ("MODIFY",): modify_column,
    ("CHANGE",): change_column,
}
