"""What can stop a release, a deprecation, a retirement, or a notice."""

from __future__ import annotations

from streammesh.errors.base import CheckFailed, MeshError, NotAllowed, RemoteFailed, UsageError


class EditByHand(MeshError):
    """`{place}` can't be edited here without touching what stands around it"""

    fix = "write it by hand, or write that part of the file one value to a line, and try again"


class NeverApplied(UsageError):
    """the catalog knows no version of {product}: there is nothing to release a change of"""

    why = "A release is the difference between the files and what was applied last."
    fix = "mesh apply"


class ReleaseTooSmall(CheckFailed):
    """{product}: a {part} release was asked for, but its changes ask for {version}"""


class MajorThere(CheckFailed):
    """{file} is there already: {product} has a version {major} in the files"""

    fix = "take the breaking changes back in the older version's files, and make them in the newer one's"


class BadDate(UsageError):
    """`{text}` is no day to come"""

    fix = "write it like 2027-01-31, and at least tomorrow"


class NoSuchVersion(UsageError):
    """{text} names no version that the workspace has"""


class RetiredAlready(CheckFailed):
    """{product} is retired: it has no consumers that could be told"""

    fix = "to bring it back, write `status: active` into its contract: its topic begins anew"


class ReplacedByItself(UsageError):
    """{product} can't be replaced by `{instead}`"""


class NotYet(CheckFailed):
    """{product} can't be retired yet: {reason}"""


class NoticeUnwritable(MeshError):
    """the event of {notice} for {consumer} can't be written: {reason}"""

    fix = "shorten the release notes"


class ReasonNeeded(UsageError):
    """a version is retired by force only with a reason, which the catalog keeps"""


class NoSuchNotice(UsageError):
    """there is no notice `{text}`"""

    fix = "mesh notices lists them"


class NotYours(NotAllowed):
    """the subscription {consumer} is not in the files of this workspace"""

    why = "A notice is answered by those who keep the subscription."


class NotTold(UsageError):
    """the notice {notice} was not made for {consumer}"""


class NoticesUndelivered(RemoteFailed):
    """{count} could not be delivered"""

    fix = "mesh notices send tries those again that were not delivered, and no others"


class BadNoticeAddress(UsageError):
    """`{setting}` of environment `{environment}` is no address that notices can be sent to"""

    why = "Addresses are written as the library apprise takes them; webhooks also as https://…"


class NotesUnreadable(UsageError):
    """the notes {file} can't be read: {reason}"""
