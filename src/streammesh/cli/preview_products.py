"""`mesh preview` of a model over products: computed by the engine's own code from their topics."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from streammesh.cli.platform import admin_kafka, platform_of
from streammesh.documents.values import Environment, Port, Source, Workspace
from streammesh.engine.deployed import deployed
from streammesh.engine.gathering.once import computed
from streammesh.errors import MeshErrors
from streammesh.errors.models import KeyParts
from streammesh.planning.wanting.build import build
from streammesh.planning.wanting.built import read_columns
from streammesh.planning.wanting.desired import wanted_product
from streammesh.planning.wanting.gathering import gathered, wanted_gathering
from streammesh.platform.confluent_streams import ConfluentStreams


def lines(
    workspace: Workspace,
    environment: Environment,
    port: Port,
    source: Source,
    key: Sequence[str],
) -> Generator[str]:
    """Give the documents as JSON lines.

    Args:
        workspace: the files.
        environment: where the products are.
        port: whose documents.
        source: lists the products that its model reads.
        key: of the one document that is wanted, part by part; empty for all.

    Raises:
        MeshError: model or contract are wrong, or a product is not there.
    """
    root, names = Path(workspace.root), environment.names
    deployments = platform_of(root, environment).deployments.read()
    found = gathered(workspace, names, deployments)
    if found.problems:
        raise MeshErrors(found.problems)
    domain = workspace.domains[port.domain]
    built = build(port, domain, names, found.tables)
    product = wanted_product(built, names).deployment
    if key and len(key) != len(product.model.key):
        fields = ", ".join(part.field for part in product.model.key)
        wanted = len(product.model.key)
        raise KeyParts(product=port.label, wanted=wanted, names=fields, given=len(key))
    read = read_columns([built], port.domain, source.name)
    wanted_source = wanted_gathering(workspace.mesh, environment, source, found, read).deployment
    here = deployed({**deployments, wanted_source.key: wanted_source}, port.domain, source.name)
    streams = ConfluentStreams(admin_kafka(root, environment), "mesh-preview")
    with TemporaryDirectory(prefix="streammesh-preview-") as folder:
        # ids are the registry's to give; these two stand on nothing but this machine
        numbered = replace(product, key_schema_id=1, value_schema_id=2)
        for one in computed(here, numbered, streams, Path(folder)):
            if not key or [str(part) for part in one.key.values()] == list(key):
                shown = {"key": one.key, "value": one.value}
                more = {} if one.violation is None else {"violation": one.violation}
                yield json.dumps(shown | more, ensure_ascii=False)
