"""Contracts as values, made from a few words."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from streammesh.contracts.contract import Contract, read
from streammesh.documents.files import source_text
from streammesh.documents.port_files import PortName, read_contract
from streammesh.documents.values import ContractFile

HEAD = """\
apiVersion: v3.1.0
kind: DataContract
id: sales.orders.v1
version: 1.0.0
status: active
schema:
  - name: order
    logicalType: object
    properties:
"""
KEY = "      - { name: id, logicalType: integer, primaryKey: true, required: true }\n"


def contract_file(properties: str, head: str = HEAD, key: str = KEY) -> ContractFile:
    """Read a contract of these properties, one per line in YAML's flow style."""
    lines = "".join(f"      - {line}\n" for line in properties.splitlines())
    source = source_text("orders.v1.odcs.yaml", (head + key + lines).encode())
    return read_contract(source, PortName("orders", 1), "sales.orders.v1")


@pytest.fixture
def make_contract() -> Callable[..., Contract]:
    def make(properties: str, **parts: Any) -> Contract:
        return read(contract_file(properties, **parts))

    return make


@pytest.fixture
def make_file() -> Callable[..., ContractFile]:
    return contract_file


def named(contract: Contract) -> Mapping[str, Any]:
    return {field.name: field for field in contract.fields.fields}
