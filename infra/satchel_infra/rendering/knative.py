"""A shard on Kubernetes with Knative: what its clouds share, and one cloud."""

import argparse
from collections.abc import Mapping
from typing import Final

from satchel_infra.errors import InfraError
from satchel_infra.knative.manifests import make_cloud
from satchel_infra.knative.options import Options
from satchel_infra.knative.shard_manifests import make_shard
from satchel_infra.names import TAG_PATTERN, Owner
from satchel_infra.platform import CloudSpec
from satchel_infra.rendering.environment import parse_assignment
from satchel_infra.rendering.yaml_text import write_documents
from satchel_infra.shards import Shard
from satchel_service.settings import SettingsError

HELP: Final = "the clouds of a namespace on Kubernetes with Knative, as YAML"
EXAMPLE_TAG: Final = "e" * 52
LISTS: Final = frozenset({"pod_networks", "reachable", "unreachable"})
NUMBERS: Final = frozenset({"clouds", "awake", "wait_s"})
NEEDS: Final = """\
# Knative Serving must allow these, in the namespace {namespace}:
#   ConfigMap config-features: kubernetes.podspec-securitycontext: "enabled"{volumes}
#   ConfigMap config-network: autocreate-cluster-domain-claims: "true"
"""
VOLUMES: Final = """
#     kubernetes.podspec-persistent-volume-claim: "enabled"
#     kubernetes.podspec-persistent-volume-write: "enabled\""""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of this target."""
    command.add_argument("--shard", default="s1", metavar="ID", help="the shard; its namespace is satchel-ID")
    command.add_argument("--domain", default="clouds.example.org", help="the domain that host names end in")
    command.add_argument(
        "--image", default="satchel-service", help="image to run; use one by digest: NAME@sha256:DIGEST"
    )
    command.add_argument("--owner", default=EXAMPLE_TAG, metavar="TAG", help="the owner's tag")
    command.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an option of the platform, as in the configuration; repeatable, with commas between networks",
    )
    command.add_argument(
        "--shared", action="store_true", help="print only what the clouds of the shard share"
    )


def render(options: argparse.Namespace, environment: Mapping[str, str]) -> str:
    """Return the text for the given options. Raise SettingsError for an invalid one."""
    try:
        chosen = Options.read(Shard(options.shard), dict(_read_option(text) for text in options.option))
    except InfraError as exc:
        raise SettingsError(f"{exc}; {exc.hint}") from exc
    if not TAG_PATTERN.fullmatch(options.owner):
        raise SettingsError(f"--owner {options.owner!r} is no tag; use 52 characters of a to z and 2 to 7")
    owner = Owner(options.owner)
    spec = CloudSpec(owner, f"{owner.name}.{options.shard}.{options.domain}", options.image, environment)
    return render_knative(chosen, None if options.shared else spec)


def render_knative(options: Options, spec: CloudSpec | None) -> str:
    """Return what the clouds of a shard share, and one cloud."""
    needs = NEEDS.format(
        namespace=options.knative_namespace, volumes=VOLUMES if options.storage == "volume" else ""
    )
    parts = ["# Shared by the clouds of the namespace; apply it once, as an administrator\n"]
    parts.append(write_documents(make_shard(options)))
    if spec is not None:
        parts.append(f"# One cloud: {spec.host}\n")
        parts.append(write_documents(make_cloud(options, spec)))
    return needs + "".join(parts)


def _read_option(text: str) -> tuple[str, object]:
    """Split NAME=VALUE. The value of a list is separated by commas."""
    name, value = parse_assignment(text)
    if name in LISTS:
        return name, value.split(",")
    return name, int(value) if name in NUMBERS and value.isdigit() else value
