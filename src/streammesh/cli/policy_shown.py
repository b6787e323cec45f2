"""What `mesh policy check` shows: as text, as Markdown for a pull request, as JSON."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from streammesh.documents.policy import Policy
from streammesh.errors import Location
from streammesh.errors.rendering import render
from streammesh.planning.showing.layout import Row, bold, lines, many
from streammesh.planning.showing.markdown import code, prose
from streammesh.policies.checking import Checked, Lack
from streammesh.policies.judging import Allowance, Violation
from streammesh.policies.whereabouts import Whereabouts


@dataclass(frozen=True)
class Shown:
    """What was found, and where the files say so."""

    checked: Checked
    whereabouts: Whereabouts

    @property
    def summary(self) -> str:
        """One line: what stops a plan, what doesn't."""
        judgement, lacking = self.checked.judgement, self.checked.lacking
        stops = len(judgement.blocking) + sum(one.finding.stops for one in lacking)
        stops += len(judgement.failed) + len(self.checked.unread)
        told = len(judgement.violations) - len(judgement.blocking)
        told += sum(not one.finding.stops for one in lacking)
        count = len(judgement.policies)
        expired = sum(one.expired for one in judgement.allowances)
        parts = [
            f"{many(stops, 'finding')} stop{'s' if stops == 1 else ''} a plan",
            many(told, "warning"),
            f"{len(judgement.excepted):,} allowed by exceptions",
        ]
        parts += [f"{many(expired, 'exception')} expired"] if expired else []
        return f"{count:,} polic{'y' if count == 1 else 'ies'}: {', '.join(parts)}."


def listing(policies: Sequence[Policy], width: int) -> Iterator[str]:
    """Give policies as a person reads them, those of one owner under the owner."""
    names = max(len(one.label) for one in policies)
    for number, owner in enumerate(dict.fromkeys(one.answers for one in policies)):
        yield f"{chr(10) * (number > 0)}{owner}"
        for one in policies:
            if one.answers == owner:
                head = f"  {one.label:<{names}}   {one.severity:<5}   "
                room = max(20, width - len(head))
                first, *rest = textwrap.wrap(one.description, room) or [""]
                yield f"{head}{first}".rstrip()
                yield from (" " * len(head) + line for line in rest)


def text(shown: Shown, width: int, *, colour: bool) -> str:
    """Give it as a person reads it."""
    blocks = [
        "\n".join((bold(head, colour=colour), *lines(rows, width, colour=colour)))
        for head, rows in _groups(shown)
    ]
    errors = (*shown.checked.unread, *shown.checked.judgement.failed.values())
    failed = [render(one, colour=colour) for one in errors]
    return "\n\n".join([*blocks, *failed, shown.summary])


def markdown(shown: Shown) -> str:
    """Give it for a pull request."""
    parts = ["### Policies", shown.summary]
    for head, rows in _groups(shown):
        items = [
            f"- {one.symbol} {prose(' '.join(filter(None, (one.subject, one.words))))}"
            + (f" ({code(one.place)})" if one.place else "")
            + "".join(f"<br>{name} {prose(said)}" for name, said in one.more)
            for one in rows
        ]
        parts.append("\n".join((f"**{prose(head)}**", "", *items)))
    for error in (*shown.checked.unread, *shown.checked.judgement.failed.values()):
        place = f" ({code(str(error.where))})" if error.where else ""
        parts.append(f"- ✗ {prose(error.what)}{place}")
    return "\n\n".join(parts)


def _groups(shown: Shown) -> Iterator[tuple[str, Sequence[Row]]]:
    judgement = shown.checked.judgement
    for policy in judgement.policies:
        found = [one for one in judgement.violations if one.policy.label == policy.label]
        if found:
            head = f"{policy.label}   {policy.severity}   {policy.answers}"
            yield head, [_violation(one, shown.whereabouts) for one in found]
    products = dict.fromkeys(f"{one.product.domain}.{one.product.name}" for one in _lacks(shown))
    for name in products:
        mine = [one for one in _lacks(shown) if f"{one.product.domain}.{one.product.name}" == name]
        status = str(mine[0].product.document.get("status") or "without a status")
        yield f"{name}   {status}: what it lacks", list(map(_lack, mine))
    rows = [_allowance(one) for one in judgement.allowances]
    if rows:
        yield "exceptions", rows


