#!/usr/bin/env bash
# The shard s1: clouds at https://NAME.s1.clouds.example.org, in clouds-1, europe-west1.
# Run it once. Written from Google's documentation; it has not been run against the live service.
set -euo pipefail
gcloud config set project clouds-1
gcloud services enable run.googleapis.com iam.googleapis.com storage.googleapis.com compute.googleapis.com certificatemanager.googleapis.com

# The provisioner, which may create and remove clouds
gcloud iam service-accounts create satchel-provisioner --display-name='satchel provisioner'
for role in roles/run.admin roles/iam.serviceAccountAdmin roles/iam.serviceAccountUser roles/storage.admin; do
  gcloud projects add-iam-policy-binding clouds-1 --role="$role" --condition=None \
    --member=serviceAccount:satchel-provisioner@clouds-1.iam.gserviceaccount.com
done
gcloud certificate-manager maps create satchel

# A wildcard certificate, renewed by Google as long as the record of its authorization exists
gcloud certificate-manager dns-authorizations create satchel-s1 --domain=s1.clouds.example.org
gcloud certificate-manager certificates create satchel-s1 \
  --domains='*.s1.clouds.example.org' --dns-authorizations=satchel-s1
gcloud certificate-manager maps entries create satchel-s1 \
  --map=satchel --hostname='*.s1.clouds.example.org' --certificates=satchel-s1

# One serverless NEG: <service> stands for the label of the host name that names the Cloud Run service
gcloud compute network-endpoint-groups create satchel-s1 --region=europe-west1 \
  --network-endpoint-type=serverless --cloud-run-url-mask='<service>.s1.clouds.example.org'
# Without request logs, which would hold the addresses of people and the ids of shares
gcloud compute backend-services create satchel-s1 --global \
  --load-balancing-scheme=EXTERNAL_MANAGED --no-enable-logging
gcloud compute backend-services add-backend satchel-s1 --global \
  --network-endpoint-group=satchel-s1 --network-endpoint-group-region=europe-west1

# One load balancer, for TLS 1.2 and newer on port 443 only
gcloud compute url-maps create satchel --default-service=satchel-s1
gcloud compute ssl-policies create satchel --profile=MODERN --min-tls-version=1.2
gcloud compute target-https-proxies create satchel --url-map=satchel \
  --certificate-map=satchel --ssl-policy=satchel
for version in IPV4 IPV6; do
  name="satchel-$(printf %s "$version" | tr '[:upper:]' '[:lower:]')"
  gcloud compute addresses create "$name" --global --ip-version="$version"
  gcloud compute forwarding-rules create "$name" --global --load-balancing-scheme=EXTERNAL_MANAGED \
    --address="$name" --target-https-proxy=satchel --ports=443
done

# The records to add to the zone of the domain, and the addresses for options.balancer_addresses
gcloud certificate-manager dns-authorizations describe satchel-s1 \
  --format='value(dnsResourceRecord.name, dnsResourceRecord.type, dnsResourceRecord.data)'
gcloud compute addresses describe satchel-ipv4 --global --format='value(address)' | sed 's/^/*.s1.clouds.example.org. A /'
gcloud compute addresses describe satchel-ipv6 --global --format='value(address)' | sed 's/^/*.s1.clouds.example.org. AAAA /'

# One cloud, as the provisioner makes it: cambi3q5rb2nkxhxqym32hdbd6.s1.clouds.example.org
gcloud iam service-accounts create cambi3q5rb2nkxhxqym32hdbd6 --project=clouds-1 \
  --display-name='satchel cambi3q5rb2nkxhxqym32hdbd6' --description='satchel cloud; owner ambi3q5rb2nkxhxqym32hdbd6brwpfcanfckfiborgndvvzo6i6a; shard s1'
gcloud storage buckets create gs://clouds-1-cambi3q5rb2nkxhxqym32hdbd6 --project=clouds-1 --location=europe-west1 \
  --uniform-bucket-level-access --public-access-prevention --soft-delete-duration=0
