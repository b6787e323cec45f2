"""What Avro has no name for in a contract, and records that would have the same name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from streammesh.contracts.avro_names import NAME, proposal, record_name
from streammesh.contracts.contract import Contract
from streammesh.contracts.types import Array, Enum, Map, Record, Type
from streammesh.errors import MeshError
from streammesh.errors.contracts import BadAvroName, RecordTwice

KEY, VALUE = "Key", "Value"


def name_errors(contract: Contract) -> Iterator[MeshError]:
    """Find what Avro has no name for, and records that would have the same one."""
    records = {KEY: "the key itself", VALUE: "the document itself"}
    yield from _record_errors(contract, contract.fields, "", records)


def _record_errors(
    contract: Contract, record: Record, path: str, records: dict[str, str]
) -> Iterator[MeshError]:
    taken = {one.name for one in record.fields}
    for one in record.fields:
        below = f"{path}.{one.name}" if path else one.name
        if not NAME.match(one.name):
            proposed = proposal(one.name, taken)
            taken.add(proposed)
            where = contract.places.get(below)
            fix = f"write `{proposed}`"
            yield BadAvroName(name=one.name, what="a field's name", where=where, fix=fix)
        yield from _type_errors(contract, one.type, below, records)


def _type_errors(
    contract: Contract, type_: Type, path: str, records: dict[str, str]
) -> Iterator[MeshError]:
    match type_:
        case Array(items):
            yield from _type_errors(contract, items, f"{path}[]", records)
        case Map(values):
            yield from _type_errors(contract, values, f"{path}{{}}", records)
        case Record() | Enum():
            name = record_name(path)
            other = records.setdefault(name, path)
            if other != path:
                fix = f"give one of them another name, such as `{_other_name(path, records)}`"
                where = contract.places.get(path)
                yield RecordTwice(field=path, other=other, record=name, where=where, fix=fix)
            if isinstance(type_, Record):
                yield from _record_errors(contract, type_, path, records)


def _other_name(path: str, records: dict[str, str]) -> str:
    """Give a name for the last part of a path, whose record is called like no other."""
    last = re.sub(r"[^A-Za-z0-9_]", "", path.rpartition(".")[2]) or "part"
    number = 2
    while record_name(f"{path}_{number}") in records:
        number += 1
    return f"{last}_{number}"
