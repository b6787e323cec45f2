"""What can go wrong with the systems outside: Kafka, the registry, Connect, databases."""

from __future__ import annotations

from streammesh.errors.base import CheckFailed, MeshError, NotAllowed, RemoteFailed, UsageError


class SettingMissing(UsageError):
    """environment `{environment}` doesn't say how to reach {system}: `{setting}` is missing"""


class SettingWrong(UsageError):
    """`{setting}` of {system} is wrong: {problem}"""


class Unreachable(RemoteFailed):
    """{system} at {address} can't be reached"""

    fix = "check the address, and that it is running (a local mesh: `mesh status`, `mesh up`)"


class BrokerUnreachable(RemoteFailed):
    """Kafka at {address} names a broker at {broker}, which can't be reached from here"""

    fix = "let the brokers' `advertised.listeners` have addresses that are known here too"


class LoginFailed(RemoteFailed):
    """{system} at {address} refused the login of `{user}`"""

    fix = "check the user name and password of this environment"


class TlsFailed(RemoteFailed):
    """{system} at {address}: no secure connection could be made"""


class AnotherSystem(RemoteFailed):
    """what answers at {address} is not {system}"""


class WrongProtocol(RemoteFailed):
    """{system} at {address} hangs up: it may not speak {protocol} there"""


class TooSlow(RemoteFailed):
    """{system} did not answer within {seconds} s when asked to {action}"""

    def __init__(self, *, system: str, seconds: float, action: str) -> None:
        """Say who was asked for what, and how long we waited (seconds)."""
        fix = f"try again; if it stays so, look at the load and the log of {system}"
        super().__init__(system=system, seconds=f"{seconds:g}", action=action, fix=fix)


class ActionRefused(NotAllowed):
    """{system} does not allow `{user}` to {action}"""


class RequestFailed(RemoteFailed):
    """{system} could not {action}"""


class Missing(RemoteFailed):
    """{system} has no {kind} `{name}`"""


class AlreadyThere(RemoteFailed):
    """{system} already has a {kind} `{name}`"""


class NoAuthorizer(RemoteFailed):
    """Kafka at {address} has no access control"""

    why = "Its brokers have no authorizer, so nobody could be kept from private topics."
    fix = "set `authorizer.class.name` on the brokers"


class SchemaInvalid(RemoteFailed):
    """the registry does not take the schema for subject `{subject}`"""


class SchemaIncompatible(CheckFailed):
    """the schema for subject `{subject}` would break those who read or write it"""

    fix = "keep to compatible changes, or make a new major version"


class RecordUnreadable(MeshError):
    """record `{key}` of topic `{topic}` can't be read"""

    fix = "use the version of streammesh that wrote it, or a newer one"


class StoreWriteFailed(RemoteFailed):
    """record `{key}` could not be written to topic `{topic}`"""


class ApplyRunning(MeshError):
    """another apply is running on this mesh"""

    fix = "wait until it has ended, then plan again"


class ApplyLockLost(MeshError):
    """this apply lost its lock and stopped"""

    why = "Kafka heard nothing from it for too long, so another apply may have begun."
    fix = "run `mesh apply` again: it goes on where this one stopped"


class DatabaseMissing(RemoteFailed):
    """the database server at {address} has no database `{database}`"""

    fix = "check the name behind the last / of the address, or CREATE DATABASE"


class DatabaseFailed(RemoteFailed):
    """the database at {address} refused what it was asked for"""


class DatabaseBusy(RemoteFailed):
    """the database server at {address} takes no session now"""

    fix = "try again; where it has too many sessions, end some or raise max_connections"


class NotAdmitted(RemoteFailed):
    """the database server at {address} lets `{user}` not into `{database}` from here"""


class NoConnectRight(NotAllowed):
    """the database `{database}` at {address} doesn't let the role `{user}` connect"""
