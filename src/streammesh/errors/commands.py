"""What can go wrong before a command has begun its work."""

from __future__ import annotations

from streammesh.errors.base import MeshError, UsageError


class UnknownCommand(UsageError):
    """mesh has no command `{name}`"""


class Misused(UsageError):
    """{message}"""


class NobodyToAsk(UsageError):
    """this has to be confirmed, and nobody can be asked here"""

    fix = "run it in a terminal, or add --yes"


class NotDeployedHere(MeshError):
    """{source} is not deployed on this stack: there is no user {principal} yet"""

    fix = "mesh apply"


class RebuildNeedsSource(UsageError):
    """--rebuild {product}: there are several sources; name the one that it is of"""


class SourceUnknown(UsageError):
    """there is no source `{name}` here"""


class TwoFormats(UsageError):
    """--json and --format {form} exclude each other"""

    fix = "leave one of them out"


class DomainOrGovernance(UsageError):
    """what is handed over: a domain, or --governance?"""

    fix = "mesh domain transfer DOMAIN --to REPOSITORY"
