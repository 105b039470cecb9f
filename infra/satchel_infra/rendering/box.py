"""Many clouds on one machine: units, a polkit rule, the proxy's configuration and the steps of the installation."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from satchel_infra.box.layout import INFRA_USER, PROXY_GROUP, RECORDS_DIR, RELEASES_DIR, STATE_DIR
from satchel_infra.configuration import is_domain
from satchel_infra.rendering import box_proxies, box_units
from satchel_infra.rendering.environment import parse_assignment
from satchel_infra.shards import SHARD_PATTERN
from satchel_service.settings import SettingsError

HELP: Final = "many clouds on one machine, as units of systemd and the configuration of a proxy"
PROXY_USERS: Final = {"caddy": "caddy", "nginx": "www-data"}

QUOTA: Final = "SATCHEL_QUOTA_BYTES"
QUOTA_BYTES: Final = 10 * 1024**3
"""Clouds share one disk here, so each gets less than the service's default of 256 GiB."""

SYSUSERS: Final = """\
# The user of the provisioner, and the group that may connect to clouds. Apply: systemd-sysusers
g {group} -
u {user} - "satchel provisioner" {state}
m {user} {group}
m {proxy} {group}
"""

TMPFILES: Final = """\
# Others may enter these directories, but not list them or read a record. Apply: systemd-tmpfiles --create
d {state} 0711 {user} {user} -
d {records} 0711 {user} {user} -
"""

POLKIT: Final = """\
// The provisioner may manage the units of clouds, and nothing else of systemd.
polkit.addRule(function (action, subject) {{
    if (subject.user !== "{user}" || action.id.indexOf("org.freedesktop.systemd1.") !== 0) {{
        return polkit.Result.NOT_HANDLED;
    }}
    var units = /^satchel-cloud@c[a-z2-7]{{25}}\\.(socket|service)$/;
    var verbs = ["start", "stop", "reset-failed", "ref", "clean"];
    var isAllowed = action.id === "org.freedesktop.systemd1.manage-units" &&
        units.test(action.lookup("unit")) && verbs.indexOf(action.lookup("verb")) >= 0;
    return isAllowed ? polkit.Result.YES : polkit.Result.NO;
}});
"""

BUS: Final = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<!-- systemd's own policy lets only root send CleanUnit. polkit then decides, as for every other method. -->
<busconfig>
  <policy user="{user}">
    <allow send_destination="org.freedesktop.systemd1" send_interface="org.freedesktop.systemd1.Manager"
           send_member="CleanUnit"/>
  </policy>
</busconfig>
"""

CONFIGURATION: Final = """\
# The configuration of satchel-infra; see docs/reference/infra-configuration.md
domain = "{domain}"
platform = "box"
image = "{release}"
records = "file:{state}/records"
name_key_file = "/etc/satchel/name.key"

[settings]
# What one cloud may store. Keep the sum over all clouds below the size of the disk: a full disk stops every cloud
{quota_name} = {quota}
{settings}
[[generations]]
shards = [{{ id = "{shard}" }}]
"""

STEPS: Final = """\
# Install: copy these files to their places, then run as root
systemd-sysusers
systemd-tmpfiles --create
(umask 077; head -c 32 /dev/urandom > /etc/satchel/name.key) && chown {user} /etc/satchel/name.key
systemctl daemon-reload && systemctl reload dbus
systemctl enable --now satchel-clouds.service satchel-reopening.timer satchel-infra.service
systemctl restart {proxy}
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of this target."""
    command.add_argument("--domain", required=True, help="hosts are NAME.SHARD.DOMAIN")
    command.add_argument("--shard", default="s1", help="id of this machine; the default is s1")
    command.add_argument(
        "--release",
        metavar="DIR",
        help="installation that clouds run; the default is this program's own",
    )
    command.add_argument("--proxy", choices=tuple(PROXY_USERS), default="caddy", help="the default is caddy")
    command.add_argument(
        "--certificate",
        nargs=2,
        metavar=("FILE", "KEY"),
        help="wildcard certificate for DOMAIN and *.SHARD.DOMAIN; without it, Caddy gets one for each name",
    )
    command.add_argument("--acme", metavar="URL", help="directory of another certificate authority (caddy)")
    command.add_argument(
        "--acme-root", metavar="FILE", help="root certificate of that authority's own server (caddy)"
    )
    command.add_argument("--into", type=Path, metavar="DIR", help="write the files below DIR instead")


def render(options: argparse.Namespace, environment: Mapping[str, str]) -> str:
    """Return every file with its path, and the steps. With `--into`, write the files and return the steps."""
    files = render_box(options, environment)
    steps = STEPS.format(user=INFRA_USER, proxy=options.proxy)
    if options.into is None:
        return "".join(f"# ---- {path}\n{text}\n" for path, text in files.items()) + steps
    for path, text in files.items():
        target = options.into / path.removeprefix("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return steps


def render_box(options: argparse.Namespace, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the text of every file by its path. Raise SettingsError for an invalid name."""
    if not is_domain(options.domain):
        raise SettingsError(f"--domain is {options.domain!r}; use a domain such as clouds.example.org")
    if not SHARD_PATTERN.fullmatch(options.shard):
        raise SettingsError(
            f"--shard is {options.shard!r}; use at most 20 lowercase letters, digits and hyphens"
        )
    release = options.release or (sys.prefix if sys.prefix != sys.base_prefix else f"{RELEASES_DIR}/VERSION")
    names = {"user": INFRA_USER, "group": PROXY_GROUP, "state": STATE_DIR, "records": RECORDS_DIR}
    units = box_units.render_units(release, options.domain)
    accounts = SYSUSERS.format(proxy=PROXY_USERS[options.proxy], **names)
    return {
        "/etc/sysusers.d/satchel.conf": accounts,
        "/etc/tmpfiles.d/satchel.conf": TMPFILES.format(**names),
        "/etc/polkit-1/rules.d/50-satchel.rules": POLKIT.format(user=INFRA_USER),
        "/etc/dbus-1/system.d/satchel.conf": BUS.format(user=INFRA_USER),
        **{f"/etc/systemd/system/{unit}": text for unit, text in units.items()},
        "/etc/satchel/infra.toml": CONFIGURATION.format(
            domain=options.domain,
            shard=options.shard,
            release=release,
            state=STATE_DIR,
            quota_name=QUOTA,
            quota=_quote(_quota_of(options)),
            settings="".join(
                f"{name} = {_quote(value)}\n" for name, value in environment.items() if name != QUOTA
            ),
        ),
        **_render_proxy(options),
    }


def _quota_of(options: argparse.Namespace) -> str:
    """Return the chosen quota, even if it is the service's default."""
    return dict(parse_assignment(text) for text in options.setting).get(QUOTA, str(QUOTA_BYTES))


def _render_proxy(options: argparse.Namespace) -> dict[str, str]:
    site = box_proxies.Site(
        domain=options.domain,
        shard=options.shard,
        certificate=tuple(options.certificate) if options.certificate else None,
        acme=options.acme,
        acme_root=options.acme_root,
    )
    if options.proxy == "caddy":
        return {"/etc/caddy/Caddyfile": box_proxies.render_caddy(site)}
    if site.certificate is None:
        raise SettingsError(
            "nginx cannot get certificates; name a wildcard certificate with --certificate FILE KEY"
        )
    return {"/etc/nginx/conf.d/satchel.conf": box_proxies.render_nginx(site)}


def _quote(value: str) -> str:
    """Return a basic string of TOML."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
