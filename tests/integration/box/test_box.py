"""Many clouds on one machine: they sleep, wake, survive each other, an upgrade and a restart of the machine."""

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Final
from urllib.parse import quote

import pytest
from tests.integration.box.conftest import CERTIFICATE, Town
from tests.support.box_machine import DATA, DOMAIN, LIGHT, RELEASES, SHARD, SLOW_S, BoxMachine, await_boot
from tests.support.s3_servers import docker
from tests.support.waiting import wait_until

from satchel_infra.box.layout import RECORDS_DIR, service_unit, socket_unit
from satchel_infra.box.records import Record
from satchel_infra.box.registry import Stage
from satchel_infra.errors import FailedError, UnavailableError
from satchel_infra.platform import State

pytestmark = [pytest.mark.slow, pytest.mark.tool("docker"), pytest.mark.timeout(600)]

WHOLE: Final = os.environ.get("SATCHEL_BOX") == "all"  # `make box`
BURST: Final = 50 if WHOLE else 8
PLENTY_S: Final = 30.0
ACME_PORT: Final = 14000
ACME_ROOT: Final = "/etc/satchel/acme.pem"
KILLED: Final = "159"  # by SIGSYS
ATTEMPTS: Final = f"""\
cd {RECORDS_DIR} || exit 1
for attempt in "ln -s /etc/shadow link" "mkfifo pipe" "mknod node p"; do $attempt; echo $? >> plain; done
python3 -c 'import ctypes; ctypes.CDLL(None).syscall(425, 0, 0)  # io_uring_setup'; echo $? >> plain
"""
thorough = pytest.mark.skipif(not WHOLE, reason="part of `make box`")


def test_of_200_registered_clouds_only_those_with_a_visitor_run(town: Town) -> None:
    names = town.register(*(town.spec(f"user {number}") for number in range(200)))
    assert town.awake() == set()
    for name in names[:3]:
        assert town.request(name).status == 200
    assert town.awake() == set(names[:3])
    assert len(list(town.box.list())) == 200


def test_a_burst_of_wake_ups_is_answered(town: Town) -> None:
    names = town.register(*(town.spec(f"user {number}") for number in range(BURST)))
    address = town.address
    with ThreadPoolExecutor(BURST) as threads:
        answers = list(threads.map(lambda name: town.request(name, address=address).status, names))
    assert answers == [200] * BURST
    assert town.awake() <= set(names)  # the first ones may sleep again


def test_a_quiet_cloud_stops_by_itself_and_keeps_what_it_stores(town: Town) -> None:
    (name,) = town.register(town.spec("one", SATCHEL_IDLE_EXIT_S="1"))
    device = town.device(name)
    share = device.share(b"sealed")
    wait_until(lambda: town.awake() == set(), timeout_s=PLENTY_S)
    assert town.box.systemd.states(service_unit(name))[service_unit(name)].result == "success"
    assert device.open(share).body == b"sealed"


def passed(moment: float) -> bool:
    return time.monotonic() > moment


@thorough
def test_requests_around_the_moment_of_stopping_are_answered(town: Town) -> None:
    (name,) = town.register(town.spec("one", SATCHEL_IDLE_EXIT_S="1"))
    for step in range(40):
        assert town.request(name).status == 200
        around = time.monotonic() + 0.9 + 0.05 * (step % 8)  # from before to after the end
        wait_until(partial(passed, around))
    assert town.request(name).status == 200


def test_an_unknown_name_gets_404_and_starts_nothing(town: Town) -> None:
    town.register(town.spec("one"))
    absent = town.spec("absent").name
    for host in (absent, absent.upper(), "www", f"{absent[:-1]}1"):
        answer = town.request(host)
        assert (answer.status, answer.body) == (404, b"There is no cloud at this address.")
    assert town.awake() == set()


def test_a_removed_name_gets_404_at_once_and_its_data_is_gone(town: Town) -> None:
    spec = town.spec("one")
    cloud = town.box.ensure(spec)
    assert cloud.state is State.READY
    town.device(spec.name).backup()
    assert list((town.machine.data / spec.name).iterdir())
    town.box.remove(spec.name)
    assert town.request(spec.name).status == 404
    assert not (town.machine.data / spec.name).exists()
    assert town.box.find(spec.name) is None


def test_a_cloud_sees_the_address_of_its_visitor(town: Town) -> None:
    (name,) = town.register(town.spec("one", SATCHEL_AUDIT_ADDRESSES="true"))
    device = town.device(name)
    entries = device.call("GET", "/v1/audit").body
    gateway = docker("inspect", "--format", "{{.NetworkSettings.Gateway}}", town.machine.id)
    assert gateway.encode() in entries


