"""Rules in SQL that a contract has for each document: compiled like a model's WHERE.

ODCS has them as `SELECT count(*) FROM {object} WHERE …`, with `{property}` for the property that
the rule stands at. A document for which the condition holds breaks the rule. The condition may say
what a model's WHERE may say, over the document's own fields: so it is computed in bulk, by SQLite.
"""

from __future__ import annotations

from sqlglot import exp

from streammesh.contracts.contract import Contract
from streammesh.contracts.quality import SqlRule
from streammesh.contracts.types import Array, Json, Map, Record, Type
from streammesh.documents.values import ModelFile, Secret, Source, TableName
from streammesh.errors import Location, MeshError
from streammesh.errors.contracts import BadRule
from streammesh.errors.rendering import flatten
from streammesh.models.condition import Condition
from streammesh.models.names import Names
from streammesh.models.opening import open_scope
from streammesh.models.parsing import parse
from streammesh.models.selects import Selects
from streammesh.models.storage import quote
from streammesh.models.tables import Column, Table

_OBJECT = "documents.document"
_NUMBER = "number of the document"


def compile_condition(rule: SqlRule, fields: Record, topic: str = "") -> Condition:
    """Compile a rule.

    Args:
        rule: as the contract says it.
        fields: of the document, as the model gives it; as the contract promises it where there is
            no model yet.
        topic: the product's, which keeps its documents apart from others'.

    Raises:
        BadRule: when it is no condition of a single document, or says what no model may say.
    """
    property_ = quote(rule.field) if rule.field else ""
    query = rule.query
    for mark, meant in (("{object}", _OBJECT), ("{property}", property_)):
        query = query.replace(f"${mark}", meant).replace(mark, meant)
    if "." in rule.field or "[]" in rule.field:
        raise _bad(rule, "it stands at a field within another", "put it at a field of the document")
    try:
        text, tree = parse(ModelFile("quality", query.rstrip().rstrip(";")))
        _check_shape(rule, tree)
        names = Names(text, _source(), (_table(fields, topic),))
        scope = open_scope(names, tree, None)
        rows = Selects(names).rows(scope)
        names.problems.finish()
    except BadRule:
        raise
    except MeshError as error:
        first = flatten(error)[0]
        raise _bad(rule, first.what, first.fix, first.why) from error
    first_row, _, where = rows
    (occurrence,) = scope.occurrences
    condition = "1" if where is None else where.engine
    return Condition(
        field=rule.field,
        name=rule.name,
        table=str(occurrence.table.name),
        number=_NUMBER,
        columns=tuple(sorted({ref.name for ref in names.read} - {_NUMBER})),
        query=f"SELECT {quote(occurrence.alias)}.{quote(_NUMBER)} FROM {first_row.engine}"
        f" WHERE ({condition})",
    )


def condition_errors(contract: Contract) -> tuple[MeshError, ...]:
    """Find what is wrong with a contract's rules in SQL, as far as its own fields tell."""
    errors: list[MeshError] = []
    for rule in contract.quality.sql:
        try:
            compile_condition(rule, contract.fields)
        except MeshError as error:
            errors += flatten(error)
    return tuple(errors)


def _check_shape(rule: SqlRule, tree: exp.Select) -> None:
    """Refuse what is not `SELECT count(*) FROM {object} WHERE …`."""
    form = "write SELECT count(*) FROM {object} WHERE … with a condition that no document may meet"
    only = tree.expressions[0] if len(tree.expressions) == 1 else None
    counted = only.unalias() if only is not None else None
    if not isinstance(counted, exp.Count) or not isinstance(counted.this, exp.Star):
        raise _bad(rule, "it doesn't count the documents that break it", form)
    if len(list(tree.find_all(exp.Select))) > 1 or tree.args.get("joins"):
        raise _bad(rule, "it looks at more than one document", form)
    origin = tree.args.get("from_")
    if origin is None or not isinstance(origin.this, exp.Table) or "{object}" not in rule.query:
        raise _bad(rule, "it doesn't read {object}", form)
    if tree.args.get("where") is None:
        raise _bad(rule, "it has no WHERE: each document would break it", form)


def _bad(rule: SqlRule, reason: str, fix: str | None, why: str | None = None) -> BadRule:
    return BadRule(
        field=rule.field or "the document", reason=reason, where=rule.where, fix=fix, why=why
    )


def _source() -> Source:
    """Give what stands in for a source: the documents themselves."""
    where = Location("quality")
    return Source("", "documents", "postgres", Secret("", where), (), (), 0, where)


def _table(fields: Record, topic: str) -> Table:
    columns = [Column(one.name, "", _readable(one.type), not one.required) for one in fields.fields]
    number = Column(_NUMBER, "", None, nullable=False)
    # no name of a table has a dot in its schema, so none of these is a source's
    name = TableName(f"quality {topic.replace('.', ' ')}".strip(), "document")
    return Table(name, (number, *columns), (_NUMBER,))


def _readable(type_: Type) -> Type | None:
    """Give a type that a condition can compare; None for lists, objects and JSON."""
    return None if isinstance(type_, Record | Array | Map | Json) else type_
