"""What can be wrong with a policy, and what a policy says of a mesh."""

from __future__ import annotations

from streammesh.errors.base import CheckFailed, UsageError


class PolicyViolated(CheckFailed):
    """{message}"""


class MoreViolations(CheckFailed):
    """{count:,} more violate policy {policy}"""

    fix = "mesh policy check shows them all"


class QueryRefused(CheckFailed):
    """policy {policy} can't be judged: {reason}"""


class ProductIncomplete(CheckFailed):
    """{finding}"""


class NoSuchPolicy(UsageError):
    """streammesh ships no policy `{name}`"""


class PolicyThere(UsageError):
    """{path} is there already"""

    fix = "change that file, or take it away first"
