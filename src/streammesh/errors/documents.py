"""What can be wrong with the files of a workspace, and with an environment or a secret."""

from __future__ import annotations

from streammesh.errors.base import MeshError, UsageError


class DocumentError(MeshError):
    """{what}"""


class NoWorkspace(UsageError):
    """`{start}` is in no workspace: neither it nor a folder above it has a mesh.toml"""

    fix = "go to the workspace's folder, or write a mesh.toml there with [mesh] and a name"


class UnreadableFile(DocumentError):
    """the file can't be read: {reason}"""


class FileTooLarge(DocumentError):
    """the file is too large to be a document: {size:,} bytes, {limit:,} are allowed"""

    fix = "split it, or leave out what is no part of the document"


class NotText(DocumentError):
    """the file is no UTF-8 text: byte {position:,} can't be decoded"""

    fix = "save it as UTF-8"


class BadSyntax(DocumentError):
    """this is no valid {language}: {reason}"""


class DuplicateKey(DocumentError):
    """`{name}` stands twice in the same mapping"""

    fix = "keep one of them"


class NotSupportedYaml(DocumentError):
    """{what} can't be used in a document"""


class TooMuchYaml(DocumentError):
    """the document is {what}"""

    why = "Limits keep a small file from filling the memory."


class WrongShape(DocumentError):
    """{what}"""


class UnknownField(DocumentError):
    """`{name}` is no field of {kind}"""


class MissingField(DocumentError):
    """`{name}` is missing in {kind}"""


class BadName(DocumentError):
    """`{name}` can't be the name of this {kind}"""

    why = "Names match [a-z][a-z0-9-]{0,48}: they stand in topics, principals and identifiers."


class ReservedName(DocumentError):
    """`{name}` is reserved and can't be the name of this {kind}"""

    why = "engine, connect, admin and reader name the mesh's own principals, mesh its own domain."
    fix = "choose another name"


class NameDiffers(DocumentError):
    """the {kind} is called `{name}`, but its {place} is called `{expected}`"""


class BadDuration(DocumentError):
    """`{text}` is no duration"""

    why = "A duration is a whole number with a unit: d, h, m or s."
    fix = "write it like 7d, 12h, 30m"


class BadTable(DocumentError):
    """`{text}` is no {kind}"""


class MissingFile(DocumentError):
    """`{missing}` is missing beside this file"""


class PortNotDeclared(DocumentError):
    """the data product has no output port `{port}` in version {major}, but this file is its {kind}"""


class PortDiffers(DocumentError):
    """output port `{port}` says {field} {said}, but its contract says {expected}"""


class PortTwice(DocumentError):
    """output port `{port}` stands twice in major version {major}"""

    fix = "keep one entry per port and major version"


class VersionDiffers(DocumentError):
    """the contract's {field} is `{said}`, but its file name says {expected}"""


class BadVersion(DocumentError):
    """`{text}` is no semantic version"""

    fix = "write three numbers, such as 1.0.0"


class UnknownKind(DocumentError):
    """`{name}` is no file of a workspace: its name says no kind"""


class NotYetRead(DocumentError):
    """{what} is not supported yet"""


class UnknownEnvironment(UsageError):
    """mesh.toml has no environment `{name}`"""


class MissingSecret(DocumentError):
    """the environment variable {name} is not set"""

    why = "The file refers to it; its value never stands in a file."


class BadSecret(DocumentError):
    """`{text}` is no reference to the environment"""

    fix = "write it as ${NAME}, with capital letters, digits and `_`"


class PasswordInFile(DocumentError):
    """the address holds a password in clear"""

    why = "Files are kept in a repository, where many can read them."
    fix = "put a reference there: ${NAME}, and the password into that environment variable"


class ClearPassword(DocumentError):
    """a password stands here in clear"""

    why = "Files are kept in a repository, where many can read them."
    fix = "write a reference, ${NAME}, and put the password into that environment variable"


class OldContract(DocumentError):
    """the contract is of version {version} of the standard, which is not read"""

    why = "From version 3 on the parts of a contract have other names and another order."
    fix = (
        "write it anew in version 3.1: `uuid` is `id`, `dataset` is `schema`, its `table` a `name`,"
        "\n`columns` are `properties`, `column` is `name`, `isNullable` is the reverse of `required`"
    )


class MisnamedFile(DocumentError):
    """`{name}` is not read: its name is nearly that of a document"""


class SameId(DocumentError):
    """the id `{said}` stands in two {kind}s"""

    fix = "give one of them another id"


class UnknownReference(DocumentError):
    """{owner} has no {kind} `{name}`"""


class NoDocuments(UsageError):
    """`{folder}` has no documents"""

    fix = "name files, or a folder that holds a workspace, contracts or products"


class NoSuchProduct(UsageError):
    """the workspace has no {kind} `{name}`"""
