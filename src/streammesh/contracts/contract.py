"""A contract as types: what the document of a port holds, what its key is, and where it says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from streammesh.contracts.keys import read_key
from streammesh.contracts.properties import Properties
from streammesh.contracts.quality import Quality, read_quality
from streammesh.contracts.types import Field, Record
from streammesh.documents.values import ContractFile
from streammesh.errors import Location, MeshError, MeshErrors
from streammesh.errors.contracts import NoSchema


@dataclass(frozen=True)
class Contract:
    """What a port promises of its documents.

    Attributes:
        key: the fields of the key, in key order; all required, all also in `fields`.
        fields: the whole document.
        topic: `physicalName` as written, None when there is none.
        description: what a document is, in words.
        places: the location of each field by its dotted path: `customer.name`, `lines[].amount`;
            `""` is the schema object itself.
        quality: rules that look at more than one value.
    """

    key: tuple[Field, ...]
    fields: Record
    topic: str | None
    description: str
    places: Mapping[str, Location] = field(compare=False, repr=False)
    quality: Quality = field(default_factory=Quality)


def read(contract_file: ContractFile) -> Contract:
    """Read the types, key and rules of a contract that is valid by the standard's JSON Schema.

    Raises:
        MeshErrors: with every ContractError found, each with its place.
    """
    contract, errors = examine(contract_file)
    if errors:
        raise MeshErrors(errors)
    return contract


def examine(contract_file: ContractFile) -> tuple[Contract, list[MeshError]]:
    """Read a contract, and all that is wrong with it.

    Returns:
        The contract, and the errors; when there are some, what is wrong has a type of no meaning.

    Raises:
        MeshErrors: when it has not just one document.
    """
    schemas = contract_file.document.get("schema") or []
    if len(schemas) != 1:
        where = contract_file.places.get("schema") or contract_file.places.get("")
        raise MeshErrors([NoSchema(count=len(schemas), where=where)])
    (schema,) = schemas
    properties, said = Properties(contract_file.places), schema.get("properties") or []
    record = properties.document("schema[0]", said)
    key = read_key(properties, "schema[0]", said, record)
    quality, errors = read_quality(contract_file, record)
    contract = Contract(
        key=key,
        fields=record,
        topic=schema.get("physicalName"),
        description=schema.get("description") or "",
        places=properties.places,
        quality=quality,
    )
    return contract, [*properties.errors, *errors]
