"""Models give the same answers in four threads at once as in one, as the window and the language server run them.

Each test starts its own process, which a native library may crash.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.minilm import require_weights

ROOT = Path(__file__).parents[3]

THREADS = """
import sys, threading
from pathlib import Path
from satchel.imports import import_packages_first
import_packages_first()
sys.setswitchinterval(1e-5)
{work}
start = threading.Barrier(4)
answers = [{{}} for _ in range(4)]

def run(first):
    start.wait()
    for number in (*range(first, len(inputs)), *range(first)):
        try:
            answers[first][number] = work(inputs[number])
        except Exception as exc:
            answers[first][number] = exc

threads = [threading.Thread(target=run, args=(first,)) for first in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
{forget}
expected = dict(enumerate(map(work, inputs)))
print([mine == expected for mine in answers])
"""
PARSING = """
from satchel.models.parsing import outline_of
inputs = ["".join(f"def f{n}_{k}(a):\\n    return [a + {n}]\\n\\n" for n in range(200)) for k in range(6)]

def work(text):
    outline = outline_of(text, "python")
    return outline.has_errors, len(outline.declarations)
"""
DESCRIBING = """
from satchel.models.interface import EXAMINED_CHARS, Subject
from satchel.suggest.filling import describe_safely, installed_models
paths = sorted([*Path("client/satchel/pieces").glob("*.py"), *Path("docs/guides").glob("c*.md"), Path("Makefile")])
inputs = [Subject(path.read_text()[:4_000], path.read_bytes()[:4_000], file_name=path.name) for path in paths]

def work(subject):
    described, failed = describe_safely(subject, installed_models())
    return described, failed
"""
SECRETS = """
from satchel.models.secrets import scan_text
inputs = [path.read_text()[:20_000] for path in sorted(Path("client/satchel/models/secrets").glob("*.py"))]
inputs.append("\\n".join(f"password = 'T{n}x!9qLw{n}'" for n in range(50)))
work = scan_text
"""
MEANING = """
from satchel.models.embedding import open_encoder
inputs = [" ".join(["retry", "a", "request", "that", "failed"][: n % 5 + 1]) + f" {n}" for n in range(20)]

def work(text):
    return open_encoder().vector(text).tobytes()
"""
IMAGES = """
from satchel.models.ocr import read_image
inputs = [path.read_bytes() for path in sorted(Path("tests/unit/models/ocr").rglob("*.png"))[:4]]
assert len(inputs) == 4

def work(data):
    return read_image(data).text
"""
FORGET = "from satchel.models.parsing import reading; reading.outline_of.cache_clear()"


def _run(work: str, forget: str = "") -> None:
    ran = subprocess.run(
        [sys.executable, "-c", THREADS.format(work=work, forget=forget)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=280,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (0, "[True, True, True, True]\n"), ran.stderr


def test_texts_are_parsed_at_once() -> None:
    _run(PARSING, FORGET)


def test_pieces_are_described_at_once() -> None:
    _run(DESCRIBING)


def test_secrets_are_found_at_once() -> None:
    _run(SECRETS)


def test_texts_are_embedded_at_once() -> None:
    require_weights()
    _run(MEANING)


def test_images_are_read_at_once() -> None:
    pytest.importorskip("rapidocr")
    _run(IMAGES)
