"""Functions for which sqlglot has no node of their own, or none with their meaning."""

from __future__ import annotations

from typing import ClassVar

from sqlglot import exp


class JsonArrayLength(exp.Expression, exp.Func):
    """`json_array_length(a)`."""

    arg_types: ClassVar[dict[str, bool]] = {"this": True}


class EqualsAny(exp.Expression, exp.Func):
    """`a = ANY(list)`."""

    arg_types: ClassVar[dict[str, bool]] = {"this": True, "expression": True}


class Epoch(exp.Expression, exp.Func):
    """`extract(epoch FROM a)`."""

    arg_types: ClassVar[dict[str, bool]] = {"this": True}


class SecondsBetween(exp.Expression, exp.Func):
    """`extract(epoch FROM a - b)`."""

    arg_types: ClassVar[dict[str, bool]] = {"this": True, "expression": True}


class Shifted(exp.Expression, exp.Func):
    """`a + INTERVAL n unit`; `number` and `unit` are constants."""

    arg_types: ClassVar[dict[str, bool]] = {"this": True, "number": True, "unit": True}
