"""The next version of a port, from the difference between its files and what was applied last."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from streammesh.catalog.known_versions import KnownVersion
from streammesh.contracts.changes.change import Change
from streammesh.contracts.changes.kinds import Kind, Meaning, Part
from streammesh.contracts.changes.release import next_version, release_notes
from streammesh.documents.values import Port, Workspace
from streammesh.errors.lifecycle import ReleaseTooSmall
from streammesh.planning.lifecycle.edits import (
    Edit,
    changed,
    contract_editor,
    folder_of,
    product_of,
    text_of,
)
from streammesh.planning.lifecycle.major import Earlier, major_edits
from streammesh.planning.lifecycle.product_document import product_editor, set_version
from streammesh.planning.weighing.changes import changes_of

_STATUS = (Kind.STATUS_READY, Kind.STATUS_LOWERED, Kind.STATUS_RETIRED)
_NUMBERS = re.compile(r"(\d+)\.(\d+)\.(\d+)")


@dataclass(frozen=True)
class Release:
    """What a release does to the files.

    Attributes:
        port: the port as the files have it.
        before: the version that was applied last.
        version: the new one; the same when there is nothing to release.
        changes: what changes for consumers.
        notes: the release notes, Markdown.
        edits: of the files; none when there is nothing to release.
        remarks: what somebody should know, a sentence each.
    """

    port: Port
    before: str
    version: str
    changes: tuple[Change, ...]
    notes: str
    edits: tuple[Edit, ...]
    remarks: tuple[str, ...] = ()

    @property
    def beside(self) -> bool:
        """Whether it is a new major version beside the old one."""
        return _numbers(self.version)[0] > _numbers(self.before)[0]

    @property
    def breaking(self) -> bool:
        """Whether any change breaks consumers."""
        return any(one.meaning is Meaning.BREAKING for one in self.changes)


def release(  # noqa: PLR0913 - what `mesh release` has as options
    workspace: Workspace,
    port: Port,
    known: KnownVersion,
    *,
    part: Part | None = None,
    own_notes: str = "",
    earlier: Earlier = lambda _: (),
) -> Release:
    """Propose the next version of a port and its notes, and say how the files change.

    Without breaking changes the version is written into the contract and the product's document.
    With such changes the changed files become those of a new major version, and the files of the
    version that consumers use go back to what was applied.

    Args:
        workspace: the files.
        port: the port that was changed.
        known: the same version as it was applied last.
        part: the part of the version to raise at least; None as the changes ask for.
        own_notes: what to tell beside the changes, Markdown.
        earlier: gives the texts that a file had in earlier commits, newest first.

    Raises:
        ReleaseTooSmall: the changes ask for more than `part`.
        MajorThere: the new major version has files already.
        EditByHand: a file is written in a way that can't be edited safely.
        MeshErrors, ModelError: contract or model is none.
    """
    every = changes_of(port, known, workspace.domains[port.domain])
    found = tuple(one for one in every if _of_the_version(one, port))
    version = _version(port, known.version, found, part)
    notes = _with_own(release_notes(port.label, version, found), own_notes)
    if version == known.version and not found:
        return Release(port, known.version, version, (), notes, ())
    if _numbers(version)[0] > known.major:
        edits, remarks = major_edits(workspace, port, known, version, earlier)
    else:
        edits, remarks = _in_place(workspace, port, version), ()
    edits = changed((*edits, _notes_edit(workspace, port, version, notes)))
    return Release(port, known.version, version, found, notes, edits, remarks)


def _of_the_version(change: Change, port: Port) -> bool:
    """Tell whether a change is one of contract or model, and no step in the version's own life."""
    here = change.where is None or change.where.file in (port.contract.path, port.model.path)
    return here and change.kind not in _STATUS


def _version(port: Port, before: str, found: Sequence[Change], part: Part | None) -> str:
    asked = next_version(before, found)
    if part is None:
        said = port.version
        same_major = _numbers(said)[0] == _numbers(asked)[0]
        # somebody may have raised it by hand, and further than needed
        return max(asked, said, key=_numbers) if found and same_major else asked
    forced = _raised(before, part)
    if _numbers(forced) < _numbers(asked):
        name = part.name.lower()
        fix = f"leave --{name} out, or take the changes back"
        raise ReleaseTooSmall(product=port.label, part=name, version=asked, fix=fix)
    return forced


def _raised(version: str, part: Part) -> str:
    major, minor, patch = _numbers(version)
    if part is Part.MAJOR:
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if part is Part.MINOR else f"{major}.{minor}.{patch + 1}"


def _numbers(version: str) -> tuple[int, int, int]:
    found = _NUMBERS.match(version)
    if found is None:
        raise ValueError(f"{version} is no semantic version")
    major, minor, patch = (int(one) for one in found.groups())
    return major, minor, patch


def _with_own(notes: str, own: str) -> str:
    """Put somebody's own words between the heading and what was found."""
    if not own.strip():
        return notes
    heading, _, rest = notes.partition("\n")
    return f"{heading}\n\n{own.strip()}\n{rest}"


def _in_place(workspace: Workspace, port: Port, version: str) -> tuple[Edit, ...]:
    contract = contract_editor(workspace, port)
    before = contract.text
    contract.set("version", value=version)
    product = product_editor(workspace, port)
    as_it_was = product.text
    set_version(product, port, version)
    return (
        Edit(port.contract.path, before, contract.text),
        Edit(product.path, as_it_was, product.text),
    )


def notes_path(workspace: Workspace, port: Port, version: str) -> str:
    """Say where the notes of a release stand, relative to the workspace."""
    name = version if port.name == port.product else f"{port.name}-{version}"
    return f"{folder_of(product_of(workspace, port))}/releases/{name}.md"


def _notes_edit(workspace: Workspace, port: Port, version: str, notes: str) -> Edit:
    path = notes_path(workspace, port, version)
    return Edit(path, text_of(Path(workspace.root), path), notes)
