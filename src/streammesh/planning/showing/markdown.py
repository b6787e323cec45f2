"""A plan as Markdown, for a pull request.

Names and texts of files, databases and people are not trusted: what is quoted stands in code spans
or has its marks escaped, on one line, so that it can make no heading, link, image, HTML or mention.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from streammesh.errors import MeshError
from streammesh.planning.owner import Owner
from streammesh.planning.plan import Plan
from streammesh.planning.showing.layout import Row
from streammesh.planning.showing.render import shown, summary
from streammesh.planning.showing.rows import place

GROUPS = 100
"""So many sources and products are shown; a comment on a pull request has an end."""


def markdown(plan: Plan, *, now: datetime | None = None) -> str:
    """Give the plan as Markdown; it ends with what to do.

    Args:
        plan: what to show.
        now: with a time zone; the present when None.
    """
    groups = list(shown(plan, now or datetime.now(UTC), every_step=False))
    parts = [f"## mesh plan: {code(plan.environment)}", prose(summary(plan))]
    parts += ["\n".join(_group(*one)) for one in groups[:GROUPS]]
    if groups[GROUPS:]:
        parts.append(f"… and {len(groups) - GROUPS:,} more sources and products.")
    told = {id(one) for errors in plan.stopped.values() for one in errors}
    others = [one for one in plan.problems if id(one) not in told]
    if others:
        parts.append("\n".join(("### Problems", "", *_problems(others))))
    return "\n\n".join((*parts, "\n".join(("### Next", "", *_next(plan))))) + "\n"


def _group(owner: Owner, heading: str, rows: Sequence[Row]) -> Iterator[str]:
    beside = f" — {prose(_parted(heading))}" if heading else ""
    yield f"### {code(owner.label)}{beside}"
    yield ""
    for row in rows:
        yield _line(row)
        more = (*row.more, *row.under)
        yield from (f"  - **{prose(name)}** {prose(_parted(words))}" for name, words in more)


def _line(row: Row) -> str:
    mark = "" if row.symbol == " " else code(row.symbol)
    kind = f"**{prose(row.kind)}**" if row.kind else ""
    parts = (mark, kind, code(row.subject), prose(row.words), code(row.place))
    return f"- {' '.join(filter(None, parts))}"


def _parted(words: str) -> str:
    """Give words with a mark for each column that they have in a terminal."""
    return re.sub(" {2,}", " · ", words.strip())


def _problems(problems: Sequence[MeshError]) -> Iterator[str]:
    for one in problems:
        yield f"- {code('✗')} {prose(one.what)} {code(place(one.where))}".rstrip()
        said = (("why:", one.why), ("fix:", one.fix))
        yield from (f"  - **{name}** {prose(words)}" for name, words in said if words)


def _next(plan: Plan) -> Iterator[str]:
    if plan.problems:
        fixes = dict.fromkeys(one.fix for one in plan.problems if one.fix)
        yield from (f"- {prose(one)}" for one in fixes)
        yield "- then run `mesh plan` again; nothing was changed"
    elif plan.steps:
        yield "- `mesh apply`, when this is merged"
    else:
        yield "- nothing: the mesh is what the files say"


def code(text: str) -> str:
    """Give a text as a code span; nothing for an empty one."""
    plain = _plain(text)
    if not plain:
        return ""
    longest = max((len(one) for one in re.findall("`+", plain)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if plain.startswith("`") or plain.endswith("`") else ""
    return f"{fence}{pad}{plain}{pad}{fence}"


def prose(text: str) -> str:
    """Give a text in which only code spans are marks: what stands between two backticks."""
    parts = _plain(text).split("`")
    if len(parts) % 2 == 0:
        return _escaped("`".join(parts))
    return "".join(code(one) if at % 2 else _escaped(one) for at, one in enumerate(parts))


_MARKS = re.compile(r"([\\`*_\[\]<>#|~&$])")
_MENTION = re.compile(r"(?<!\w)@(?=\w)")
_LINK = re.compile(r"(:)(?=//)|(?<=www)(\.)", re.IGNORECASE)


def _escaped(text: str) -> str:
    marked = _LINK.sub(lambda found: f"\\{found[0]}", _MARKS.sub(r"\\\1", text))
    return _MENTION.sub("@&#8203;", marked)


def _plain(text: str) -> str:
    """Give a text on one line, without what controls a terminal or the direction of writing."""
    kept = (" " if one.isspace() else one for one in text)
    visible = (one for one in kept if unicodedata.category(one) not in ("Cc", "Cf"))
    return " ".join("".join(visible).split())
