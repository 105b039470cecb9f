"""Software bills of materials in CycloneDX 1.6: one of the wheel, one of the image.

The same commit gives the same bytes: components are sorted, the serial number is computed from the content, and there
is no time unless SOURCE_DATE_EPOCH sets one.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from audit.licences import Review, judge
from audit.shipped import AuditError, Shipped

NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:satchel:sbom")


def bill_of_materials(
    product: Component,
    packages: Iterable[Shipped],
    reviews: Mapping[str, Review],
    *,
    epoch_s: int | None = None,
) -> str:
    """Return the bill of materials of a product as JSON, valid by the schema."""
    packages = sorted(packages, key=lambda package: package.ref)
    components = {package.ref: _component(package, reviews) for package in packages}
    made = Bom(
        components=components.values(),
        metadata=BomMetaData(component=product, timestamp=datetime.fromtimestamp(epoch_s or 0, UTC)),
    )
    made.register_dependency(product, components.values())
    by_name = {(package.kind, package.name): components[package.ref] for package in packages}
    for package in packages:
        needs = [by_name[package.kind, name] for name in package.needs]
        made.register_dependency(components[package.ref], needs)
    return _stable(JsonV1Dot6(made).output_as_string(), keeps_time=epoch_s is not None)


def product(name: str, version: str, kind: ComponentType, notes: Mapping[str, str]) -> Component:
    """Return the component that a bill of materials describes. Notes become properties named `satchel:…`."""
    return Component(
        name=name,
        version=version,
        type=kind,
        bom_ref=f"{name}@{version}",
        licenses=[LicenseFactory().make_from_string("Apache-2.0")],
        properties=[Property(name=f"satchel:{key}", value=value) for key, value in sorted(notes.items())],
    )


def _component(package: Shipped, reviews: Mapping[str, Review]) -> Component:
    licence = judge(package, reviews).licence
    hashes = [HashType(alg=HashAlgorithm.SHA_512, content=package.sha512)] if package.sha512 else []
    notes = {"satchel:marker": package.marker, "satchel:sha256": " ".join(package.sha256)}
    return Component(
        name=package.name,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=package.ref,
        scope=ComponentScope.OPTIONAL if package.is_optional else None,
        purl=_purl(package),
        licenses=[LicenseFactory().make_from_string(licence)] if licence else (),
        hashes=hashes,
        properties=[Property(name=name, value=value) for name, value in notes.items() if value],
    )


def _purl(package: Shipped) -> PackageURL:
    match package.kind:
        case "deb":
            return PackageURL(
                "deb", "debian", package.name, package.version, qualifiers={"arch": package.architecture}
            )
        case "npm":
            namespace, _, name = package.name.rpartition("/")
            return PackageURL("npm", namespace or None, name, package.version)
        case kind:
            return PackageURL(kind, None, package.name, package.version)


def _stable(text: str, *, keeps_time: bool) -> str:
    """Replace the random serial number by one of the content, and remove the time unless it was set."""
    document = json.loads(text)
    del document["serialNumber"]
    if not keeps_time:
        del document["metadata"]["timestamp"]
    content = json.dumps(document, sort_keys=True)
    document["serialNumber"] = (
        f"urn:uuid:{uuid.uuid5(NAMESPACE, hashlib.sha256(content.encode()).hexdigest())}"
    )
    stable = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(stable)
    if error is not None:
        raise AuditError(f"the bill of materials is not valid CycloneDX 1.6: {error}")
    return stable