gcloud storage buckets update gs://clouds-1-cambi3q5rb2nkxhxqym32hdbd6 --update-labels=satchel=cloud,satchel-owner=ambi3q5rb2nkxhxqym32hdbd6brwpfcanfckfiborgndvvzo6i6a,satchel-shard=s1
# Nobody but the account: this removes the roles that a new bucket gives the project's editors and viewers
gcloud storage buckets set-iam-policy gs://clouds-1-cambi3q5rb2nkxhxqym32hdbd6 /dev/stdin <<'JSON'
{
  "bindings": [
    {
      "role": "roles/storage.objectUser",
      "members": [
        "serviceAccount:cambi3q5rb2nkxhxqym32hdbd6@clouds-1.iam.gserviceaccount.com"
      ]
    }
  ]
}
JSON
# curl reads its header from a file, so that the token is in no list of processes
curl --fail --silent --show-error --request POST \
  --header @<(printf 'Authorization: Bearer %s' "$(gcloud auth print-access-token)") \
  --header 'Content-Type: application/json' --data-binary @- \
  'https://run.googleapis.com/v2/projects/clouds-1/locations/europe-west1/services?serviceId=cambi3q5rb2nkxhxqym32hdbd6' <<'JSON'
{
  "labels": {
    "satchel": "cloud",
    "satchel-owner": "ambi3q5rb2nkxhxqym32hdbd6brwpfcanfckfiborgndvvzo6i6a",
    "satchel-shard": "s1"
  },
  "description": "a personal cloud of satchel",
  "ingress": "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
  "invokerIamDisabled": true,
  "defaultUriDisabled": true,
  "traffic": [
    {
      "type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST",
      "percent": 100
    }
  ],
  "template": {
    "labels": {
      "satchel": "cloud",
      "satchel-owner": "ambi3q5rb2nkxhxqym32hdbd6brwpfcanfckfiborgndvvzo6i6a",
      "satchel-shard": "s1"
    },
    "serviceAccount": "cambi3q5rb2nkxhxqym32hdbd6@clouds-1.iam.gserviceaccount.com",
    "executionEnvironment": "EXECUTION_ENVIRONMENT_GEN1",
    "scaling": {
      "minInstanceCount": 0,
      "maxInstanceCount": 1
    },
    "maxInstanceRequestConcurrency": 80,
    "timeout": "900s",
    "containers": [
      {
        "name": "satchel",
        "image": "europe-west1-docker.pkg.dev/clouds-1/satchel/service@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "ports": [
          {
            "name": "http1",
            "containerPort": 8080
          }
        ],
        "env": [
          {
            "name": "SATCHEL_BIND",
            "value": "0.0.0.0"
          },
          {
            "name": "SATCHEL_OIDC_CLIENT_ID",
            "value": "satchel"
          },
          {
            "name": "SATCHEL_OIDC_ISSUER",
            "value": "https://issuer.example.org/"
          },
          {
            "name": "SATCHEL_OWNER_SUBJECT",
            "value": "auth0|5f7c"
          },
          {
            "name": "SATCHEL_PUBLIC_URL",
            "value": "https://cambi3q5rb2nkxhxqym32hdbd6.s1.clouds.example.org"
          },
          {
            "name": "SATCHEL_STORAGE",
            "value": "gs://clouds-1-cambi3q5rb2nkxhxqym32hdbd6"
          },
          {
            "name": "SATCHEL_TRUSTED_PROXIES",
            "value": "169.254.0.0/16"
          }
        ],
        "resources": {
          "limits": {
            "cpu": "1",
            "memory": "128Mi"
          },
          "cpuIdle": true,
          "startupCpuBoost": true
        },
        "startupProbe": {
          "httpGet": {
            "path": "/ready",
            "port": 8080
          },
          "periodSeconds": 1,
          "timeoutSeconds": 1,
          "failureThreshold": 120
        },
        "livenessProbe": {
          "httpGet": {
            "path": "/live",
            "port": 8080
          },
          "periodSeconds": 60,
          "timeoutSeconds": 10,
          "failureThreshold": 3
        }
      }
    ]
  }
}
JSON
