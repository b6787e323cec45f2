"""What can keep source and product from being compared."""

from __future__ import annotations

from streammesh.errors.base import RemoteFailed


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
