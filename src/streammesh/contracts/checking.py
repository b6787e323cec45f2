"""All that can be said against a contract without any network: its types, key, rules and names."""

from __future__ import annotations

from streammesh.contracts.avro import key_schema, value_schema
from streammesh.contracts.contract import Contract, read
from streammesh.documents.values import ContractFile
from streammesh.errors import MeshError
from streammesh.errors.rendering import flatten


def problems(file: ContractFile, topic: str) -> tuple[MeshError, ...]:
    """Find what is wrong with a contract.

    Args:
        file: the contract, valid by the standard.
        topic: the port's topic.

    Returns:
        Errors with their places; empty when it can be published.
    """
    try:
        _publishable(read(file), topic)
    except MeshError as error:
        return flatten(error)
    return ()


def _publishable(contract: Contract, topic: str) -> None:
    key_schema(contract, topic)
    value_schema(contract, topic)
