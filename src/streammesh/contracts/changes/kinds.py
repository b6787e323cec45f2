"""The table: every kind of change, and what it means for a consumer. See docs/compatibility.md."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Meaning(enum.Enum):
    """What a change means for a consumer that did all right so far."""

    COMPATIBLE = "compatible"
    WITH_CARE = "compatible with care"
    BREAKING = "breaking"


class Registry(enum.Enum):
    """What a schema registry says of a change at the level FULL_TRANSITIVE."""

    REFUSES = "refuses"
    WHERE_REQUIRED = "refuses where required"
    SILENT = "no schema shows it"
    OF_THE_KEY = "sees the key's own schema"
    ALLOWS = "allows"


class Part(enum.IntEnum):
    """The part of a semantic version that a change raises."""

    PATCH = 1
    MINOR = 2
    MAJOR = 3


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
        change: what changes, in words.
        meaning: what it means for a consumer.
        registry: what the registry says of it.
        why: one sentence.
        adds: whether a compatible change gives consumers something new.
    """

    change: str
    meaning: Meaning
    registry: Registry
    why: str
    adds: bool = False

    @property
    def part(self) -> Part:
        """The part of the version that it raises."""
        if self.meaning is Meaning.BREAKING:
            return Part.MAJOR
        return Part.MINOR if self.adds or self.meaning is Meaning.WITH_CARE else Part.PATCH


def _breaking(change: str, why: str, registry: Registry = Registry.SILENT) -> Row:
    return Row(change, Meaning.BREAKING, registry, why)


def _refused(change: str, why: str) -> Row:
    return _breaking(change, why, Registry.REFUSES)


def _with_care(change: str, why: str) -> Row:
    return Row(change, Meaning.WITH_CARE, Registry.SILENT, why)


def _compatible(change: str, why: str, *, adds: bool = False) -> Row:
    return Row(change, Meaning.COMPATIBLE, Registry.ALLOWS, why, adds)


_KEPT_BACK = "a document that breaks it is kept back, and its key keeps its last valid event"
_WIDER = "values may come that could not come before"


