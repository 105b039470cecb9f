"""What looks unintended in an answer, on the samples that also test the page (tests/browser/test_requests.py)."""

import time

import pytest
from tests.support.unintended import KEY, SAMPLES, Sample

from satchel.requesting.answer import AnswerFile
from satchel.requesting.unintended import MESSAGES, find_unintended


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_each_sample_has_its_findings(sample: Sample) -> None:
    found = find_unintended([AnswerFile(sample.name, sample.content)], KEY)
    assert {finding.kind for finding in found} == sample.finds


def test_the_samples_show_every_kind() -> None:
    assert {kind for sample in SAMPLES for kind in sample.finds} == MESSAGES.keys()


def test_a_finding_names_its_file_and_never_its_content() -> None:
    secret = b"-----BEGIN PRIVATE KEY-----\nMC4CAQAw"
    (found,) = find_unintended([AnswerFile("key.pem", secret)], KEY)
    assert found.message.startswith("'key.pem' contains a private key")
    (typed,) = find_unintended([AnswerFile("", secret)], KEY)
    assert typed.message.startswith("standard input contains a private key")
    assert "MC4" not in found.message + typed.message


@pytest.mark.parametrize("unit", [b"\n", b"key", b"key=", b" ", b"1 ", b"a ", b"-----BEGIN "])
def test_a_megabyte_that_repeats_is_searched_in_time(unit: bytes) -> None:
    started = time.process_time()
    find_unintended([AnswerFile("", unit * (2**20 // len(unit)))], KEY)
    assert time.process_time() - started < 10
