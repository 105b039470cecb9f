"""What satchel ships: the packages of the wheel, of the image and of the pages, with facts about each.

Versions and hashes come from the lock files, everything else from the metadata of the installed packages.
"""

import base64
import json
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any, Final, Literal

import apsw
import zstandard
from cryptography.hazmat.backends.openssl import backend as openssl
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).resolve().parents[1]
CLIENT_LOCK: Final = ROOT / "lock/client.txt"
SERVICE_LOCK: Final = ROOT / "lock/service.txt"
PAGES_LOCK: Final = ROOT / "package-lock.json"
SHARE_PAGE: Final = "service/page"
WINDOW: Final = "client/window"
ENGINE_TIMEOUT_S: Final = 60

Kind = Literal["pypi", "npm", "deb", "generic"]

_PIN: Final = re.compile(r"^(?P<name>[a-z0-9.-]+)==(?P<version>[^ ;\\]+)(?: ; (?P<marker>[^\\]+?))?(?= \\|$)")
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class AuditError(Exception):
    """A part of the audit cannot run; the message says why and what to do."""


@dataclass(frozen=True)
class Shipped:
    """A package that satchel ships. `states` is what its metadata says about its licence.

    `sha256` lists the files of a Python package on the registry, `sha512` is the one file of an npm package.
    """

    kind: Kind
    name: str
    version: str
    states: str = ""
    marker: str = ""
    sha256: tuple[str, ...] = ()
    sha512: str = ""
    needs: tuple[str, ...] = ()
    architecture: str = ""
    is_optional: bool = False
    is_installed: bool = True

    @property
    def ref(self) -> str:
        """The name and version, unique among everything that is shipped."""
        return f"{self.kind}/{self.name}@{self.version}"


def locked_packages(lock: str) -> list[Shipped]:
    """Return the packages of a lock file with their hashes."""
    packages: list[Shipped] = []
    for block in re.split(r"\n(?=[a-z0-9])", lock):
        pin = _PIN.match(block)
        if pin is None:
            raise AuditError(f"not a line of a lock file: {block.splitlines()[0]!r}")
        hashes = tuple(sorted(_HASH.findall(block)))
        packages.append(Shipped("pypi", pin["name"], pin["version"], "", pin["marker"] or "", hashes))
    return packages


def with_metadata(packages: Iterable[Shipped]) -> list[Shipped]:
    """Add the licence and the dependencies of each package, from its installed metadata.

    A package for another system or Python is not installed; its licence needs a review. Raise AuditError if another version
    than the locked one is installed.
    """
    packages = list(packages)
    names = {package.name for package in packages}
    return [_with_metadata(package, names) for package in packages]


def _with_metadata(package: Shipped, names: set[str]) -> Shipped:
    try:
        found = metadata.distribution(package.name)
    except metadata.PackageNotFoundError as exc:
        if package.marker and not Marker(package.marker).evaluate():
            return replace(package, is_installed=False)
        raise AuditError(f"{package.name} is not installed; run: make setup") from exc
    if found.version != package.version:
        raise AuditError(
            f"{package.name} {found.version} is installed, the lock has {package.version}; run: make setup"
        )
    needs = {
        canonicalize_name(Requirement(text).name) for text in found.requires or () if "extra ==" not in text
    }
    return replace(package, states=stated_licence(found.metadata), needs=tuple(sorted(needs & names)))


def stated_licence(found: Any) -> str:  # noqa: ANN401  the type of metadata differs between versions of Python
    """Return what a package's metadata says: an SPDX expression, else its classifiers, else its licence field."""
    if expression := found.get("License-Expression"):
        return str(expression)
    classifiers = [text for text in found.get_all("Classifier") or () if text.startswith("License :: ")]
    if classifiers:
        return "; ".join(sorted(text.rpartition(" :: ")[2] for text in classifiers))
    return str(found.get("License") or "").partition("\n")[0].strip()


def wheel_packages() -> list[Shipped]:
    """Return what an installation of the wheel brings, on any platform; those of its extras are optional."""
    packages = {package.ref: package for package in locked_packages(CLIENT_LOCK.read_text(encoding="utf-8"))}
    for package in locked_packages(SERVICE_LOCK.read_text(encoding="utf-8")):
        packages.setdefault(package.ref, replace(package, is_optional=True))
    return with_metadata(packages.values())


