"""From what a JSON Schema refuses to errors in the words of this project, each at its place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jsonschema_rs

from streammesh.documents.names import RESERVED
from streammesh.documents.nearest import nearest
from streammesh.documents.own_words import said
from streammesh.documents.parsed import Parsed, dotted
from streammesh.errors import Location, MeshError
from streammesh.errors.documents import MissingField, UnknownField, WrongShape

Refusal = jsonschema_rs.ValidationError
Steps = Sequence[str | int]

UNEXPECTED = frozenset({"additionalProperties", "unevaluatedProperties"})

_WORDS = {
    "string": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "a mapping (`name: value`)",
    "null": "nothing",
}
_NAMED = {
    "SchemaProperty": "a property",
    "SchemaBaseProperty": "a property",
    "SchemaItemProperty": "`items`",
    "SchemaObject": "a schema object",
}
_LIMITS = {
    "minItems": ("must have at least {} entries", "add what is missing"),
    "maxItems": ("must have at most {} entries", "take some away"),
    "minLength": ("must have at least {} characters", "write something"),
    "maxLength": ("must have at most {} characters", "shorten it"),
    "minimum": ("must be at least {}", "write a larger number"),
    "maximum": ("must be at most {}", "write a smaller number"),
    "exclusiveMinimum": ("must be more than {}", "write a larger number"),
    "exclusiveMaximum": ("must be less than {}", "write a smaller number"),
    "minProperties": ("must have at least {} fields", "add what is missing"),
    "maxProperties": ("must have at most {} fields", "take some away"),
}


_CUT = re.compile(r"\d+\)\Z")
_UNQUOTED = "put the value before it in quotes: a comma in { } ends it"


class Translator:
    """Translates the refusals of one schema for one file.

    In a schema of our own, `x-label` says what a person calls a part, `x-hint` how to mend it, and
    `x-says` which error of ours a pattern stands for.
    """

    def __init__(self, schema: Mapping[str, Any], label: str, names: frozenset[str]) -> None:
        """Keep what is said of the schema.

        Args:
            schema: the JSON Schema.
            label: what a person calls a file of its kind.
            names: every field name that stands anywhere in it.
        """
        self._schema = schema
        self._label = label
        self._names = names

    def errors(
        self, refusal: Refusal, firm: Sequence[Steps], parsed: Parsed
    ) -> Iterator[MeshError]:
        """Give the errors of a refusal.

        Args:
            refusal: what the schema refused.
            firm: paths of all refusals that are not about unexpected fields.
            parsed: the file.
        """
        name, steps = refusal.kind.name, refusal.instance_path
        details = refusal.kind.as_dict()
        if name in UNEXPECTED:
            yield from self._unexpected(refusal, firm, parsed)
        elif name == "required":
            yield self._missing(refusal, parsed)
        elif name in ("anyOf", "oneOf"):
            yield from self._alternatives(refusal, firm, parsed)
        elif name in ("pattern", "not", "type"):
            yield self._said(refusal, parsed) or self._other(refusal, parsed)
        elif name in ("enum", "const"):
            yield _wrong_choice(steps, details, refusal.instance, parsed)
        elif name in _LIMITS:
            text, fix = _LIMITS[name]
            what = f"{_path(steps)} {text.format(details.get('limit'))}"
            yield WrongShape(what=what, where=parsed.place(*steps), fix=fix)
        else:
            yield self._other(refusal, parsed)

    def _unexpected(
        self, refusal: Refusal, firm: Sequence[Steps], parsed: Parsed
    ) -> Iterator[MeshError]:
        """Name the unknown fields.

        A known one is "unevaluated" only because something at or below it is wrong, which then is
        an error of its own.
        """
        steps = refusal.instance_path
        explained = any(other[: len(steps)] == steps for other in firm)
        around = self._definition(refusal)
        known = around.get("properties") or self._names
        for name in refusal.kind.as_dict()["unexpected"]:
            if (
                refusal.kind.name == "unevaluatedProperties"
                and name in self._names
                and (explained or isinstance(_value(refusal, name), list | dict))
            ):
                continue
            where = parsed.key(*steps, name)
            fix = _UNQUOTED if _CUT.match(name) else nearest(name, known)
            error = said(name, around, where, reserved=name in RESERVED)
            yield error or UnknownField(name=name, kind=self._call(refusal), where=where, fix=fix)

    def _missing(self, refusal: Refusal, parsed: Parsed) -> MeshError:
        name, instance = refusal.kind.as_dict()["property"], refusal.instance
        if name == "map" and isinstance(instance, Mapping) and "logicalType" not in instance:
            name = "logicalType"  # the standard's "if it is a map" also holds when nothing is said
        where = parsed.place(*refusal.instance_path)
        fix = self._definition(refusal).get("x-hint") or f"add `{name}`"
        return MissingField(name=name, kind=self._call(refusal), where=where, fix=fix)

    def _alternatives(
        self, refusal: Refusal, firm: Sequence[Steps], parsed: Parsed
    ) -> Iterator[MeshError]:
        """Report of the alternative that was most likely meant."""
        branches = refusal.kind.as_dict()["context"]
        names = [
            branch[0].kind.as_dict()["property"]
            for branch in branches
            if len(branch) == 1 and branch[0].kind.name == "required"
        ]
        wrong = [branch for branch in branches if branch]
        if len(wrong) < len(branches) or not wrong:
            yield self._too_many(refusal, wrong, parsed)
        elif len(names) == len(branches):
            where, fix = parsed.place(*refusal.instance_path), f"add `{names[0]}`"
            name = "` or `".join(names)
            yield MissingField(name=name, kind=self._call(refusal), where=where, fix=fix)
        else:
            at = len(refusal.instance_path)
            meant = max(wrong, key=lambda branch: (_depth(branch, at), -len(branch)))
            if _depth(meant, at) < 0:
                yield _wrong_type(refusal.instance_path, _types(wrong), refusal.instance, parsed)
                return
            for one in meant:
                yield from self.errors(one, firm, parsed)

    def _too_many(
        self, refusal: Refusal, wrong: Sequence[Sequence[Refusal]], parsed: Parsed
    ) -> MeshError:
        missing = {one.kind.as_dict().get("property") for branch in wrong for one in branch}
        node = self._definition(refusal).get(refusal.kind.name, ())
        wanted = [name for branch in node for name in branch.get("required", ())]
        both = [name for name in wanted if name not in missing]
        steps = refusal.instance_path
        if len(both) < 2:
            what = f"{_path(steps)} can be read in more than one way"
            return WrongShape(what=what, where=parsed.place(*steps), fix="say what is meant")
        what = "only one of " + ", ".join(f"`{name}`" for name in both) + " can be given"
        return WrongShape(what=what, where=parsed.key(*steps, both[1]), fix="keep one of them")

    def _said(self, refusal: Refusal, parsed: Parsed) -> MeshError | None:
        """Give the error that the schema names by `x-says`."""
        where, reserved = parsed.place(*refusal.instance_path), refusal.kind.name == "not"
        return said(refusal.instance, self._definition(refusal), where, reserved=reserved)

    def _other(self, refusal: Refusal, parsed: Parsed) -> MeshError:
        steps, details = refusal.instance_path, refusal.kind.as_dict()
        if refusal.kind.name == "type":
            return _wrong_type(steps, details["types"], refusal.instance, parsed)
        where, hint = parsed.place(*steps), self._definition(refusal).get("x-hint")
        if refusal.kind.name == "not":
            names = [str(name) for name in details["schema"].get("required", ())]
            what = f"`{'` and `'.join(names)}` can't stand here" if names else _refused(refusal)
            where = parsed.key(*steps, *names[:1])
            return WrongShape(what=what, where=where, fix=hint or "take it away")
        if refusal.kind.name == "pattern":
            fix = hint or f"write something that matches {details['pattern']}"
            return WrongShape(what=_refused(refusal), where=where, fix=fix)
        if refusal.kind.name == "uniqueItems":
            what, fix = f"{_path(steps)} has the same entry twice", "keep one of them"
            return WrongShape(what=what, where=_second(refusal, parsed), fix=fix)
        what = f"{_path(steps)}: {refusal.message[:200]}"
        return WrongShape(what=what, where=where, fix=hint)

    def _definition(self, refusal: Refusal) -> Mapping[str, Any]:
        """Give the part of the schema that refused."""
        node: Any = self._schema
        last = self._schema
        for step in refusal.schema_path[:-1]:
            node = node[int(step)] if isinstance(node, list) else node.get(step, {})
            last = node if isinstance(node, Mapping) else last
        return last

    def _call(self, refusal: Refusal) -> str:
        """Say what a person calls the thing that has or lacks a field."""
        label = self._definition(refusal).get("x-label")
        named = next((_NAMED[s] for s in reversed(refusal.schema_path) if s in _NAMED), None)
        path = dotted(refusal.instance_path)
        return str(label or named or (f"`{path}`" if path else self._label))


def _depth(branch: Sequence[Refusal], at: int) -> int:
    """Tell how deep an alternative's errors are; -1 when it has another type altogether."""
    if any(one.kind.name == "type" and len(one.instance_path) == at for one in branch):
        return -1
    return max(len(one.instance_path) for one in branch)


