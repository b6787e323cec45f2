"""What apply deployed, and how a product of it is proved."""

from __future__ import annotations

from collections.abc import Mapping

from streammesh.demo.setup import Mesh
from streammesh.deployments.deployment import Deployment, ProductDeployment, SourceDeployment
from streammesh.documents.values import Port
from streammesh.errors.demo import NotDeployed
from streammesh.platform.confluent_streams import ConfluentStreams
from streammesh.platform.kafka_stores import KafkaDeploymentStore, KafkaResourceStore
from streammesh.reconcile.proof import Proof, known_digests
from streammesh.reconcile.prove import Prover, Systems


class Deployed:
    """The deployments of a mesh as they stand now."""

    def __init__(self, mesh: Mesh) -> None:
        """Read them."""
        self._mesh = mesh
        store = KafkaDeploymentStore(mesh.admin, mesh.environment.names)
        self._all: Mapping[str, Deployment] = store.read()
        self._resources = KafkaResourceStore(mesh.admin, mesh.environment.names).read()

    @property
    def source(self) -> SourceDeployment:
        """The example's source.

        Raises:
            NotDeployed: apply has not deployed it.
        """
        key = f"source/{self._mesh.domain}.{self._mesh.source.name}"
        found = self._all.get(key)
        if not isinstance(found, SourceDeployment):
            raise NotDeployed(name=key)
        return found

    def product(self, port: Port) -> ProductDeployment:
        """Give a port's deployment.

        Raises:
            NotDeployed: apply has not deployed it.
        """
        key = f"product/{self._mesh.topic(port)}"
        found = self._all.get(key)
        if not isinstance(found, ProductDeployment):
            raise NotDeployed(name=key)
        return found

    def is_known(self, digest: str) -> bool:
        """Say whether apply ever deployed a product of that digest."""
        return any(
            digest in known_digests(self._resources, self._mesh.topic(port))
            for port in self._mesh.ports
        )


class Provers:
    """Proves products one at a time; each event of a topic is read once."""

    def __init__(self, mesh: Mesh, deployed: Deployed) -> None:
        """Prepare; nothing is read yet."""
        self._deployed = deployed
        self._systems = Systems(
            settings=mesh.admin,
            streams=ConfluentStreams(mesh.admin, f"{mesh.admin.username}.proof"),
            dsn=mesh.database.url,
            progress_topic=deployed.source.progress,
            known=deployed.is_known,
        )
        self._provers: dict[str, Prover] = {}

    def prove(self, port: Port) -> Proof:
        """Compare all documents of a port with what the database computes.

        Raises:
            MeshError: they could not be compared.
        """
        if port.label not in self._provers:
            self._provers[port.label] = Prover(self._deployed.product(port), self._systems)
        return self._provers[port.label].prove()
