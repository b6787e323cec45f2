"""The twins: each system outside in memory, for tests of what uses it."""

from streammesh.platform.memory.connect import MemoryConnect
from streammesh.platform.memory.groups import MemoryGroups
from streammesh.platform.memory.kafka import MemoryKafkaAdmin
from streammesh.platform.memory.registry import MemoryRegistry
from streammesh.platform.memory.stores import (
    MemoryApplyLock,
    MemoryDeploymentStore,
    MemoryHeldLock,
    MemoryResourceStore,
)

__all__ = [
    "MemoryApplyLock",
    "MemoryConnect",
    "MemoryDeploymentStore",
    "MemoryGroups",
    "MemoryHeldLock",
    "MemoryKafkaAdmin",
    "MemoryRegistry",
    "MemoryResourceStore",
]
