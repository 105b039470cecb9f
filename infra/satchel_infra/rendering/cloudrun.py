"""A shard on Cloud Run as a shell script: what its clouds share, and the parts of one cloud.

An operator runs the shared part once for each project and region. The provisioner does the rest through Google's APIs,
with the same JSON; the part of one cloud is printed to read, and to create one by hand.
"""

import argparse
import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from satchel_infra.cloudrun.account import Account
from satchel_infra.cloudrun.bucket_access import binding
from satchel_infra.cloudrun.options import Options, Place
from satchel_infra.cloudrun.service_body import labels_of, service_body
from satchel_infra.configuration import is_domain
from satchel_infra.errors import InfraError
from satchel_infra.platform import CloudSpec
from satchel_infra.rendering.cloudrun_shared import render_shared
from satchel_infra.rendering.environment import find_spec
from satchel_infra.shards import Shard
from satchel_service.settings import SettingsError

HELP: Final = "many clouds on Google Cloud Run, as a script of gcloud commands"
REGION: Final = "europe-west1"
CLOUD: Final = """\

# One cloud, as the provisioner makes it: {host}
gcloud iam service-accounts create {name} --project={project} \\
  --display-name='satchel {name}' --description={description}
{storage}
# curl reads its header from a file, so that the token is in no list of processes
curl --fail --silent --show-error --request POST \\
  --header @<(printf 'Authorization: Bearer %s' "$(gcloud auth print-access-token)") \\
  --header 'Content-Type: application/json' --data-binary @- \\
  'https://run.googleapis.com/v2/projects/{project}/locations/{region}/services?serviceId={name}' <<'JSON'
{service}
JSON
"""

OWN_BUCKET: Final = """\
gcloud storage buckets create {url} --project={project} --location={region} \\
  --uniform-bucket-level-access --public-access-prevention --soft-delete-duration=0
gcloud storage buckets update {url} --update-labels={labels}
# Nobody but the account: this removes the roles that a new bucket gives the project's editors and viewers
gcloud storage buckets set-iam-policy {url} /dev/stdin <<'JSON'
{policy}
JSON"""

PREFIX: Final = """\
gcloud storage buckets add-iam-policy-binding {url} --role={role} --member={member} \\
  --condition-from-file=/dev/stdin <<'JSON'
{condition}
JSON"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of this target."""
    command.add_argument("--project", required=True, help="id of the project")
    command.add_argument("--region", default=REGION, help=f"region of Cloud Run; the default is {REGION}")
    command.add_argument("--shard", default="s1", metavar="ID", help="id of the shard; the default is s1")
    command.add_argument("--domain", required=True, help="hosts are NAME.SHARD.DOMAIN")
    command.add_argument(
        "--bucket", default="", help="bucket for a prefix of each cloud, instead of one bucket each"
    )
    command.add_argument(
        "--further", action="store_true", help="another shard of a project that already has a load balancer"
    )
    command.add_argument("--image", help="image by its digest, for the part of one cloud")
    command.add_argument(
        "--name-key-file",
        type=Path,
        metavar="FILE",
        help="the key for names; prints the cloud of SATCHEL_OIDC_ISSUER and SATCHEL_OWNER_SUBJECT too",
    )


def render(options: argparse.Namespace, environment: Mapping[str, str]) -> str:
    """Return the script. Raise SettingsError for an invalid option."""
    try:
        place = {"project": options.project, "region": options.region}
        shard = Shard(options.shard, {**place, "bucket": options.bucket} if options.bucket else place)
        chosen = Options.read({"storage": "prefix"} if options.bucket else {})
        if not is_domain(options.domain):
            raise SettingsError(f"--domain {options.domain!r} is not a domain such as clouds.example.org")
        shared = render_shared(Place.of(shard), shard, options.domain, is_further=options.further)
        if options.name_key_file is None:
            return shared
        return shared + render_cloud(find_spec(options, environment), shard, chosen)
    except InfraError as exc:
        raise SettingsError(f"{exc}; {exc.hint}") from exc


def render_cloud(spec: CloudSpec, shard: Shard, options: Options) -> str:
    """Return the commands that create one cloud, with the JSON that the platform sends."""
    place, labels = Place.of(shard), labels_of(spec.owner.tag, shard)
    bucket, prefix = options.storage(place, spec.name)
    access = binding(bucket, place.email(spec.name), prefix)
    (member,) = access["members"]
    storage = (PREFIX if prefix else OWN_BUCKET).format(
        url=f"gs://{bucket}",
        project=place.project,
        region=place.region,
        labels=",".join(f"{key}={value}" for key, value in labels.items()),
        policy=_indented({"bindings": [{**access, "members": [member]}]}),
        role=access["role"],
        member=member,
        condition=_indented(access.get("condition", {})),
    )
    return CLOUD.format(
        host=spec.host,
        name=spec.name,
        project=place.project,
        region=place.region,
        description=shlex.quote(Account(spec.owner, shard.id).description),
        storage=storage,
        service=_indented(service_body(spec, shard, options)),
    )


def _indented(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2)
