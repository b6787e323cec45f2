"""Between documents and the bytes on a topic: state form → Avro, Avro → canonical form.

Messages are in the Confluent wire format: a zero byte, the schema's id in four bytes, the Avro.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from streammesh.contracts import avro_values
from streammesh.contracts.assign import lossless
from streammesh.contracts.assignment import assigner
from streammesh.contracts.contract import Contract
from streammesh.contracts.encoder import encoder
from streammesh.contracts.state_form import from_state
from streammesh.contracts.typed_json import typed
from streammesh.contracts.types import Field, Record
from streammesh.contracts.violations import Violated, Violation

MAGIC = 0
HEAD_SIZE = 5


class NotDecodable(ValueError):
    """A message is not what this port writes: no wire format, an unknown schema, no such Avro."""


class Codec:
    """Encodes and decodes the keys and values of one port, in one major version."""

    def __init__(  # noqa: PLR0913, PLR0917 (a deployment's parts, each needed)
        self,
        model: Record,
        contract: Contract | Record,
        key: Sequence[str],
        key_schema: str,
        key_schema_id: int,
        value_schema: str,
        value_schema_id: int,
        max_bytes: int,
    ) -> None:
        """Compile the functions of a port.

        Args:
            model: the document as the model gives it.
            contract: the document as promised.
            key: names of the key's fields, in the order of the keys given to `encode_keys`.
            key_schema: Avro schema of keys.
            key_schema_id: its id in the registry.
            value_schema: Avro schema of values.
            value_schema_id: its id in the registry.
            max_bytes: largest message value, bytes.

        Raises:
            ValueError: when the model can't be assigned to the contract, or a key not without loss.
        """
        fields = contract.fields if isinstance(contract, Contract) else contract
        self._max_bytes = max_bytes
        self._decode_document = msgspec.json.Decoder(typed(model, fields)).decode
        self._encode_document = encoder(model, fields, wire_head(value_schema_id))
        self._canonical_of_state = from_state(model)
        self._assign = assigner(model, fields)
        self._keys = _Keys(model, fields, key, key_schema, key_schema_id)
        self._value_of_avro = avro_values.from_avro(fields)
        self._reader = avro_values.raw_schema(value_schema)
        self._writers = {value_schema_id: self._reader}

    def learn(self, schema_id: int, schema: str) -> None:
        """Get to know another schema that values of this topic were written with.

        Args:
            schema_id: its id in the registry.
            schema: the Avro schema.

        Raises:
            ValueError: when it is no Avro schema.
        """
        self._writers.setdefault(schema_id, avro_values.raw_schema(schema))

    def encode_values(self, documents: Sequence[str]) -> list[bytes | Violation]:
        """Encode documents as message values.

        Args:
            documents: JSON texts in state form, by the model's types.

        Returns:
            For each document its bytes, or why it can't be published.
        """
        decode, encode, limit = self._decode_document, self._encode_document, self._max_bytes
        results: list[bytes | Violation] = []
        for text in documents:
            try:
                data = encode(decode(text))
            except (ValueError, TypeError, OverflowError):
                results.append(self._explain(text))
                continue
            results.append(data if len(data) <= limit else _too_large(len(data), limit))
        return results

    def encode_keys(self, keys: Sequence[tuple[Any, ...]]) -> list[bytes]:
        """Encode keys as message keys: equal keys always give equal bytes.

        Args:
            keys: the key's values in state form, by the model's types, in the order of `key`.

        Raises:
            ValueError: when a value is not in state form.
        """
        return self._keys.encode(keys)

    def canonical(self, document: str) -> dict[str, Any]:
        """Give a document in state form as a canonical document of the contract.

        Raises:
            Violated: when it violates the contract.
        """
        return self.from_database(self._canonical_of_state(_parse(document)))

    def from_database(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Give a canonical document of the model, as the database computes it, as the contract's.

        Raises:
            Violated: when it violates the contract.
        """
        result: dict[str, Any] = self._assign(document)
        return result

    def decode_value(self, data: bytes) -> dict[str, Any]:
        """Give a message's value as a canonical document.

        Raises:
            NotDecodable: when it is no value of this topic; `learn` makes older schemas known.
        """
        writer = self._writers.get(schema_id(data))
        if writer is None:
            raise NotDecodable(f"schema {schema_id(data)} is not known")
        try:
            raw = avro_values.read(data, HEAD_SIZE, writer, self._reader)
            result: dict[str, Any] = self._value_of_avro(raw)
        except (ValueError, OverflowError) as error:
            raise NotDecodable(str(error)) from error
        return result

    def canonical_key(self, key: tuple[Any, ...]) -> tuple[Any, ...]:
        """Give a key in state form in canonical form, in the same order."""
        return self._keys.canonical(key)

    def decode_key(self, data: bytes) -> dict[str, Any]:
        """Give a message's key as canonical values by field, in the order of `key`.

        Raises:
            NotDecodable: when it is no key of this topic.
        """
        return self._keys.decode(data)

    def given(self, text: str) -> Any:
        """Give a document in state form as the model gave it, whatever the contract says.

        Returns:
            It in canonical form; in state form where one of its values has no canonical one.
        """
        try:
            found = _parse(text)
        except Violated:
            return text
        try:
            return self._canonical_of_state(found)
        except (ValueError, TypeError, ArithmeticError):
            return found

    def _explain(self, text: str) -> Violation:
        try:
            self.canonical(text)
        except Violated as error:
            return error.violation
        return Violation("can't be encoded")


