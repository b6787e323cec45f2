"""Judge a mesh by policies: what violates them, what exceptions allow, what can't be judged."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from streammesh.documents.names import MESH
from streammesh.documents.nearest import nearest
from streammesh.documents.policy import Policy, PolicyException, domain_of, printable
from streammesh.documents.policy_files import COLUMN
from streammesh.errors import MeshError
from streammesh.errors.policies import QueryRefused
from streammesh.policies.fences import Refused
from streammesh.policies.sandbox import Prepared, Sandbox
from streammesh.policies.state import MeshState
from streammesh.policies.view import View
from streammesh.policies.views import VIEWS

SUBJECT = "subject"
"""The column of a query that names what violates the policy."""

MAX_MESSAGE = 500
"""How many characters a message may have with its columns filled in."""


@dataclass(frozen=True)
class Violation:
    """Something that a policy forbids.

    Attributes:
        policy: the policy.
        subject: what violates it.
        message: in words.
        fix: what to do about it; empty when the policy doesn't say.
        exception: what allows it for a while; None when nothing does.
    """

    policy: Policy
    subject: str
    message: str
    fix: str
    exception: PolicyException | None = None


@dataclass(frozen=True)
class Allowance:
    """An exception, and what it is worth today.

    Attributes:
        policy: whose it is.
        exception: itself.
        used: whether something violates the policy that it is about.
        expired: whether it holds no more.
    """

    policy: Policy
    exception: PolicyException
    used: bool
    expired: bool


@dataclass(frozen=True)
class Judgement:
    """What policies say of a mesh.

    Attributes:
        policies: that were judged by.
        violations: that nothing allows, in the order of policies and subjects.
        excepted: that an exception allows.
        allowances: the exceptions for subjects that were judged.
        failed: why policies can't be judged by, by their labels.
    """

    policies: tuple[Policy, ...]
    violations: tuple[Violation, ...]
    excepted: tuple[Violation, ...]
    allowances: tuple[Allowance, ...]
    failed: Mapping[str, MeshError]

    @property
    def blocking(self) -> tuple[Violation, ...]:
        """The violations that stop a plan."""
        return tuple(one for one in self.violations if one.policy.blocks)


def judge(
    policies: Sequence[Policy], state: MeshState, domains: Collection[str] | None
) -> Judgement:
    """Judge a mesh.

    Args:
        policies: by which.
        state: the mesh as it would be.
        domains: whose things are judged; None for all.
    """
    sandbox = Sandbox(VIEWS)
    try:
        prepared, failed = _prepared(policies, sandbox)
        _fill(sandbox, state, {view for one in prepared.values() for view in one.views})
        found: list[Violation] = []
        for policy in policies:
            if policy.label not in prepared:
                continue
            try:
                rows = sandbox.run(prepared[policy.label])
                found += _violations(policy, prepared[policy.label].columns, rows, domains)
            except Refused as refused:
                failed[policy.label] = _failure(policy, refused)
    finally:
        sandbox.close()
    return _judgement(policies, found, failed, date.fromisoformat(state.today), domains)


def query_errors(policies: Sequence[Policy]) -> tuple[MeshError, ...]:
    """Tell why policies can't be judged by, as far as their texts say."""
    if not policies:
        return ()
    sandbox = Sandbox(VIEWS)
    try:
        return tuple(_prepared(policies, sandbox)[1].values())
    finally:
        sandbox.close()


def _prepared(
    policies: Sequence[Policy], sandbox: Sandbox
) -> tuple[dict[str, Prepared], dict[str, MeshError]]:
    prepared: dict[str, Prepared] = {}
    failed: dict[str, MeshError] = {}
    for policy in policies:
        try:
            query = sandbox.prepare(policy.query)
        except Refused as refused:
            failed[policy.label] = _failure(policy, refused)
            continue
        wrong = _columns_wrong(policy, query.columns)
        if wrong is None:
            prepared[policy.label] = query
        else:
            failed[policy.label] = wrong
    return prepared, failed