def _lacks(shown: Shown) -> tuple[Lack, ...]:
    return shown.checked.lacking


def _place(where: Location | None) -> str:
    """Give file and line; a file alone where no line is known."""
    if where is None:
        return ""
    return f"{where.file}:{where.line}" if where.line else where.file


def _violation(one: Violation, whereabouts: Whereabouts) -> Row:
    symbol = "✗" if one.policy.blocks else "!"
    more = (("fix:", one.fix),) if one.fix else ()
    place = _place(whereabouts.of(one.subject))
    begins = re.match(rf"{re.escape(one.subject)}(?![\w./-])", one.message)
    said = one.message if begins else f"{one.subject}: {one.message}"
    return Row(symbol, words=said, place=place, more=more)


def _lack(one: Lack) -> Row:
    finding = one.finding
    symbol = "✗" if finding.stops else "!"
    return Row(
        symbol, words=finding.what, place=_place(finding.where), more=(("fix:", finding.fix),)
    )


def _allowance(one: Allowance) -> Row:
    each = one.exception
    until = f"expired on {each.expires}" if one.expired else f"until {each.expires}"
    unused = "" if one.used else "; nothing violates the policy there: it can go"
    words = f"{one.policy.label} for {each.subject}, {until}, by {each.owner}: {each.reason}"
    symbol = "!" if one.expired or not one.used else " "
    return Row(symbol, words=words + unused, place=_place(each.where))


def as_dict(shown: Shown) -> dict[str, Any]:
    """Give it for programs (docs/policies.md): names here are a promise."""
    checked, where = shown.checked, shown.whereabouts
    judgement = checked.judgement
    return {
        "blocked": checked.blocked,
        "policies": [policy_as_dict(one) for one in judgement.policies],
        "violations": [_violation_as_dict(one, where) for one in judgement.violations],
        "excepted": [_violation_as_dict(one, where) for one in judgement.excepted],
        "exceptions": [_allowance_as_dict(one) for one in judgement.allowances],
        "lacking": [_lack_as_dict(one) for one in checked.lacking],
        "failed": [one.as_dict() for one in (*checked.unread, *judgement.failed.values())],
    }


def policy_as_dict(one: Policy) -> dict[str, Any]:
    """Give a policy, without its query."""
    return {
        "policy": one.name,
        "domain": one.domain or None,
        "severity": one.severity,
        "description": one.description,
        "owner": dict(one.owner),
        "place": one.path,
    }


def _violation_as_dict(one: Violation, whereabouts: Whereabouts) -> dict[str, Any]:
    return {
        "policy": one.policy.label,
        "severity": one.policy.severity,
        "subject": one.subject,
        "message": one.message,
        "fix": one.fix or None,
        "place": _place(whereabouts.of(one.subject)) or None,
        "owner": dict(one.policy.owner),
        "exception": one.exception.subject if one.exception else None,
    }


def _allowance_as_dict(one: Allowance) -> dict[str, Any]:
    each = one.exception
    return {
        "policy": one.policy.label,
        "subject": each.subject,
        "reason": each.reason,
        "owner": each.owner,
        "expires": each.expires.isoformat(),
        "expired": one.expired,
        "used": one.used,
        "place": _place(each.where) or None,
    }


def _lack_as_dict(one: Lack) -> dict[str, Any]:
    finding = one.finding
    return {
        "rule": finding.name,
        "product": f"{one.product.domain}.{one.product.name}",
        "message": finding.what,
        "fix": finding.fix,
        "stops": finding.stops,
        "place": _place(finding.where) or None,
    }
