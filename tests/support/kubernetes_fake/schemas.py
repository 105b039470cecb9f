"""Published schemas of the objects that a fake API server takes.

Kubernetes' own kinds come from kubernetes-validate, Knative's from cloudcoil's models, which are made from Knative's
own definitions. Unknown fields are refused, as the API server does with `fieldValidation=Strict`.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any, Final

from cloudcoil.models.knative_serving.serving import v1, v1beta1
from referencing import Registry, Resource

RELEASE: Final = "v1.37.0-local-strict"
KNATIVE: Final[dict[str, Any]] = {"Service": v1.Service, "DomainMapping": v1beta1.DomainMapping}
# the fields that https://github.com/rook/rook documents; no package has a schema of this kind
BUCKET_CLAIM: Final = {
    "type": "object",
    "additionalProperties": False,
    "required": ["apiVersion", "kind", "metadata", "spec"],
    "properties": {
        "apiVersion": {"const": "objectbucket.io/v1alpha1"},
        "kind": {"const": "ObjectBucketClaim"},
        "metadata": {"type": "object"},
        "status": {"type": "object"},
        "spec": {
            "type": "object",
            "additionalProperties": False,
            "required": ["storageClassName"],
            "properties": {
                "storageClassName": {"type": "string"},
                "bucketName": {"type": "string"},
                "generateBucketName": {"type": "string"},
                "objectBucketName": {"type": "string"},
                "additionalConfig": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        },
    },
}


def check(manifest: dict[str, Any]) -> str:
    """Return what is wrong with an object by its schema; an empty text if nothing is."""
    # takes two seconds, and every worker of a run collects this module
    import jsonschema  # type: ignore[import-untyped]

    validator = _validator(str(manifest.get("apiVersion")), str(manifest.get("kind")))
    error = jsonschema.exceptions.best_match(validator.iter_errors(manifest))
    return f"{'.'.join(str(step) for step in error.absolute_path)}: {error.message[:300]}" if error else ""


@cache
def _validator(api_version: str, kind: str) -> Any:  # noqa: ANN401  jsonschema's validators have no common type
    import jsonschema

    if api_version.startswith("serving.knative.dev/"):
        return jsonschema.Draft202012Validator(_close(KNATIVE[kind].model_json_schema(by_alias=True)))
    if kind == "ObjectBucketClaim":
        return jsonschema.Draft202012Validator(BUCKET_CLAIM)
    group = (
        api_version.split("/", maxsplit=1)[0].split(".", maxsplit=1)[0] + "-" if "/" in api_version else ""
    )
    name = f"{kind.lower()}-{group}{api_version.rpartition('/')[2]}.json"
    registry: Any = Resource.from_contents(_load("_definitions.json")) @ Registry()
    return jsonschema.Draft202012Validator(_load(name), registry=registry)


@cache
def _load(name: str) -> Any:  # noqa: ANN401
    path = files("kubernetes_validate").joinpath("kubernetes-json-schema", RELEASE, name)
    return json.loads(path.read_text())


def _close(schema: Any) -> Any:  # noqa: ANN401
    """Return a schema in which every object with named fields has no others."""
    if isinstance(schema, list):
        return [_close(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _close(value) for key, value in schema.items()}
    return {**closed, "additionalProperties": False} if isinstance(schema.get("properties"), dict) else closed
