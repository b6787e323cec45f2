"""What can be wrong where several repositories make up one mesh."""

from __future__ import annotations

from streammesh.errors.base import CheckFailed, NotAllowed, UsageError


class DomainHeldElsewhere(CheckFailed):
    """{domain} is held by {repository}, and a domain lives in one repository"""


class DomainHandedOver(CheckFailed):
    """{domain} was handed over to {repository}, and is applied there from now on"""


class DomainNotHeld(CheckFailed):
    """{domain} is held by {repository}, so only that can hand it over"""


class DecidedElsewhere(NotAllowed):
    """{repository} holds {domain}, and decides what becomes of it"""

    fix = "run it in that repository's workspace, or in the one that governs the mesh"


class DomainUnknown(UsageError):
    """no repository has claimed {domain} yet: there is nothing to hand over"""

    fix = "the first `mesh apply` of a repository that has it claims it"


class RepositoryMissing(UsageError):
    """`--to` names no repository"""

    fix = "write its address, such as github.com/acme/sales, as `mesh plan` there calls it"


class ReasonMissing(UsageError):
    """`--force` needs `--reason`: it is recorded, and shown to those who lose the domain"""


class ClusterShared(CheckFailed):
    """the environments `{one}` and `{other}` are on one Kafka cluster"""

    fix = "give each of them a `namespace` of its own"


class EnvironmentNotShared(UsageError):
    """neither mesh.toml nor the mesh's catalog has an environment `{name}`"""

    fix = "add it in the governance workspace's mesh.toml, and apply that"


class MeshDiffers(UsageError):
    """mesh.toml is of the mesh `{name}`, but this catalog is that of the mesh `{other}`"""
