"""The proxy in front of a machine with many clouds: Caddy, or nginx with a certificate of the operator's own.

A name is known while its record exists, so a new cloud needs no reload. An unknown name gets 404, and a known one whose
socket is closed 503. No connection to a cloud is kept open, because it would keep the cloud awake.
"""

from dataclasses import dataclass
from typing import Final

from satchel_infra.box.layout import PROVISIONER_PORT, RECORD_SUFFIX, RECORDS_DIR, SOCKET_SUFFIX, SOCKETS_DIR

PROVISIONER: Final = f"127.0.0.1:{PROVISIONER_PORT}"
ASK: Final = "127.0.0.1:8091"
NAME: Final = "c[a-z2-7]{25}"
NO_CLOUD: Final = "There is no cloud at this address."
CLOSED: Final = "This cloud does not start. Try again in a minute."


@dataclass(frozen=True, slots=True)
class Site:
    """What the proxy serves. `certificate` is a file and its key; None: the proxy gets one for each name."""

    domain: str
    shard: str
    certificate: tuple[str, ...] | None = None
    acme: str | None = None
    acme_root: str | None = None

    @property
    def suffix(self) -> str:
        """What the host names of clouds end in."""
        return f"{self.shard}.{self.domain}"

    @property
    def pattern(self) -> str:
        """The host names of clouds as a regular expression, whose first group is the name."""
        return rf"^({NAME})\.{self.suffix.replace('.', chr(92) + '.')}$"


CADDY: Final = """\
{{
	# Clouds share the network of the machine: any process that reaches this API can serve every host name
	admin off
{options}	servers {{
		timeouts {{
			read_header 10s
			idle 60s
		}}
	}}
}}

{domain} {{
{own_tls}	reverse_proxy {provisioner}
}}

*.{suffix} {{
{cloud_tls}	map {{host}} {{cloud}} {{
		~{pattern} "${{1}}"
		default "-"
	}}
	@known file {{
		root {records}
		try_files /{{cloud}}{record_suffix}
	}}
	handle @known {{
		request_body {{
			max_size 32MiB
		}}
		reverse_proxy unix/{sockets}/{{cloud}}{socket_suffix} {{
			flush_interval -1
			transport http {{
				keepalive off
				response_header_timeout 120s
			}}
		}}
	}}
	handle {{
		respond "{no_cloud}" 404
	}}
	handle_errors {{
		header Retry-After 60
		respond "{closed}" 503
	}}
}}
"""

ON_DEMAND: Final = """\
	on_demand_tls {{
		ask http://{ask}/
	}}
"""

ANSWER: Final = """
# Caddy itself asks here whether a name may get a certificate: if its cloud exists
http://{ask} {{
	bind 127.0.0.1
	map {{http.request.uri.query.domain}} {{cloud}} {{
		~{pattern} "${{1}}"
		default "-"
	}}
	@known file {{
		root {records}
		try_files /{{cloud}}{record_suffix}
	}}
	respond @known 200
	respond 404
}}
"""

NGINX: Final = """\
map $host $satchel_cloud {{
    "~{pattern}" $1;
    default      "";
}}

server {{
    listen 443 ssl;
    listen [::]:443 ssl;
    server_name {domain};
    ssl_certificate     {certificate};
    ssl_certificate_key {key};

    location / {{
        proxy_pass http://{provisioner};
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
    }}
}}

server {{
    listen 443 ssl;
    listen [::]:443 ssl;
    server_name *.{suffix};
    ssl_certificate     {certificate};
    ssl_certificate_key {key};

    client_max_body_size 32m;
    client_header_timeout 10s;
    error_page 502 504 =503 @closed;
    location / {{
        if (!-f {records}/$satchel_cloud{record_suffix}) {{
            return 404 "{no_cloud}";
        }}
        proxy_pass http://unix:{sockets}/$satchel_cloud{socket_suffix};
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header Connection "";
        proxy_request_buffering off;
        proxy_buffering off;
        proxy_read_timeout 120s;
    }}
    location @closed {{
        add_header Retry-After 60 always;
        return 503 "{closed}";
    }}
}}

server {{
    listen 80;
    listen [::]:80;
    server_name {domain} *.{suffix};
    return 308 https://$host$request_uri;
}}
"""


def render_caddy(site: Site) -> str:
    """Return the Caddyfile."""
    options, own_tls, cloud_tls, answer = (
        "",
        "",
        "\ttls {\n\t\ton_demand\n\t}\n",
        ANSWER.format(**_names(site)),
    )
    if site.acme:
        options += f"\tacme_ca {site.acme}\n"
    if site.acme_root:
        options += f"\tacme_ca_root {site.acme_root}\n"
    if site.certificate:
        own_tls = cloud_tls = f"\ttls {' '.join(site.certificate)}\n"
        answer = ""
    else:
        options += ON_DEMAND.format(ask=ASK)
    return CADDY.format(options=options, own_tls=own_tls, cloud_tls=cloud_tls, **_names(site)) + answer


def render_nginx(site: Site) -> str:
    """Return nginx's configuration. The site needs a certificate."""
    certificate, key = site.certificate or ("", "")
    return NGINX.format(certificate=certificate, key=key, **_names(site))


def _names(site: Site) -> dict[str, str]:
    return {
        "ask": ASK,
        "closed": CLOSED,
        "domain": site.domain,
        "no_cloud": NO_CLOUD,
        "pattern": site.pattern,
        "provisioner": PROVISIONER,
        "record_suffix": RECORD_SUFFIX,
        "records": RECORDS_DIR,
        "socket_suffix": SOCKET_SUFFIX,
        "sockets": SOCKETS_DIR,
        "suffix": site.suffix,
    }