def test_systemd_hands_over_every_character_of_a_setting(town: Town) -> None:
    odd = 'a|b c%20d$HOME$(x)`y`"z"\'\\{}#=;,:'
    settings = {
        "SATCHEL_OWNER_SUBJECT": odd,
        "SATCHEL_OIDC_ISSUER": "https://issuer.example.org/",
        "SATCHEL_OIDC_CLIENT_ID": "satchel",
    }
    (name,) = town.register(town.spec("one", **settings))
    assert town.request(name).status == 200
    main = f"$(systemctl show --property=MainPID --value {service_unit(name)})"
    environ = town.machine.run(f"tr '\\0' '\\n' < /proc/{main}/environ").splitlines()
    assert f"SATCHEL_OWNER_SUBJECT={odd}" in environ
    assert f"SATCHEL_STORAGE=file:/var/lib/satchel-clouds/{name}" in environ


def test_a_cloud_sees_neither_the_data_nor_the_records_of_others(town: Town) -> None:
    mine, other = town.register(town.spec("one", f"{LIGHT}/peek"), town.spec("two"))
    assert [town.request(name).status for name in (mine, other)] == [200, 200]
    assert town.request(mine, f"/?ls%20/var/lib/satchel-clouds/{mine}").body == b"0"
    assert town.request(mine, f"/?touch%20/var/lib/satchel-clouds/{mine}/x").body == b"0"
    for forbidden in (
        f"ls /var/lib/satchel-clouds/{other}/",
        f"ls /var/lib/private/satchel-clouds/{other}",
        f"cat /var/lib/satchel-infra/clouds/{mine}.env",
        "ls /var/lib/satchel-infra/clouds",
        "ls /run/satchel-clouds",
        f"curl -s --unix-socket /run/satchel-clouds/{other}.sock http://x/ready",
        "touch /var/lib/x",
        "touch /opt/satchel/x",
        "systemctl stop dbus",
        "ls /proc/1/root",
    ):
        assert town.request(mine, f"/?{quote(forbidden)}").body != b"0", forbidden


def test_a_cloud_sees_no_process_of_another_and_has_a_user_of_its_own(town: Town) -> None:
    mine, other = town.register(town.spec("one", f"{LIGHT}/peek"), town.spec("two", f"{LIGHT}/1"))
    assert [town.request(name).status for name in (mine, other)] == [200, 200]
    show = "systemctl show --property=MainPID --value"
    processes = [town.machine.run(f"{show} {service_unit(name)}").strip() for name in (mine, other)]
    users = [town.machine.run(f"stat --format %u /proc/{process}").strip() for process in processes]
    assert len({*users, "0"}) == 3
    assert town.request(mine, f"/?{quote(f'kill -0 {processes[0]}')}").body == b"0"
    for forbidden in (
        f"ls /proc/{processes[1]}",
        f"cat /proc/{processes[1]}/environ",
        f"ls /proc/{processes[1]}/root/var/lib/satchel-clouds/{other}",
        f"kill -0 {processes[1]}",
    ):
        assert town.request(mine, f"/?{quote(forbidden)}").body != b"0", forbidden


def test_a_cloud_reaches_no_service_of_the_machine(town: Town) -> None:
    """The kernel holds a cloud back only with cgroup v2; the administration of Caddy is off in any case."""
    (name,) = town.register(town.spec("one", f"{LIGHT}/peek"))
    assert town.request(name).status == 200
    for place in ("127.0.0.1", "[::1]", "localhost"):
        assert not town.machine.holds(f"curl -s --max-time 5 http://{place}:2019/config/")
    shown = town.machine.run(f"systemctl show --property=IPAddressDeny,IPAddressAllow {service_unit(name)}")
    for network in ("127.0.0.0/8", "::1/128", "169.254.0.0/16", "fe80::/64"):
        assert network in shown
    if town.machine.holds("[ $(stat --file-system --format %T /sys/fs/cgroup) = cgroup2fs ]"):
        town.machine.run("systemd-run --quiet --unit=neighbour python3 -m http.server --bind 127.0.0.1 8091")
        wait_until(lambda: town.machine.holds("curl -s http://127.0.0.1:8091/"))
        assert town.request(name, f"/?{quote('curl -s --max-time 2 http://127.0.0.1:8091/')}").body != b"0"
        town.machine.run("systemctl stop neighbour")


