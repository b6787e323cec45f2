"""Read `<name>.policy.yaml`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from streammesh.documents.collect import Errors
from streammesh.documents.files import SourceText, read_text
from streammesh.documents.kinds import checked
from streammesh.documents.naming import check_same
from streammesh.documents.parsed import Parsed
from streammesh.documents.policy import Policy, PolicyException, printable
from streammesh.errors import MeshError
from streammesh.errors.documents import WrongShape

POLICY_END = ".policy.yaml"
POLICIES = "policies"
"""The folder of policies, in a workspace and in a domain."""

COLUMN = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
"""A column of the query in a message; other braces stand for themselves."""


def read_policies(root: Path, folder: Path, domain: str, errors: Errors) -> tuple[Policy, ...]:
    """Read the policies of a workspace or domain.

    Args:
        root: the workspace's folder.
        folder: that of the workspace or of the domain.
        domain: its name; empty for the workspace's own.
        errors: takes what is wrong with them.
    """
    found = (
        errors.guard(_read, root, path, domain)
        for path in sorted((folder / POLICIES).glob(f"*{POLICY_END}"))
    )
    return tuple(one for one in found if one is not None)


def _read(root: Path, path: Path, domain: str) -> Policy:
    return read_policy(read_text(root, path), domain, path.name.removesuffix(POLICY_END))


def read_policy(source: SourceText, domain: str, file_name: str) -> Policy:
    """Read a policy; its query is not looked at.

    Args:
        source: the file's text.
        domain: in whose folder it is; empty for one that holds everywhere.
        file_name: the file's name without `.policy.yaml`.

    Raises:
        MeshErrors: with all that is wrong with it.
    """
    parsed, errors = checked(source, "policy"), Errors()
    document = parsed.document
    name = document["name"]
    errors.guard(check_same, name, file_name, "policy", "file", parsed.place("name"))
    exceptions = tuple(_exceptions(parsed, errors))
    errors.extend(_outside(parsed, domain))
    errors.raise_any()
    return Policy(
        domain=domain,
        name=name,
        description=printable(document["description"]),
        owner={name: printable(said) for name, said in document["owner"].items()},
        severity=document["severity"],
        message=printable(document["message"]),
        fix=printable(document.get("fix", "")),
        query=document["query"],
        exceptions=exceptions,
        path=source.path,
        source=source,
        query_place=parsed.place("query"),
        places=parsed.places,
    )


def _exceptions(parsed: Parsed, errors: Errors) -> Iterator[PolicyException]:
    seen: set[str] = set()
    for index, one in enumerate(parsed.document.get("exceptions") or ()):
        where, subject = parsed.place("exceptions", index, "subject"), one["subject"]
        if subject in seen:
            what, fix = f"there are two exceptions for `{subject}`", "keep one of them"
            errors.add(WrongShape(what=what, where=where, fix=fix))
        seen.add(subject)
        expires = _day(one["expires"])
        if expires is None:
            place = parsed.place("exceptions", index, "expires")
            what, fix = f"`{one['expires']}` is no day", "write it like 2027-03-31"
            errors.add(WrongShape(what=what, where=place, fix=fix))
        else:
            reason, owner = printable(one["reason"]), printable(one["owner"])
            yield PolicyException(subject, reason, owner, expires, where)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _outside(parsed: Parsed, domain: str) -> Iterator[MeshError]:
    """Find exceptions of a domain's policy for things of other domains, which it never judges."""
    for index, one in enumerate(parsed.document.get("exceptions") or ()):
        subject = one["subject"]
        if domain and not re.match(rf"{re.escape(domain)}([./]|\Z)", subject):
            what = f"`{subject}` is not of domain {domain}, and this policy is"
            where, fix = parsed.place("exceptions", index, "subject"), "take the exception away"
            yield WrongShape(what=what, where=where, fix=fix)
