"""What the clouds of a shard on Cloud Run share: a load balancer, a wildcard certificate, a serverless NEG, roles.

The URL mask of the NEG takes the service from the host name, so no cloud has a rule of its own. A project has one load
balancer; each of its shards, which are in different regions, has a certificate, a NEG and a backend service.
"""

from typing import Final

from satchel_infra.cloudrun.options import Place
from satchel_infra.shards import Shard

APIS: Final = ("run", "iam", "storage", "compute", "certificatemanager")
ROLES: Final = (
    "roles/run.admin",  # services, and that they check requests themselves
    "roles/iam.serviceAccountAdmin",  # the account of each cloud
    "roles/iam.serviceAccountUser",  # and to run services with it
    "roles/storage.admin",  # the bucket of each cloud, and its objects on removal
)

HEAD: Final = """\
#!/usr/bin/env bash
# The shard {shard}: clouds at https://NAME.{host}, in {project}, {region}.
# Run it once. Written from Google's documentation; it has not been run against the live service.
set -euo pipefail
gcloud config set project {project}
"""

PROJECT: Final = """\
gcloud services enable {apis}

# The provisioner, which may create and remove clouds
gcloud iam service-accounts create satchel-provisioner --display-name='satchel provisioner'
for role in {roles}; do
  gcloud projects add-iam-policy-binding {project} --role="$role" --condition=None \\
    --member=serviceAccount:satchel-provisioner@{project}.iam.gserviceaccount.com
done
gcloud certificate-manager maps create satchel
"""

SHARD: Final = """\
{bucket}
# A wildcard certificate, renewed by Google as long as the record of its authorization exists
gcloud certificate-manager dns-authorizations create satchel-{shard} --domain={host}
gcloud certificate-manager certificates create satchel-{shard} \\
  --domains='*.{host}' --dns-authorizations=satchel-{shard}
gcloud certificate-manager maps entries create satchel-{shard} \\
  --map=satchel --hostname='*.{host}' --certificates=satchel-{shard}

# One serverless NEG: <service> stands for the label of the host name that names the Cloud Run service
gcloud compute network-endpoint-groups create satchel-{shard} --region={region} \\
  --network-endpoint-type=serverless --cloud-run-url-mask='<service>.{host}'
# Without request logs, which would hold the addresses of people and the ids of shares
gcloud compute backend-services create satchel-{shard} --global \\
  --load-balancing-scheme=EXTERNAL_MANAGED --no-enable-logging
gcloud compute backend-services add-backend satchel-{shard} --global \\
  --network-endpoint-group=satchel-{shard} --network-endpoint-group-region={region}
"""

BALANCER: Final = """
# One load balancer, for TLS 1.2 and newer on port 443 only
gcloud compute url-maps create satchel --default-service=satchel-{shard}
gcloud compute ssl-policies create satchel --profile=MODERN --min-tls-version=1.2
gcloud compute target-https-proxies create satchel --url-map=satchel \\
  --certificate-map=satchel --ssl-policy=satchel
for version in IPV4 IPV6; do
  name="satchel-$(printf %s "$version" | tr '[:upper:]' '[:lower:]')"
  gcloud compute addresses create "$name" --global --ip-version="$version"
  gcloud compute forwarding-rules create "$name" --global --load-balancing-scheme=EXTERNAL_MANAGED \\
    --address="$name" --target-https-proxy=satchel --ports=443
done
"""

FURTHER: Final = """
# The load balancer of the project sends the hosts of this shard to its NEG
gcloud compute url-maps add-path-matcher satchel --path-matcher-name=satchel-{shard} \\
  --default-service=satchel-{shard} --new-hosts='*.{host}'
"""

RECORDS: Final = """
# The records to add to the zone of the domain, and the addresses for options.balancer_addresses
gcloud certificate-manager dns-authorizations describe satchel-{shard} \\
  --format='value(dnsResourceRecord.name, dnsResourceRecord.type, dnsResourceRecord.data)'
gcloud compute addresses describe satchel-ipv4 --global --format='value(address)' | sed 's/^/*.{host}. A /'
gcloud compute addresses describe satchel-ipv6 --global --format='value(address)' | sed 's/^/*.{host}. AAAA /'
"""

BUCKET: Final = """
# The bucket of the shard's clouds: each cloud's account may use its own prefix only
gcloud storage buckets create gs://{bucket} --location={region} \\
  --uniform-bucket-level-access --public-access-prevention --soft-delete-duration=0
"""


def render_shared(place: Place, shard: Shard, domain: str, *, is_further: bool) -> str:
    """Return the script of a shard: the first of its project, or a further one."""
    parts = (HEAD, SHARD, FURTHER, RECORDS) if is_further else (HEAD, PROJECT, SHARD, BALANCER, RECORDS)
    return "".join(parts).format(
        shard=shard.id,
        host=f"{shard.id}.{domain}",
        project=place.project,
        region=place.region,
        apis=" ".join(f"{api}.googleapis.com" for api in APIS),
        roles=" ".join(ROLES),
        bucket=BUCKET.format(bucket=place.bucket, region=place.region) if place.bucket else "",
    )
