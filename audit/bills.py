"""Write the bills of materials of the wheel and of the image to build/sbom."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cyclonedx.model.component import Component, ComponentType

from audit import licences, shipped
from audit.sbom import bill_of_materials, product
from satchel.version import VERSION

FOLDER: Final = shipped.ROOT / "build/sbom"
IMAGE: Final = "satchel-service"


def write_bills(environ: Mapping[str, str], folder: Path = FOLDER) -> list[str]:
    """Write both bills and return one line about each.

    `SATCHEL_SBOM_IMAGE` names the built image, `SOURCE_DATE_EPOCH` sets a time. Without a container engine or the
    image, the bill of the image has no Debian packages and says so. Raise AuditError if anything else fails.
    """
    epoch = environ.get("SOURCE_DATE_EPOCH", "")
    if epoch and not (epoch.isascii() and epoch.isdigit() and len(epoch) <= 11):
        raise shipped.AuditError(f"SOURCE_DATE_EPOCH is {epoch!r}; use a number of seconds since 1970")
    epoch_s = int(epoch) if epoch else None
    image = environ.get("SATCHEL_SBOM_IMAGE", "") or IMAGE
    folder.mkdir(parents=True, exist_ok=True)
    return [_wheel(folder, epoch_s), _image(folder, epoch_s, image)]


def _wheel(folder: Path, epoch_s: int | None) -> str:
    packages = shipped.wheel_packages()
    packages += shipped.compiled_in(package.name for package in packages)
    packages += shipped.page_packages(shipped.SHARE_PAGE, shipped.WINDOW)  # the wheel holds both pages
    described = product("satchel", VERSION, ComponentType.APPLICATION, {})
    return _write(folder / "satchel-wheel.cdx.json", described, packages, epoch_s)


def _image(folder: Path, epoch_s: int | None, image: str) -> str:
    packages = shipped.image_packages()
    packages += shipped.compiled_in(package.name for package in packages)
    packages += shipped.page_packages(shipped.SHARE_PAGE)
    try:
        packages += shipped.system_packages(image)
        system = f"of the image {image}"
    except shipped.AuditError as exc:
        system = f"not listed: {exc}"
    described = product("satchel-service", VERSION, ComponentType.CONTAINER, {"debian-packages": system})
    line = _write(folder / "satchel-image.cdx.json", described, packages, epoch_s)
    return f"{line}; Debian packages {system}"


def _write(path: Path, described: Component, packages: list[shipped.Shipped], epoch_s: int | None) -> str:
    text = bill_of_materials(described, packages, licences.read_reviews(), epoch_s=epoch_s)
    path.write_text(text, encoding="utf-8")
    return f"{path.relative_to(shipped.ROOT) if path.is_relative_to(shipped.ROOT) else path}: {len(packages)} components"
