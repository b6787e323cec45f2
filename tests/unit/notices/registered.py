"""The events of `mesh.notices` as an applied mesh writes and reads them, on the twins."""

from __future__ import annotations

from typing import Any

from streammesh.documents.names import Names
from streammesh.notices import product
from streammesh.notices.events import NoticeEvents
from streammesh.platform.decoding import Decoder
from streammesh.platform.memory.registry import MemoryRegistry
from streammesh.platform.registry import Registry


def registered(names: Names | None = None) -> MemoryRegistry:
    """Give a registry that has the schemas, as apply registers them."""
    names, registry = names or Names(), MemoryRegistry()
    for part, schema in zip(("key", "value"), product.schemas(names), strict=True):
        subject = f"{names.notices}-{part}"
        registry.set_compatibility(subject, "FULL_TRANSITIVE")
        registry.register(subject, schema)
    return registry


def events(registry: Registry | None = None) -> NoticeEvents:
    """Give what makes events."""
    return NoticeEvents(registry or registered(), Names())


def read(registry: Registry, written: dict[bytes, bytes]) -> list[tuple[Any, Any]]:
    """Decode events as any consumer does: by the registry alone."""
    decode = Decoder(registry.schema).decode
    return [(decode(key), decode(value)) for key, value in written.items()]