class _Keys:
    """The keys of a port."""

    def __init__(
        self, model: Record, contract: Record, names: Sequence[str], schema: str, schema_id: int
    ) -> None:
        written = [field["name"] for field in json.loads(schema)["fields"]]
        if sorted(written) != sorted(names):
            raise ValueError(f"the key is {list(names)}, its schema says {written}")
        given, promised = _part(model, names), _part(contract, names)
        for mine, theirs in zip(given.fields, promised.fields, strict=True):
            reason = lossless(mine.type, theirs.type)
            if reason is not None:
                raise ValueError(f"key {mine.name}: {reason}")
        self._names = tuple(names)
        self._head = wire_head(schema_id)
        self._encode = encoder(given, _part(contract, written), self._head)
        self._states = [from_state(one.type, in_document=False) for one in given.fields]
        self._assigners = [
            assigner(mine.type, theirs.type)
            for mine, theirs in zip(given.fields, promised.fields, strict=True)
        ]
        self._of_avro = avro_values.from_avro(promised)
        self._schema = avro_values.raw_schema(schema)
        self._convert = typed(given, promised)

    def encode(self, keys: Sequence[tuple[Any, ...]]) -> list[bytes]:
        names = self._names
        values = [dict(zip(names, key, strict=True)) for key in keys]
        return list(map(self._encode, msgspec.convert(values, list[self._convert])))  # type: ignore[name-defined]

    def canonical(self, key: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(
            assign(state(value))
            for assign, state, value in zip(self._assigners, self._states, key, strict=True)
        )

    def decode(self, data: bytes) -> dict[str, Any]:
        if data[:HEAD_SIZE] != self._head:
            raise NotDecodable("the key has another schema")
        try:
            raw = avro_values.read(data, HEAD_SIZE, self._schema, self._schema)
            result: dict[str, Any] = self._of_avro(raw)
        except (ValueError, OverflowError) as error:
            raise NotDecodable(str(error)) from error
        return result


def _part(record: Record, names: Sequence[str]) -> Record:
    """Give a key's fields of a record: never NULL, and with no rule, which is the value's."""
    fields = {one.name: one for one in record.fields}
    return Record(tuple(Field(name, fields[name].type, required=True) for name in names))


def wire_head(schema_id: int) -> bytes:
    """Give the first five bytes of a message written with a schema."""
    return bytes((MAGIC,)) + schema_id.to_bytes(4, "big")


def schema_id(data: bytes) -> int:
    """Give the id of the schema that a message was written with.

    Raises:
        NotDecodable: when the message is not in the wire format.
    """
    if len(data) < HEAD_SIZE or data[0] != MAGIC:
        raise NotDecodable("the message is not in the registry's wire format")
    return int.from_bytes(data[1:HEAD_SIZE], "big")


def _parse(document: str) -> Any:
    """Parse a document; only the slower parser reads the numbers beyond all range of SQLite."""
    try:
        return msgspec.json.decode(document)
    except ValueError:
        return _parse_slowly(document)


def _parse_slowly(document: str) -> Any:
    try:
        return json.loads(document)
    except ValueError as error:
        raise Violated("is no JSON that can be read") from error


def _too_large(size: int, limit: int) -> Violation:
    return Violation(f"has {size:,} bytes, {limit:,} are allowed")
