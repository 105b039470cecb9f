"""A shard on Kubernetes with Knative: what its clouds share, and one cloud."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from satchel_infra.errors import InfraError
from satchel_infra.knative.manifests import make_cloud
from satchel_infra.knative.options import Options
from satchel_infra.knative.shard_manifests import make_shard
from satchel_infra.platform import CloudSpec
from satchel_infra.rendering.environment import find_spec, parse_assignment
from satchel_infra.rendering.yaml_text import write_documents
from satchel_infra.shards import Shard
from satchel_service.settings import SettingsError

HELP: Final = "the clouds of a namespace on Kubernetes with Knative, as YAML"
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
    command.add_argument("--shard", default="s1", metavar="ID", help="id of the shard; the default is s1")
    command.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an option of the platform, as in the configuration; repeatable, with commas between networks",
    )
    command.add_argument("--domain", help="hosts are NAME.SHARD.DOMAIN, for the part of one cloud")
    command.add_argument("--image", help="image by its digest, for the part of one cloud")
    command.add_argument(
        "--name-key-file",
        type=Path,
        metavar="FILE",
        help="the key for names; prints the cloud of SATCHEL_OIDC_ISSUER and SATCHEL_OWNER_SUBJECT too",
    )


def render(options: argparse.Namespace, environment: Mapping[str, str]) -> str:
    """Return the text for the given options. Raise SettingsError for an invalid one."""
    try:
        chosen = Options.read(Shard(options.shard), dict(_read_option(text) for text in options.option))
    except InfraError as exc:
        raise SettingsError(f"{exc}; {exc.hint}") from exc
    if options.name_key_file is None:
        return render_knative(chosen, None)
    if not options.domain:
        raise SettingsError("the part of one cloud needs --domain")
    return render_knative(chosen, find_spec(options, environment))


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
