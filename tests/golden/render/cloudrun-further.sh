#!/usr/bin/env bash
# The shard s2: clouds at https://NAME.s2.clouds.example.org, in clouds-1, europe-west1.
# Run it once. Written from Google's documentation; it has not been run against the live service.
set -euo pipefail
gcloud config set project clouds-1

# The bucket of the shard's clouds: each cloud's account may use its own prefix only
gcloud storage buckets create gs://clouds-1-s2 --location=europe-west1 \
  --uniform-bucket-level-access --public-access-prevention --soft-delete-duration=0

# A wildcard certificate, renewed by Google as long as the record of its authorization exists
gcloud certificate-manager dns-authorizations create satchel-s2 --domain=s2.clouds.example.org
gcloud certificate-manager certificates create satchel-s2 \
  --domains='*.s2.clouds.example.org' --dns-authorizations=satchel-s2
gcloud certificate-manager maps entries create satchel-s2 \
  --map=satchel --hostname='*.s2.clouds.example.org' --certificates=satchel-s2

# One serverless NEG: <service> stands for the label of the host name that names the Cloud Run service
gcloud compute network-endpoint-groups create satchel-s2 --region=europe-west1 \
  --network-endpoint-type=serverless --cloud-run-url-mask='<service>.s2.clouds.example.org'
# Without request logs, which would hold the addresses of people and the ids of shares
gcloud compute backend-services create satchel-s2 --global \
  --load-balancing-scheme=EXTERNAL_MANAGED --no-enable-logging
gcloud compute backend-services add-backend satchel-s2 --global \
  --network-endpoint-group=satchel-s2 --network-endpoint-group-region=europe-west1

# The load balancer of the project sends the hosts of this shard to its NEG
gcloud compute url-maps add-path-matcher satchel --path-matcher-name=satchel-s2 \
  --default-service=satchel-s2 --new-hosts='*.s2.clouds.example.org'

# The records to add to the zone of the domain, and the addresses for options.balancer_addresses
gcloud certificate-manager dns-authorizations describe satchel-s2 \
  --format='value(dnsResourceRecord.name, dnsResourceRecord.type, dnsResourceRecord.data)'
gcloud compute addresses describe satchel-ipv4 --global --format='value(address)' | sed 's/^/*.s2.clouds.example.org. A /'
gcloud compute addresses describe satchel-ipv6 --global --format='value(address)' | sed 's/^/*.s2.clouds.example.org. AAAA /'

# One cloud, as the provisioner makes it: cambi3q5rb2nkxhxqym32hdbd6.s2.clouds.example.org
gcloud iam service-accounts create cambi3q5rb2nkxhxqym32hdbd6 --project=clouds-1 \
  --display-name='satchel cambi3q5rb2nkxhxqym32hdbd6' --description='satchel cloud; owner ambi3q5rb2nkxhxqym32hdbd6brwpfcanfckfiborgndvvzo6i6a; shard s2'
gcloud storage buckets add-iam-policy-binding gs://clouds-1-s2 --role=roles/storage.objectUser --member=serviceAccount:cambi3q5rb2nkxhxqym32hdbd6@clouds-1.iam.gserviceaccount.com \
  --condition-from-file=/dev/stdin <<'JSON'
{
  "title": "cambi3q5rb2nkxhxqym32hdbd6",
  "expression": "resource.name.startsWith(\"projects/_/buckets/clouds-1-s2/objects/cambi3q5rb2nkxhxqym32hdbd6/\") || api.getAttribute(\"storage.googleapis.com/objectListPrefix\", \"\").startsWith(\"cambi3q5rb2nkxhxqym32hdbd6/\")"
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
    "satchel-shard": "s2"
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
      "satchel-shard": "s2"
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
            "value": "https://cambi3q5rb2nkxhxqym32hdbd6.s2.clouds.example.org"
          },
          {
            "name": "SATCHEL_STORAGE",
            "value": "gs://clouds-1-s2/cambi3q5rb2nkxhxqym32hdbd6"
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
