"""Which field of the document a place in a model's text belongs to."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from streammesh.documents.values import ModelFile
from streammesh.errors import Location
from streammesh.errors.models import ModelError
from streammesh.models.parsing import parse_model, selects_of
from streammesh.models.positions import ModelText


def field_at(model: ModelFile, where: Location) -> str:
    """Give the field that is computed at a place of a model.

    Args:
        model: the model as written.
        where: a place in it.

    Returns:
        The dotted path, arrays with `[]`; empty where all fields depend on it: FROM, JOIN, WHERE,
        or a WITH.
    """
    try:
        text, tree = parse_model(model)
    except ModelError:
        return ""
    lines = model.text.split("\n")
    if not 0 < where.line <= len(lines):
        return ""
    offset = sum(len(one) + 1 for one in lines[: where.line - 1]) + where.column - 1
    names = [one.alias_or_name for one in selects_of(tree)[0].expressions]
    for select in selects_of(tree):
        for name, node in zip(names, select.expressions, strict=False):
            found = _within(text, node, name, offset)
            if found:
                return found
    return ""


def _within(text: ModelText, node: exp.Expr, path: str, offset: int) -> str:
    """Give the path of the field at a place within an expression; empty when it is elsewhere."""
    start, end = text.span(node)
    if not start <= offset < end:
        return ""
    for inner, name in _parts(node, path):
        found = _within(text, inner, name, offset)
        if found:
            return found
    return path


def _parts(node: exp.Expr, path: str) -> Iterator[tuple[exp.Expr, str]]:
    """Give the fields of the nearest objects in an expression."""
    struct = node.find(exp.Struct)
    if struct is None:
        return
    listed = struct.find_ancestor(exp.Select)
    inside = listed is not None and node.find(exp.Select) is not None
    stem = f"{path}[]" if inside else path
    for one in struct.expressions:
        if isinstance(one, exp.PropertyEQ):
            yield one.expression, f"{stem}.{one.this.name}"