def image_packages() -> list[Shipped]:
    """Return the Python packages of the image: Linux, with the Python that the Dockerfile names."""
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    version = dockerfile.partition("PYTHON_IMAGE=python:")[2].partition("-")[0]
    place = {"python_version": version, "python_full_version": f"{version}.0", "sys_platform": "linux"}
    packages = with_metadata(locked_packages(SERVICE_LOCK.read_text(encoding="utf-8")))
    return [package for package in packages if not package.marker or Marker(package.marker).evaluate(place)]


def page_packages(*members: str) -> list[Shipped]:
    """Return the npm packages that are bundled into these members of the npm workspace."""
    packages: dict[str, Any] = json.loads(PAGES_LOCK.read_text(encoding="utf-8"))["packages"]
    paths = {path for member in members for path in _dependencies(member, packages)}
    return [_npm_package(path, packages[path]) for path in sorted(paths)]


def _dependencies(path: str, packages: dict[str, Any]) -> set[str]:
    """Return the paths of everything that a package of the lock needs at run time, apart from members of the workspace."""
    found: set[str] = set()
    for name in packages[path].get("dependencies", {}):
        nested = f"{path}/node_modules/{name}"
        needed = nested if nested in packages else f"node_modules/{name}"
        is_member = packages[needed].get("link", False)
        found |= set() if is_member else {needed}
        found |= _dependencies(packages[needed]["resolved"] if is_member else needed, packages)
    return found


def _npm_package(path: str, entry: dict[str, Any]) -> Shipped:
    return Shipped(
        "npm",
        path.rpartition("node_modules/")[2],
        entry["version"],
        str(entry.get("license", "")),
        sha512=base64.b64decode(entry["integrity"].removeprefix("sha512-")).hex(),
        needs=tuple(sorted(entry.get("dependencies", {}))),
    )


def compiled_in(names: Iterable[str]) -> list[Shipped]:
    """Return the C libraries inside the wheels of these packages."""
    sqlite, zstd = apsw.sqlite_lib_version(), ".".join(map(str, zstandard.ZSTD_VERSION))
    found = {
        "apsw": Shipped("generic", "sqlite", sqlite, "blessing"),
        "cryptography": Shipped(
            "generic", "openssl", openssl.openssl_version_text().split()[1], "Apache-2.0"
        ),
        "zstandard": Shipped("generic", "zstd", zstd, "BSD-3-Clause"),
    }
    return [found[name] for name in sorted(found.keys() & set(names))]


def system_packages(image: str) -> list[Shipped]:
    """Return the Debian packages of a built image, and its Python. Raise AuditError if there is no such image."""
    if not _docker("image", "ls", "--quiet", image).strip():
        raise AuditError(f"no image {image!r}; build it with: docker build -t {image} .")
    listed = run_in(image, "dpkg-query", "-W", "-f", "${Package}\t${Version}\t${Architecture}\n")
    version = run_in(image, "/opt/satchel/bin/python", "-c", "import sys; print(sys.version.split()[0])")
    return [Shipped("generic", "python", version.strip(), "PSF-2.0"), *debian_packages(listed)]


def debian_packages(listed: str) -> list[Shipped]:
    """Return the packages that dpkg-query has listed: name, version and architecture, separated by tabs."""
    rows = [line.split("\t") for line in sorted(listed.splitlines())]
    return [Shipped("deb", name, version, architecture=architecture) for name, version, architecture in rows]


def run_in(image: str, program: str, *arguments: str) -> str:
    """Run a program of an image, without a network, and return its output."""
    return _docker(
        "run", "--rm", "--pull", "never", "--network", "none", "--entrypoint", program, image, *arguments
    )


def _docker(*arguments: str) -> str:
    try:
        done = subprocess.run(
            [shutil.which("docker") or "docker", *arguments],
            capture_output=True,
            text=True,
            timeout=ENGINE_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise AuditError("no container engine answers") from exc
    if done.returncode != 0:
        raise AuditError(f"docker {arguments[0]} failed: {done.stderr.strip().splitlines()[:1]}")
    return done.stdout
