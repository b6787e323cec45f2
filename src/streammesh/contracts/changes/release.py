"""The next version of a product, and what to tell its consumers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from streammesh.contracts.changes.change import Change
from streammesh.contracts.changes.kinds import Meaning, Part

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)(-.+)?\Z")
_MARKS = re.compile(r"([\\*_\[\]<>#|~])")


def next_version(version: str, changes: Sequence[Change]) -> str:
    """Give the semantic version that changes ask for.

    Args:
        version: the version before them, such as `1.4.2`; one before a release (`2.0.0-rc.1`) is
            followed by that release where it is far enough.
        changes: what changes; nothing gives the same version.

    Raises:
        ValueError: when it is no semantic version.
    """
    found = _VERSION.match(version)
    if found is None:
        raise ValueError(f"{version} is no semantic version")
    if not changes:
        return version
    major, minor, patch = (int(one) for one in found.group(1, 2, 3))
    part = max(one.kind.row.part for one in changes)
    reached = {Part.PATCH: True, Part.MINOR: not patch, Part.MAJOR: not (minor or patch)}
    if found[4] and reached[part]:
        return f"{major}.{minor}.{patch}"
    if part is Part.MAJOR:
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if part is Part.MINOR else f"{major}.{minor}.{patch + 1}"


_TITLES = {
    Meaning.BREAKING: "Breaking",
    Meaning.WITH_CARE: "Compatible with care",
    Meaning.COMPATIBLE: "Compatible",
}


def release_notes(label: str, version: str, changes: Sequence[Change]) -> str:
    """Give release notes as Markdown, the gravest changes first.

    Args:
        label: the product, such as `sales.orders`.
        version: the new version.
        changes: what changes.
    """
    parts = [f"## {label} {version}\n"]
    for meaning, title in _TITLES.items():
        lines = [_line(one) for one in changes if one.meaning is meaning]
        if lines:
            parts.append(f"### {title}\n\n" + "".join(lines))
    return "\n".join(parts) if len(parts) > 1 else f"{parts[0]}\nNothing changes for consumers.\n"


def _line(change: Change) -> str:
    what = change.kind.row.change.partition(",")[0].partition(":")[0]
    subject = f"{_code(change.path)}: {what}" if change.path else _capital(what)
    return f"- {subject}{''.join(_values(change))}. {_capital(change.why)}.\n"


def _values(change: Change) -> Iterator[str]:
    before, after = _plain(change.before), _plain(change.after)
    if before and after:
        yield f" ({before} → {after})"
    elif before or after:
        yield f" ({'was' if before else 'now'} {before or after})"


def _plain(text: str) -> str:
    """Give a text on one line, without anything that Markdown would take for a mark."""
    return _MARKS.sub(r"\\\1", " ".join(text.split())).replace("`", "'")


def _code(path: str) -> str:
    plain = path.replace("`", "'")
    return f"`{plain}`"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