class Kind(enum.Enum):
    """A kind of change; its value is its row of the table."""

    FIELD_ADDED_OPTIONAL = _compatible(
        "field added, optional or with a default",
        "who doesn't know it passes over it, and older events give null or the default",
        adds=True,
    )
    FIELD_ADDED_REQUIRED = _refused(
        "field added, required without a default",
        "events that were written before don't have it, so no reader of the new schema reads them",
    )
    FIELD_REMOVED_REQUIRED = _refused(
        "field removed, required without a default", "consumers rely on its being there"
    )
    FIELD_REMOVED_OPTIONAL = _breaking(
        "field removed, optional or with a default",
        "a reader of the old schema takes null or the default for it, and nothing tells it so",
    )
    FIELD_RENAMED = _breaking(
        "field renamed", "for a consumer it is another field", Registry.WHERE_REQUIRED
    )
    FIELD_MOVED = _breaking(
        "field moved into or out of an object",
        "a consumer looks for it where it was",
        Registry.WHERE_REQUIRED,
    )
    TYPE_WIDENED = _refused(
        "type widened, such as integer to bigint",
        "a reader of the old schema can't read the wider number",
    )
    TYPE_NARROWED = _refused(
        "type narrowed, such as bigint to integer",
        "a reader of the new schema can't read what was written before",
    )
    TYPE_REPLACED = _refused(
        "type replaced by another", "neither schema reads what the other wrote"
    )
    TYPE_READ_OTHERWISE = _breaking(
        "type replaced by one that has the same form in Avro, such as a day by an integer",
        "the same bytes are read as something else",
    )
    SIZE_WIDENED = _with_care(
        "size widened within a type: a longer text, smallint to integer",
        f"{_WIDER}, and a consumer's column may be too small",
    )
    SIZE_NARROWED = _with_care("size narrowed within a type", _KEPT_BACK)
    DECIMAL_SCALE = _breaking(
        "scale of a decimal", "the same bytes are another number: Avro has the digits alone"
    )
    DECIMAL_PRECISION = _breaking(
        "precision of a decimal",
        "Avro's decimals match only with the same precision, though no registry looks",
    )
    MADE_REQUIRED = _refused("optional to required", "earlier events may lack it")
    MADE_OPTIONAL = _refused("required to optional", "consumers don't expect null")
    DEFAULT_ADDED = _compatible(
        "default of a required field added", "a reader takes it for what is missing", adds=True
    )
    DEFAULT_CHANGED = _with_care(
        "default of a required field changed", "older events that lack it read as another value"
    )
    DEFAULT_REMOVED = _breaking(
        "default of a required field removed",
        "events that lack it can't be read any more; it shows against the schema before the last",
    )
    ENUM_VALUE_ADDED = _with_care(
        "enum value added: a valid value, or a word of an Avro enum that had `unknown`",
        "a consumer meets a value that it has never seen",
    )
    ENUM_VALUE_REMOVED = _with_care(
        "enum value removed: a valid value, or a word of an Avro enum that has `unknown`",
        "it doesn't come any more, and who waits for it waits in vain",
    )
    ENUM_WORD_ADDED = _refused(
        "word added to an Avro enum that had no `unknown`",
        "a reader of the old schema can't read the new word",
    )
    ENUM_WORD_REMOVED = _refused(
        "word removed from an Avro enum that has no `unknown`",
        "a reader of the new schema can't read an earlier event that has it",
    )
    ENUM_UNKNOWN_CHANGED = _with_care(
        "`unknown` of an Avro enum given or changed", "words that are not known read as another one"
    )
    ENUM_UNKNOWN_REMOVED = _breaking(
        "`unknown` of an Avro enum removed",
        "words that were removed earlier can't be read any more; it shows against older schemas",
    )
    FORMAT_LOOSENED = _with_care("format loosened: pattern, length, bounds, multiple", _WIDER)
    FORMAT_TIGHTENED = _with_care("format tightened", _KEPT_BACK)
    UNIT_CHANGED = _breaking("unit changed", "the same number means another amount")
    UNIT_SAID = _with_care(
        "unit said for the first time, or no longer", "a consumer may have taken it for another one"
    )
    MEANING_CHANGED = _breaking(
        "meaning: description or computation of a critical field",
        "what is critical is used by its meaning, and that is another one now",
    )
    DESCRIPTION_CHANGED = _compatible(
        "description: of a field that is not critical, or of the document",
        "values are what they were",
    )
    CLASSIFICATION_RAISED = _with_care(
        "classification raised", "a consumer has to keep it more carefully"
    )
    CLASSIFICATION_RESTRICTED = _breaking(
        "classification raised to `restricted`",
        "who reads it needs a grant for it, and loses it without",
    )
    CLASSIFICATION_LOWERED = _compatible("classification lowered", "who may read it still may")
    CLASSIFICATION_CHANGED = _with_care(
        "classification changed to or from a word of one's own",
        "only a person can tell which is higher",
    )
    KEY = _breaking(
        "key",
        "events of one document have another key, and join with nothing older",
        Registry.OF_THE_KEY,
    )
    PARTITIONS = _breaking(
        "partition count", "a key's later events come in another partition than its earlier ones"
    )
    ORDERING = _breaking(
        "ordering: of a list's elements, or of events by `history`",
        "what comes first, or that each commit comes, is something that consumers count on",
    )
    HISTORY_KEPT = _with_care(
        "history from `latest` to `every-commit`", "more events come for the same documents"
    )
    CLEANUP = _breaking(
        "cleanup between `compact` and `append`",
        "a reader from the start gets another set of events, and deletions end otherwise",
    )
    RETENTION_SHORTENED = _breaking(
        "retention shortened, or no longer promised",
        "a consumer that was away, or starts anew, misses events",
    )
    RETENTION_LENGTHENED = _compatible(
        "retention lengthened", "what could be read can still be read"
    )
    TOMBSTONES_SHORTENED = _breaking(
        "tombstones kept shorter", "a consumer that was away misses deletions, and can't tell"
    )
    TOMBSTONES_LENGTHENED = _compatible("tombstones kept longer", "no deletion is missed by it")
    TRIGGER = _with_care("trigger", "events come at other moments than the contract said")
    FILTER = _breaking(
        "filter of the model: WHERE, the root, what is joined to it, SELECTs of a UNION ALL",
        "other documents are in the product: some may come, some be deleted",
    )
    COMPUTATION = _with_care(
        "computation of a field in the model",
        "its values may differ from earlier ones of the same rows",
    )
    LIMITS = _with_care(
        "largest document or transaction",
        "a consumer's buffers may be too small, or a transaction come in parts",
    )
    VIOLATIONS = _with_care(
        "what happens on a violation", "what breaks a rule comes, or is kept back, where it wasn't"
    )
    SLA_LOOSENED = _with_care(
        "SLA loosened, taken away, or changed in a way that can't be compared",
        "less is promised than consumers may have promised to others",
    )
    SLA_TIGHTENED = _compatible("SLA tightened or added", "more is promised", adds=True)
    QUALITY_LOOSENED = _with_care("quality rule loosened or taken away", _WIDER)
    QUALITY_TIGHTENED = _with_care("quality rule tightened", _KEPT_BACK)
    QUALITY_ADDED = _with_care("quality rule added", _KEPT_BACK)
    OWNER = _compatible("owner changed", "somebody else is to be asked")
    SUPPORT = _compatible("support changed", "help is found elsewhere")
    SUPPORT_REMOVED = _with_care(
        "owner or support taken away", "nobody is named who would be asked"
    )
    STATUS_READY = _compatible(
        "status raised: proposed, draft, active; or no longer deprecated",
        "it can be relied on",
        adds=True,
    )
    STATUS_LOWERED = _with_care(
        "status lowered, or deprecated", "consumers should look for what comes next"
    )
    STATUS_RETIRED = _breaking("status retired", "no more events come")

    @property
    def row(self) -> Row:
        """Its row of the table."""
        found: Row = self.value
        return found


def table() -> str:
    """Give the table as Markdown."""
    head = "| change | for a consumer | registry | why |\n|---|---|---|---|\n"
    return head + "".join(_line(kind.row) for kind in Kind)


def _line(row: Row) -> str:
    return f"| {row.change} | {row.meaning.value} | {row.registry.value} | {row.why} |\n"
