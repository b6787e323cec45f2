"""Tell the engine to publish a product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from streammesh.deployments.deployment import Deployment, ProductDeployment, digested
from streammesh.errors.platform import Missing
from streammesh.planning import claims
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.steps.together import each
from streammesh.planning.systems import Platform


@dataclass(frozen=True)
class WriteProduct(Step):
    """Write the deployment of a product's port.

    Attributes:
        deployment: the new one; the ids of its schemas are asked for when it is written, since an
            earlier step of the same plan may register them.
        before: the version that ran before; empty for a new one.
        effect: what it does to the events, in words.
        published: how many documents that publishes at most, as the database estimates; -1 when
            unknown.
        after_reading: whether tables of its source are read before.
    """

    deployment: ProductDeployment
    before: str
    effect: str
    published: int = 0
    after_reading: bool = False

    usual_change: ClassVar[Change] = Change.CHANGE
    phase: ClassVar[Phase] = Phase.PRODUCT
    kind: ClassVar[str] = "deployment"
    verb: ClassVar[str] = "deploy"
    at_once: ClassVar[int] = 200

    @property
    def when(self) -> Phase:
        """It waits for tables that are read."""
        return Phase.CHANGED_PRODUCT if self.after_reading else self.phase

    @property
    def change(self) -> Change:
        """A first deployment adds the product."""
        return Change.CHANGE if self.before else Change.ADD

    @property
    def subject(self) -> str:
        """Give topic and version."""
        return f"{self.deployment.topic} {self.deployment.version}"

    @property
    def detail(self) -> str:
        """Say what happens to the events."""
        return self.effect

    @property
    def why(self) -> str:
        """Say who reads it."""
        return "the engine runs what is deployed, never files"

    @property
    def affects(self) -> str:
        """Say who notices."""
        noticed = self.before and self.published
        return f"consumers of {self.deployment.topic}" if noticed else ""

    @property
    def undo(self) -> str:
        """Say how to undo it, and what stays."""
        return "apply the files as they were; events that were published stay published"

    @property
    def brief(self) -> tuple[str, str] | None:
        """Say what happens to the documents."""
        return "documents", self.effect

    @property
    def documents(self) -> int:
        """Give how many documents are published, at most."""
        return self.published

    @property
    def details(self) -> Mapping[str, Any]:
        """Give what is deployed."""
        return {
            "version": self.deployment.version,
            "version_before": self.before or None,
            "topic": self.deployment.topic,
            "source": f"{self.deployment.domain}.{self.deployment.source}",
            "documents_at_most": None if self.published < 0 else self.published,
        }

    def apply(self, platform: Platform) -> None:
        """Write it."""
        self.apply_all([self], platform)

    @classmethod
    def apply_all(cls, steps: Sequence[WriteProduct], platform: Platform) -> None:
        """Fill in the ids of their schemas, remember their digests for ever, and write them."""
        before = platform.deployments.read()
        found = each(steps, lambda one: with_ids(with_earlier(one.deployment, before), platform))
        known = platform.resources.read()
        claims.confirm(
            platform, [claims.deployed(known, made, one.owner) for one, made in found.done]
        )
        platform.deployments.write([made for _, made in found.done])
        found.check()


def with_earlier(new: ProductDeployment, before: Mapping[str, Deployment]) -> ProductDeployment:
    """Give the deployment with the schemas that events were written with until now."""
    old = before.get(new.key)
    if not isinstance(old, ProductDeployment):
        return new
    kept = dict(old.earlier) | {old.value_schema_id: old.value_schema}
    earlier = {id: schema for id, schema in kept.items() if schema != new.value_schema}
    return replace(new, earlier=tuple(earlier.items()))


def with_ids(deployment: ProductDeployment, platform: Platform) -> ProductDeployment:
    """Give the deployment with the ids that the registry has for its schemas, and its digest."""
    return digested(
        replace(
            deployment,
            key_schema_id=_id(platform, f"{deployment.topic}-key", deployment.key_schema),
            value_schema_id=_id(platform, f"{deployment.topic}-value", deployment.value_schema),
        )
    )


def _id(platform: Platform, subject: str, schema: str) -> int:
    registered = platform.registry.lookup(subject, schema)
    if registered is None:
        raise Missing(system="the registry", kind="schema of subject", name=subject)
    return registered.id
