"""Tell the engine to publish a product."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from streammesh.deployments.deployment import ProductDeployment, digested
from streammesh.errors.platform import Missing
from streammesh.planning import claims
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform


@dataclass(frozen=True)
class WriteProduct(Step):
    """Write the deployment of a product's port.

    Attributes:
        deployment: the new one; the ids of its schemas are asked for when it is written, since an
            earlier step of the same plan may register them.
        before: the version that ran before; empty for a new one.
        effect: what it does to the events, in words.
    """

    deployment: ProductDeployment
    before: str
    effect: str

    usual_change: ClassVar[Change] = Change.CHANGE
    phase: ClassVar[Phase] = Phase.PRODUCT
    kind: ClassVar[str] = "deployment"
    verb: ClassVar[str] = "deploy"

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
        return "" if not self.before else f"consumers of {self.deployment.topic}"

    @property
    def undo(self) -> str:
        """Say how to undo it, and what stays."""
        return "apply the files as they were; events that were published stay published"

    def apply(self, platform: Platform) -> None:
        """Fill in the ids of its schemas, remember its digest for ever, and write it."""
        made = with_ids(self.deployment, platform)
        history = claims.deployed(platform.resources.read(), made, self.owner)
        platform.resources.write([claims.stamped(platform, history)])
        platform.deployments.write([made])


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
