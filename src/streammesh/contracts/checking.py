"""All that can be said against a contract without any network: its types, key, rules and names."""

from __future__ import annotations

from streammesh.contracts.avro_name_errors import name_errors
from streammesh.contracts.contract import examine
from streammesh.documents.values import ContractFile
from streammesh.errors import MeshError
from streammesh.errors.rendering import flatten


def problems(file: ContractFile) -> tuple[MeshError, ...]:
    """Find what is wrong with a contract.

    Args:
        file: the contract, valid by the standard.

    Returns:
        Errors with their places; empty when it can be published.
    """
    try:
        contract, errors = examine(file)
    except MeshError as error:
        return flatten(error)
    return (*errors, *name_errors(contract))