def test_the_provisioner_may_manage_the_units_of_clouds_and_nothing_else(town: Town) -> None:
    (name,) = town.register(town.spec("one"))
    as_infra = "runuser -u satchel-infra -- systemctl --no-ask-password"
    for forbidden in (
        "start cron.service",
        "stop dbus.service",
        "start satchel-cloud@evil.service",
        f"set-property {service_unit(name)} MemoryMax=1G",
        f"kill {service_unit(name)}",
        f"edit --force {service_unit(name)}",
        "clean --what=state caddy.service",
        "enable cron.service",
        "daemon-reload",
    ):
        assert not town.machine.holds(f"{as_infra} {forbidden}"), forbidden
    assert not town.machine.holds("runuser -u satchel-infra -- systemd-run --no-ask-password id")
    assert town.machine.holds(f"{as_infra} stop {socket_unit(name)}")
    assert not town.machine.holds(
        f"runuser -u nobody -- systemctl --no-ask-password start {socket_unit(name)}"
    )


@pytest.mark.parametrize("unit", ["satchel-infra", "satchel-clouds", "satchel-reopening"])
def test_no_unit_can_put_a_link_or_a_pipe_in_the_place_of_a_record(town: Town, unit: str) -> None:
    """Only the provisioner may write there at all, and the kernel kills its attempts."""
    town.box.registry.prepare()
    place = f"/run/systemd/system/{unit}.service.d"
    town.machine.write("/opt/satchel/attempts", ATTEMPTS)
    override = "[Service]\nType=oneshot\nRestart=no\nExecStart=\nExecStart=-/bin/sh /opt/satchel/attempts\n"
    town.machine.write(f"{place}/attempts.conf", override)
    town.machine.run(f"systemctl daemon-reload && systemctl restart {unit}")
    written = [KILLED] * 4 if unit == "satchel-infra" else []
    assert town.machine.run(f"ls {RECORDS_DIR}").split() == ["plain"] * bool(written)
    assert town.machine.run(f"find {RECORDS_DIR} -name plain -exec cat {{}} +").split() == written
    town.machine.run(f"rm -r {place} && systemctl daemon-reload")


def test_a_memory_hog_dies_alone_and_serves_again(town: Town) -> None:
    hog, calm = town.register(town.spec("hog", f"{LIGHT}/1"), town.spec("calm"))
    device = town.device(calm)
    with ThreadPoolExecutor(1) as threads:
        eating = threads.submit(town.request, hog, "/hog")
        while not eating.done():
            assert device.call("GET", "/v1/backups").status == 200
        assert eating.result().status == 503
    state = town.box.systemd.states(service_unit(hog))[service_unit(hog)]
    assert state.result in ("oom-kill", "signal")
    assert town.request(hog).status == 200
    assert town.awake() == {hog, calm}


@thorough
def test_a_full_cloud_leaves_room_for_the_others(town: Town) -> None:
    full, other = town.register(town.spec("full", SATCHEL_QUOTA_BYTES="1000000"), town.spec("other"))
    device, neighbour = town.device(full), town.device(other)
    assert device.announce(device.new_id(), 2_000_000).problem == "quota"
    neighbour.backup(bytes(2_000_000))
    device.backup(bytes(1_000))


def test_a_full_disk_of_one_cloud_stops_no_other(town: Town) -> None:
    """The disk is a real file system of 16 MiB. Its owner can still delete, and goes on once there is room."""
    full, calm = town.register(town.spec("full"), town.spec("calm"))
    place = f"{DATA}/{full}"
    town.machine.run(f"mkdir -p -m 0700 {place} && mount -t tmpfs -o size=16m,mode=0700 none {place}")
    try:
        device, neighbour = town.device(full), town.device(calm)
        backup = device.backup(bytes(1_000_000))
        town.machine.run(f"cat /dev/zero > {place}/ballast", code=None)
        assert town.machine.run(f"df --output=avail {place} | tail -n 1").strip() == "0"
        assert device.announce(device.new_id(), 2_000_000).problem == "quota"
        share = neighbour.share(b"sealed")
        neighbour.backup(bytes(2_000_000))
        assert neighbour.open(share).body == b"sealed"
        assert town.request(full).status == 200
        assert device.call("DELETE", f"/v1/backups/{backup}").status == 204
        town.box.systemd.stop(service_unit(full))
        assert device.call("GET", "/v1/backups").json()["backups"] == []
        assert town.awake() == {full, calm}
        town.machine.run(f"rm {place}/ballast")
        device.backup(b"again")
    finally:
        town.box.systemd.stop(socket_unit(full), service_unit(full))
        town.machine.run(f"umount {place}")


