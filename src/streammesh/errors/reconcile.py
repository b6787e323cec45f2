"""What can keep source and product from being compared, and what the quarantine's commands meet."""

from __future__ import annotations

from streammesh.errors.base import CheckFailed, RemoteFailed, UsageError


class FenceNotSet(RemoteFailed):
    """{source}: the database gave no fence to compare at"""

    fix = (
        "the role needs REPLICATION and SELECT on the tables, and a free replication slot;\n"
        "transactions that run for more than half a minute have to end first"
    )


class FenceNotPassed(RemoteFailed):
    """{source}: the engine has not come past {position} within {seconds} s (it is at {progress})"""

    why = "Only what was published up to one position can be compared, so nothing was compared."
    fix = "check that the engine runs (`mesh run`) and that capture does (`mesh status`)"


class NoAnswer(RemoteFailed):
    """the engine of {source} gave no answer within {seconds} s"""

    fix = "mesh run starts it; the request stands, and is done as soon as an engine runs"


class StillPublishing(RemoteFailed):
    """{topic} is released, and all its documents are still being published{done}"""

    fix = "wait, then look again: mesh quarantine list"


class NotInQuarantine(UsageError):
    """no key `{key}` of {topic} is in quarantine"""

    fix = "mesh quarantine list names what is; a key is written as 17, as 17,eu or as JSON"


class ProductNotDeployed(UsageError):
    """no product `{name}` is deployed"""


class KeysOrAll(UsageError):
    """which keys of {topic} are to be discarded?"""

    fix = "name them, or write --all"


class RequestRefused(CheckFailed):
    """{topic}: nothing was done"""


class BlockedAgain(CheckFailed):
    """{topic} is blocked again from {position} on: {reason}"""

    fix = "mend the data or the contract, then: mesh quarantine replay PRODUCT"


class ProductBlocked(CheckFailed):
    """{topic} is blocked from {position} on, so there is nothing to compare: {reason}"""

    fix = "mend the data or the contract, then: mesh quarantine replay PRODUCT"
