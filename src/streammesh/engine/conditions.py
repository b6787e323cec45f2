"""Rules in SQL, held against documents in bulk."""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from streammesh.contracts.types import Record
from streammesh.contracts.violations import Violation
from streammesh.deployments.deployment import ProductDeployment
from streammesh.engine.state import State
from streammesh.models.condition import Condition
from streammesh.models.storage import column_ddl, quote
from streammesh.models.uncomputable import Uncomputable

_UNCOMPUTABLE = (Uncomputable, apsw.Error, ValueError, TypeError, ArithmeticError)


class Conditions:
    """The rules in SQL of one product."""

    def __init__(self, state: State, deployment: ProductDeployment) -> None:
        """Make the table that documents are put into."""
        self._state = state
        self._conditions = deployment.conditions
        table = quote(deployment.conditions[0].table)
        number = quote(deployment.conditions[0].number)
        read = sorted({name for one in self._conditions for name in one.columns})
        columns = "".join(f", {quote(n)} {_ddl(deployment.model.fields, n)}" for n in read)
        state.execute(f"DROP TABLE IF EXISTS temp.{table}")
        state.execute(f"CREATE TEMP TABLE {table} ({number} INTEGER PRIMARY KEY{columns})")
        values = "".join(f", json_extract(?2, {_path(name)})" for name in read)
        self._insert = f"INSERT INTO temp.{table} SELECT ?1{values}"
        self._empty = f"DELETE FROM temp.{table}"

    def violated(self, texts: Sequence[str]) -> dict[int, Violation]:
        """Give the documents that break a rule, the first of it, by their index.

        Args:
            texts: documents as the model gave them, JSON in state form.
        """
        self._state.execute(self._empty)
        try:
            self._state.executemany(self._insert, enumerate(texts))
        except _UNCOMPUTABLE:
            return self._one_by_one(texts)
        found: dict[int, Violation] = {}
        for one in self._conditions:
            for number in self._numbers(one, len(texts)):
                violation = Violation(f"breaks the rule: {one.name}", one.field)
                found.setdefault(number, violation)
        return found

    def _one_by_one(self, texts: Sequence[str]) -> dict[int, Violation]:
        """Find the documents that can't be looked at, and keep them from the others."""
        if len(texts) == 1:
            return {0: Violation("can't be held against a rule in SQL: it is no JSON")}
        found = {}
        for index, text in enumerate(texts):
            for violation in self.violated([text]).values():
                found[index] = violation
        return found

    def _numbers(self, condition: Condition, count: int) -> list[int]:
        """Give the documents that break a rule, and those of which it can't be computed."""
        try:
            return [number for (number,) in self._state.rows(condition.query)]
        except _UNCOMPUTABLE:
            narrow = f"{condition.query} AND {quote(condition.number)} = ?"
            return [n for n in range(count) if self._breaks(narrow, n)]

    def _breaks(self, query: str, number: int) -> bool:
        try:
            return bool(self._state.rows(query, (number,)))
        except _UNCOMPUTABLE:
            return True


def _ddl(fields: Record, name: str) -> str:
    field = fields.field(name)
    return column_ddl(None if field is None else field.type)


def _path(name: str) -> str:
    path = '$."' + name + '"'
    return "'" + path.replace("'", "''") + "'"
