"""The networks of PP-OCRv6 on screenshots of code, in light and dark, with line numbers, as PNG and JPEG."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from satchel.models.ocr import read_image

IMAGES: Final = Path(__file__).parent / "images"


@pytest.mark.parametrize(
    ("name", "numbers"), [("light.png", 0), ("dark.png", 9), ("plain.jpg", 0), ("selected.png", 11)], ids=str
)
def test_code_is_read_with_its_indentation(name: str, numbers: int) -> None:
    read = read_image((IMAGES / name).read_bytes())
    assert f"{read.text}\n" == (IMAGES / name).with_suffix(".txt").read_text()
    assert read.is_code
    assert read.confidence > 0.9
    assert read.engine == "rapidocr"
    assert read.numbers_removed == numbers
    assert [line.text for line in read.lines] == [line for line in read.text.split("\n") if line]
    tops = [line.box.top for line in read.lines]
    assert tops == sorted(tops)


def test_a_diagram_is_no_code() -> None:
    assert not read_image((IMAGES / "diagram.png").read_bytes()).is_code


READ: Final = """
import sys
from satchel.models.ocr import read_image
read = read_image(open(sys.argv[1], "rb").read())
assert "rapidocr" not in sys.modules, "the package's own code downloads"
print(read.text)
"""


@pytest.mark.tool("unshare")
def test_reading_takes_no_network(tmp_path: Path) -> None:
    words = ["unshare", "--net", "--map-root-user", sys.executable, "-c", READ, str(IMAGES / "plain.jpg")]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (IMAGES / "plain.txt").read_text()


def test_importing_the_package_loads_no_library() -> None:
    code = "import sys, satchel.models.ocr; print({'numpy', 'cv2', 'PIL', 'onnxruntime'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
