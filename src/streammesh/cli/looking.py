"""How a command looks at who reads products, and lets the catalog keep it."""

from __future__ import annotations

from streammesh.catalog.catalog import Catalog
from streammesh.cli.context import load_environment, workspace_root
from streammesh.cli.platform import admin_kafka
from streammesh.errors import MeshError
from streammesh.planning.observing.use import COMMAND_SECONDS, Look, look
from streammesh.platform.confluent_admin import ConfluentKafkaAdmin
from streammesh.platform.confluent_groups import ConfluentGroups


def look_now(catalog: Catalog, environment_name: str | None) -> Look:
    """Look at Kafka's consumer groups; what can't be seen is said, and is no error."""
    try:
        settings = admin_kafka(workspace_root(), load_environment(environment_name))
        groups, kafka = ConfluentGroups(settings), ConfluentKafkaAdmin(settings)
    except MeshError as error:
        return Look(failed=error)
    return look(catalog, groups, kafka, COMMAND_SECONDS)
