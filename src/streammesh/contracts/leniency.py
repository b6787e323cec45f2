"""A contract's types without its rules: what can be encoded, whatever the rules say."""

from __future__ import annotations

import msgspec

from streammesh.contracts.types import FREE, Array, Field, Map, Record, Text, Type


def lenient(record: Record) -> Record:
    """Give a document's fields without rules and without lengths of texts.

    Avro has neither, so what is encoded by these fields is read by the schema of the others.
    What Avro can't have stays refused: NULL in a required field, an unknown word of an enum, a
    number beyond its bits or digits.
    """
    return Record(tuple(_field(one) for one in record.fields))


def _field(field: Field) -> Field:
    return msgspec.structs.replace(field, type=_type(field.type), rules=FREE)


def _type(type_: Type) -> Type:
    match type_:
        case Record():
            return lenient(type_)
        case Array(items, required):
            return Array(_type(items), required)
        case Map(values, required):
            return Map(_type(values), required)
        case Text():
            return Text()
        case _:
            return type_
