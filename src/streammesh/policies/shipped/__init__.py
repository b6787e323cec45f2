"""Policies that streammesh ships, to be taken into a workspace."""

from __future__ import annotations

from importlib import resources

from streammesh.documents.files import source_text
from streammesh.documents.nearest import nearest
from streammesh.documents.policy import Policy
from streammesh.documents.policy_files import POLICY_END, read_policy
from streammesh.errors.policies import NoSuchPolicy


def shipped_names() -> tuple[str, ...]:
    """Give the names of the policies, sorted."""
    files = (one.name for one in resources.files(__name__).iterdir())
    return tuple(sorted(one.removesuffix(POLICY_END) for one in files if one.endswith(POLICY_END)))


def shipped_text(name: str) -> str:
    """Give the file of a policy.

    Raises:
        NoSuchPolicy: there is none of that name.
    """
    known = shipped_names()
    if name not in known:
        raise NoSuchPolicy(name=name[:60], fix=nearest(name[:60], known))
    return (resources.files(__name__) / f"{name}{POLICY_END}").read_text(encoding="utf-8")


def shipped(name: str) -> Policy:
    """Give a policy.

    Raises:
        NoSuchPolicy: there is none of that name.
    """
    return read_policy(source_text(f"{name}{POLICY_END}", shipped_text(name).encode()), "", name)
