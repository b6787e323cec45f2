"""The codec of a deployed product, as its contract and schemas say."""

from __future__ import annotations

from streammesh.contracts.codec import Codec
from streammesh.contracts.leniency import lenient
from streammesh.deployments.deployment import ProductDeployment


def codec_of(deployment: ProductDeployment, *, free: bool = False) -> Codec:
    """Give the codec of a deployed product; `free` for one that knows types and no rules."""
    contract = deployment.contract
    return Codec(
        model=deployment.model.fields,
        contract=lenient(contract) if free else contract,
        key=tuple(part.field for part in deployment.model.key),
        key_schema=deployment.key_schema,
        key_schema_id=deployment.key_schema_id,
        value_schema=deployment.value_schema,
        value_schema_id=deployment.value_schema_id,
        max_bytes=deployment.stream.max_bytes,
    )