def test_a_crash_loop_ends_and_the_cloud_comes_back_once_it_can_start(town: Town) -> None:
    looping, calm = town.register(town.spec("looping", f"{LIGHT}/broken"), town.spec("calm"))
    answer = town.request(looping)
    assert (answer.status, answer.headers["retry-after"]) == (503, "60")
    cloud = town.box.find(looping)
    assert cloud is not None
    assert (cloud.state, "service-start-limit-hit" in cloud.detail) == (State.FAILED, True)
    assert town.request(calm).status == 200
    starts = town.machine.run(f"journalctl --no-pager -u {service_unit(looping)} | grep -c Starting")
    assert int(starts) <= 11
    assert town.request(looping).status == 503
    town.box.registry.write(looping, replace(Record.of(town.spec("looping")), is_complete=True))
    timer = town.machine.run(
        "systemctl show --property=NextElapseUSecMonotonic,ActiveState satchel-reopening.timer"
    )
    assert "ActiveState=active" in timer
    if WHOLE:
        wait_until(lambda: town.request(looping).status == 200, timeout_s=150)
    else:
        town.machine.run(
            f"systemctl reset-failed {service_unit(looping)}; systemctl start satchel-reopening.service"
        )
        assert town.request(looping).status == 200


def test_a_start_that_takes_longer_than_one_call_is_waited_for(town: Town) -> None:
    """The provisioner's server calls `ensure` in parts of 20 s."""
    spec = town.spec("slow", f"{LIGHT}/slow")
    cloud, calls = None, 0
    while cloud is None:
        calls += 1
        assert calls < 10, "it begins again each time"
        until = time.monotonic() + SLOW_S / 3

        def stop(_: str, until: float = until) -> None:
            if time.monotonic() > until:
                raise UnavailableError("out of time", hint="call again")

        with suppress(UnavailableError):
            cloud = town.box.ensure(spec, stop)
    assert calls > 1
    assert cloud.state is State.READY
    starts = town.machine.run(
        f"journalctl --no-pager -u {service_unit(spec.name)} | grep -c 'Starting\\|Started'"
    )
    assert int(starts) <= 2


def test_another_spec_for_a_cloud_that_is_starting_replaces_its_program(town: Town) -> None:
    def stop(step: str) -> None:
        if step == "wait until it serves":
            raise UnavailableError("out of time", hint="call again")

    with suppress(UnavailableError):
        town.box.ensure(town.spec("one", f"{LIGHT}/1"), stop)
    name = town.spec("one").name
    town.box.systemd.start(service_unit(name))
    town.box.ensure(town.spec("one", f"{LIGHT}/2"))
    main = f"$(systemctl show --property=MainPID --value {service_unit(name)})"
    assert f"{LIGHT}/2" in town.machine.run(f"tr '\\0' ' ' < /proc/{main}/cmdline")


def test_an_upgrade_loses_nothing_and_is_rolled_back(town: Town) -> None:
    specs = [town.spec(f"user {number}") for number in range(3 if WHOLE else 2)]
    names = town.register(*specs)
    devices = {name: town.device(name) for name in names}
    shares = {name: device.share(name.encode()) for name, device in devices.items()}
    town.box.systemd.stop(service_unit(names[0]))
    awake = town.awake()
    for release in (RELEASES[1], RELEASES[0]) if WHOLE else (RELEASES[1],):
        for number in range(len(names)):
            cloud = town.box.update(town.spec(f"user {number}", release))
            assert (cloud.image, cloud.state) == (release, State.READY)
        assert town.awake() == awake
        main = town.machine.run(f"systemctl show --property=MainPID --value {service_unit(names[1])}").strip()
        assert release in town.machine.run(f"tr '\\0' ' ' < /proc/{main}/cmdline")
        for name, device in devices.items():
            assert device.open(shares[name]).body == name.encode()
        town.box.systemd.stop(service_unit(names[0]))
    with pytest.raises(FailedError):
        town.box.update(town.spec("user 1", f"{LIGHT}/broken"))
    assert devices[names[1]].open(shares[names[1]]).body == names[1].encode()


