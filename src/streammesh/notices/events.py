"""The events of the product `mesh.notices`: Avro in the registry's wire form, as all products'."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import msgspec

from streammesh.catalog.notices import Notice, Recipient
from streammesh.contracts.codec import Codec
from streammesh.contracts.violations import Violation
from streammesh.documents.names import Names
from streammesh.errors.lifecycle import NoticeUnwritable
from streammesh.errors.platform import Missing
from streammesh.notices import product
from streammesh.platform.registry import Registry


class NoticeEvents:
    """Makes events, by the schemas that apply has registered."""

    def __init__(self, registry: Registry, names: Names) -> None:
        """Take what knows the ids of the schemas; it is asked at the first event."""
        self._registry = registry
        self._names = names

    def of(self, notice: Notice, recipient: Recipient) -> tuple[bytes, bytes]:
        """Give the event of a notice for a consumer: key and value.

        Raises:
            Missing: the schemas are not registered.
            NoticeUnwritable: it breaks the contract of `mesh.notices`.
            MeshError: the registry doesn't answer.
        """
        codec, said = self._codec, document(notice, recipient)
        [key] = codec.encode_keys([(notice.notice, recipient.consumer)])
        [value] = codec.encode_values([msgspec.json.encode(said).decode()])
        if isinstance(value, Violation):
            to = recipient.consumer
            raise NoticeUnwritable(notice=notice.notice, consumer=to, reason=value)
        return key, value

    @cached_property
    def _codec(self) -> Codec:
        key, value = product.schemas(self._names)
        contract = product.contract()
        return Codec(
            model=contract.fields,
            contract=contract,
            key=tuple(one.name for one in contract.key),
            key_schema=key,
            key_schema_id=self._id("key", key),
            value_schema=value,
            value_schema_id=self._id("value", value),
            max_bytes=product.port().contract.stream.max_bytes,
        )

    def _id(self, part: str, schema: str) -> int:
        subject = f"{self._names.notices}-{part}"
        found = self._registry.lookup(subject, schema)
        if found is None:
            fix = "mesh apply"
            raise Missing(system="the registry", kind="schema for", name=subject, fix=fix)
        return found.id


def document(notice: Notice, recipient: Recipient) -> dict[str, Any]:
    """Give what an event says, in state form.

    The contact of the consumer is not in it: every consumer reads the topic.
    """
    return {
        "notice": notice.notice,
        "consumer": recipient.consumer,
        "kind": notice.kind,
        "asset": notice.asset,
        "domain": notice.domain,
        "until": notice.until or None,
        "because": notice.because or None,
        "instead": notice.instead or None,
        "notes": notice.notes or None,
        "owner": {name: notice.owner.get(name) for name in ("team", "email", "chat")},
        "fields": list(recipient.fields),
        "made_at": notice.made_at,
        "made_by": notice.made_by or None,
    }