def _types(branches: Sequence[Sequence[Refusal]]) -> list[str]:
    found = [one.kind.as_dict().get("types", ()) for branch in branches for one in branch[:1]]
    return [name for names in found for name in names]


def _value(refusal: Refusal, name: str) -> object:
    return refusal.instance[name] if isinstance(refusal.instance, dict) else None


def _second(refusal: Refusal, parsed: Parsed) -> Location:
    """Give the place of the first entry that stood before."""
    steps, seen = refusal.instance_path, set()
    entries = refusal.instance if isinstance(refusal.instance, list) else []
    for index, one in enumerate(entries):
        text = json.dumps(one, sort_keys=True)
        if text in seen:
            return parsed.place(*steps, index)
        seen.add(text)
    return parsed.place(*steps)


def _path(steps: Steps) -> str:
    return f"`{dotted(steps)}`" if steps else "the document"


def _refused(refusal: Refusal) -> str:
    return f"{_path(refusal.instance_path)} can't be {_show(refusal.instance)}"


def _show(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f"`{text[:60]}…`" if len(text) > 60 else f"`{text}`"


def _wrong_type(steps: Steps, types: Sequence[str], value: object, parsed: Parsed) -> MeshError:
    wanted = " or ".join(dict.fromkeys(_WORDS.get(one, one) for one in types))
    what = f"{_path(steps)} must be {wanted}, not {_word(value)}"
    quotes = "string" in types and isinstance(value, int | float)
    fix = "put it in quotes" if quotes else f"write {wanted}"
    return WrongShape(what=what, where=parsed.place(*steps), fix=fix)


def _word(value: object) -> str:
    for kind, word in (
        (bool, _WORDS["boolean"]),
        (str, _WORDS["string"]),
        (int, _WORDS["integer"]),
        (float, _WORDS["number"]),
        (list, _WORDS["array"]),
        (dict, _WORDS["object"]),
    ):
        if isinstance(value, kind):
            return word
    return _WORDS["null"]


def _wrong_choice(
    steps: Steps, details: Mapping[str, Any], value: object, parsed: Parsed
) -> MeshError:
    options = details.get("options") or [details.get("expected_value")]
    what = f"{_path(steps)} can't be {_show(value)}"
    shown = [one if isinstance(one, str) else json.dumps(one) for one in options]
    return WrongShape(what=what, where=parsed.place(*steps), fix=nearest(str(value)[:80], shown))