def _columns_wrong(policy: Policy, columns: Sequence[str]) -> QueryRefused | None:
    """Tell what a query lacks: the subject, or a column that the message names."""
    if SUBJECT not in columns:
        reason, fix = f"its query has no column `{SUBJECT}`", f"name one so: … AS {SUBJECT}"
        return QueryRefused(
            policy=policy.label,
            reason=reason,
            where=policy.query_place,
            fix=fix,
            why=_asked(policy),
        )
    for field, text in (("message", policy.message), ("fix", policy.fix)):
        for name in COLUMN.findall(text):
            if name not in columns:
                reason = f"its {field} names the column `{name}`, and its query has none"
                return QueryRefused(
                    policy=policy.label,
                    reason=reason,
                    where=policy.places.get(field),
                    fix=nearest(name, columns),
                    why=_asked(policy),
                )
    return None


_MISSING = re.compile(r"no such (table|column): (?:main\.|\w+\.)?(\w+)\Z")


def _failure(policy: Policy, refused: Refused) -> QueryRefused:
    reason, found = refused.reason, _MISSING.search(refused.reason)
    fix: str | None = "docs/policies.md says what a query may read and call"
    if found and found[1] == "table":
        reason, fix = f"there is no view `{found[2]}`", nearest(found[2], VIEWS)
    elif found:
        names = {one.name for view in VIEWS.values() for one in view.columns}
        reason, fix = f"there is no column `{found[2]}`", nearest(found[2], names)
    offset = refused.offset
    if offset is None and found:
        named = re.search(rf"\b{re.escape(found[2])}\b", policy.query)
        offset = named.start() if named else None
    return QueryRefused(
        policy=policy.label,
        reason=reason,
        where=policy.in_query(offset),
        fix=fix,
        why=_asked(policy),
    )


def _asked(policy: Policy) -> str:
    return f"Its owner is {policy.answers}."


def _fill(sandbox: Sandbox, state: MeshState, names: Collection[str]) -> None:
    """Fill the views that are read, and no others."""
    views: list[View] = [VIEWS[one] for one in sorted(names)]
    state.read([table for one in views for table in one.tables])
    for one in views:
        sandbox.fill(one.name, one.rows(state))


def _violations(
    policy: Policy,
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    domains: Collection[str] | None,
) -> Iterator[Violation]:
    at, seen = columns.index(SUBJECT), set()
    for row in rows:
        subject = _shown(row[at])
        domain = domain_of(subject)
        if policy.domain and domain != policy.domain:
            continue
        if domain == MESH or (domains is not None and domain not in domains):
            continue  # what is the mesh's own comes with streammesh: nobody could mend it
        values = dict(zip(columns, row, strict=True))
        message, fix = (_filled(text, values) for text in (policy.message, policy.fix))
        if (subject, message) not in seen:
            seen.add((subject, message))
            yield Violation(policy, subject, message, fix)


def _filled(template: str, values: Mapping[str, Any]) -> str:
    """Put columns into a message."""
    text = COLUMN.sub(lambda found: _shown(values[found[1]]), template)
    return text if len(text) <= MAX_MESSAGE else f"{text[:MAX_MESSAGE]}…"


def _shown(value: object) -> str:
    """Give a value of a query as it can be printed."""
    if value is None:
        return "nothing"
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    return printable(text)


def _judgement(
    policies: Sequence[Policy],
    found: Sequence[Violation],
    failed: Mapping[str, MeshError],
    today: date,
    domains: Collection[str] | None,
) -> Judgement:
    violations: list[Violation] = []
    excepted: list[Violation] = []
    used: set[tuple[str, str]] = set()
    for one in sorted(found, key=lambda one: (one.policy.label, one.subject)):
        covering = [each for each in one.policy.exceptions if each.covers(one.subject)]
        used.update((one.policy.label, each.subject) for each in covering)
        holding = next((each for each in covering if not each.expired(today)), None)
        if holding is None:
            violations.append(one)
        else:
            allowed = Violation(one.policy, one.subject, one.message, one.fix, holding)
            excepted.append(allowed)
    allowances = tuple(
        Allowance(policy, each, (policy.label, each.subject) in used, each.expired(today))
        for policy in policies
        if policy.label not in failed
        for each in policy.exceptions
        if domains is None or domain_of(each.subject) in domains
    )
    return Judgement(tuple(policies), tuple(violations), tuple(excepted), allowances, dict(failed))