def test_a_failing_update_never_goes_back_behind_a_release_that_has_served(town: Town) -> None:
    town.box.ensure(town.spec("one", f"{LIGHT}/1"))
    cloud = town.box.update(town.spec("one", f"{LIGHT}/2"))
    first = replace(Record.of(town.spec("one", f"{LIGHT}/1")), is_complete=True)
    town.box.registry.write(cloud.name, first, Stage.EARLIER)  # the update was killed after its start
    with pytest.raises(FailedError):
        town.box.update(town.spec("one", f"{LIGHT}/broken"))
    assert town.box.find(cloud.name) == cloud
    assert town.request(cloud.name).status == 200


@thorough
def test_nginx_serves_clouds_too(town: Town) -> None:
    town.proxy("--proxy", "nginx", *CERTIFICATE)
    try:
        calm, looping = town.register(town.spec("calm"), town.spec("looping", f"{LIGHT}/broken"))
        device = town.device(calm)
        device.backup(bytes(range(256)) * 90_000)
        assert town.request(town.spec("absent").name).status == 404
        assert town.request(f"www.{SHARD}.{DOMAIN}").status == 404
        assert [town.request(looping).status for _ in range(2)] == [503, 503]
    finally:
        town.proxy(*CERTIFICATE)


def test_only_existing_names_get_a_certificate(town: Town) -> None:
    """Caddy asks a real ACME server, which checks that Caddy answers under each name."""
    (name,) = town.register(town.spec("one", f"{LIGHT}/1"))
    absent, host = town.spec("absent").name, f"{name}.{SHARD}.{DOMAIN}"
    start_authority(town.machine, DOMAIN, host, f"{absent}.{SHARD}.{DOMAIN}")
    town.proxy("--acme", f"https://localhost:{ACME_PORT}/dir", "--acme-root", ACME_ROOT)
    try:
        authority = "curl -s --cacert /etc/satchel/acme.pem https://localhost:15000/roots/0"
        town.machine.run(f"{authority} > /var/tmp/root.pem")
        visit = "curl -s --max-time 30 --cacert /var/tmp/root.pem -o /dev/null -w '%{http_code}' https://"
        assert town.machine.run(f"{visit}{host}/").strip() == "200"
        for other in (f"{absent}.{SHARD}.{DOMAIN}", f"www.{SHARD}.{DOMAIN}"):
            town.machine.run(f"{visit}{other}/ --resolve {other}:443:127.0.0.1", code=35)
        issued = town.machine.run("find /var/lib/caddy -name '*.crt'")
        assert host in issued
        assert absent not in issued
    finally:
        town.machine.run("systemctl stop pebble")
        town.proxy(*CERTIFICATE)


def test_after_a_restart_of_the_machine_every_cloud_is_back_with_its_data(town: Town) -> None:
    spec, going = town.spec("one"), town.spec("going")
    town.box.ensure(spec)
    town.register(going)
    device = town.device(spec.name)
    share = device.share(b"sealed")
    town.box.registry.begin_removal(going.name)
    docker("kill", town.machine.id)  # without power
    for path in town.machine.sockets.iterdir():
        path.unlink()  # /run is empty after a start
    docker("start", town.machine.id)
    await_boot(town.machine)
    town.box = box = town.machine.box()  # its systemd is another process
    wait_until(lambda: (found := box.find(spec.name)) is not None and found.state is State.READY)
    assert not (town.machine.sockets / f"{going.name}.sock").exists()
    wait_until(lambda: town.machine.holds("systemctl is-active caddy"))
    assert device.open(share).body == b"sealed"
    box.remove(going.name)
    assert list(box.list()) == [box.find(spec.name)]


def start_authority(machine: BoxMachine, *names: str) -> None:
    """Start pebble, which resolves names through /etc/hosts."""
    machine.run(
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
        f" -keyout /etc/satchel/acme.key -out {ACME_ROOT} && chmod 644 {ACME_ROOT}"
    )
    settings = {
        "listenAddress": f"127.0.0.1:{ACME_PORT}",
        "managementListenAddress": "127.0.0.1:15000",
        "certificate": ACME_ROOT,
        "privateKey": "/etc/satchel/acme.key",
        "httpPort": 80,
        "tlsPort": 443,
    }
    machine.write("/etc/satchel/pebble.json", json.dumps({"pebble": settings}))
    machine.run(f"echo 127.0.0.1 {' '.join(names)} >> /etc/hosts")
    machine.run(
        "systemd-run --quiet --unit=pebble --setenv=PEBBLE_VA_NOSLEEP=1 pebble -config /etc/satchel/pebble.json"
    )
    wait_until(lambda: machine.holds(f"curl -s --cacert {ACME_ROOT} https://localhost:{ACME_PORT}/dir"))
