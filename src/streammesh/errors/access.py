"""What can go wrong when somebody asks for access to a product, or decides about it."""

from __future__ import annotations

from streammesh.errors.base import CheckFailed, NotAllowed, UsageError


class VersionNotOffered(CheckFailed):
    """{subscription} asks for {asset}, which is {status}"""


class PrincipalReserved(CheckFailed):
    """{subscription} can't read as `{principal}`"""

    why = "It names everybody, a principal of the mesh itself, or all whose groups begin so."
    fix = "name the one user that the application logs in as, or leave `principal` out"


class PrincipalsOverlap(CheckFailed):
    """the groups of `{principal}` would be those of `{other}` too: one's name begins the other's"""

    fix = "give the application a user with another name"


class RestrictedFields(CheckFailed):
    """{asset} has restricted fields that are not granted by name: {fields}"""

    why = "Whoever may read a topic reads all its fields."


class AccessUnknown(UsageError):
    """nobody has asked for access as `{name}`"""


class SubscriptionUnknown(UsageError):
    """the workspace has no subscription `{name}`"""


class AccessNotSuch(NotAllowed):
    """{name} is {state} for {asset}: there is nothing to {action}"""


class ExpiryWrong(UsageError):
    """`{text}` is neither a number of days nor a day to come"""

    fix = "write a number of days (90d) or a day (2027-01-31)"


class AccessChanged(NotAllowed):
    """nothing was changed: somebody else has decided about {name} and {asset} meanwhile"""

    fix = "mesh access list, and look at what it says now"


class SecretFileTaken(UsageError):
    """there is a file {path} already, and a password is never written over something"""

    fix = "name a file that isn't there"
