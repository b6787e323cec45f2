"""What changes for consumers between two versions of a port's contract."""

from __future__ import annotations

from streammesh.contracts.changes.change import Change
from streammesh.contracts.changes.fields import FieldChanges
from streammesh.contracts.changes.matching import Matches, match
from streammesh.contracts.changes.product import product_changes
from streammesh.contracts.changes.tree import Tree, read_tree
from streammesh.documents.values import ContractFile


def contract_changes(old: ContractFile, new: ContractFile) -> tuple[Change, ...]:
    """Give what changes between two versions of a contract.

    Args:
        old: the contract that consumers know.
        new: the contract that is to take its place.

    Returns:
        The changes: of the fields in the new contract's order, removed ones after them, and those
        of the whole product last.

    Raises:
        MeshErrors: when one of them is none, as `contract.read` tells.
    """
    before, after = read_tree(old), read_tree(new)
    return compared(before, after, match(before, after))


def compared(old: Tree, new: Tree, matches: Matches) -> tuple[Change, ...]:
    """Give what changes between two contracts that are read, whose fields are matched."""
    return (*FieldChanges(old, new, matches).all(), *product_changes(old, new))
