"""The bill of materials of the built image lists its Debian packages and its Python."""

import json
from pathlib import Path

import pytest

from audit.bills import write_bills
from audit.shipped import run_in

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_the_bill_lists_what_the_image_contains(image: str, tmp_path: Path) -> None:
    write_bills({"SATCHEL_SBOM_IMAGE": image}, tmp_path)
    bill = json.loads((tmp_path / "satchel-image.cdx.json").read_text())
    purls = {component["purl"].partition("?")[0] for component in bill["components"]}
    listed = run_in(image, "dpkg-query", "-W", "-f", "${Package}\n").split()
    assert {purl.split("/")[2].partition("@")[0] for purl in purls if purl.startswith("pkg:deb/")} == {
        name.replace("+", "%2B") for name in listed
    }
    python = run_in(image, "/opt/satchel/bin/python", "--version").split()[1]
    assert f"pkg:generic/python@{python}" in purls
