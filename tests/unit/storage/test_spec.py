"""The storage specification agrees with the code."""

import re
from pathlib import Path

from satchel_service.storage import buckets, http, s3, s3_boto, s3_requests
from satchel_service.storage.http_messages import HEAD_BYTES
from satchel_service.storage.opening import S3_LEAST_PART_BYTES, S3_MOST_PARTS

PAGE = (Path(__file__).resolve().parents[3] / "docs/spec/storage.md").read_text()


def rows(heading: str) -> list[list[str]]:
    """The rows of the table whose head begins so."""
    lines = iter(PAGE.splitlines())
    next(line for line in lines if line.startswith(f"| {heading}"))
    next(lines)
    found: list[list[str]] = []
    for line in lines:
        if not line.startswith("|"):
            return found
        found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def test_the_dialects_are_those_of_the_table() -> None:
    documented = {row[0].strip("`"): (row[2], row[3], row[4], row[5].strip("`")) for row in rows("dialect")}
    dialects = (s3_requests.AWS, s3_requests.R2, s3_requests.OTHER)
    assert documented == {
        dialect.name: (
            f"`{dialect.region}`" if dialect.region else "none",
            "path" if dialect.is_path_style else "host",
            "yes" if dialect.joins_conditionally else "no",
            dialect.checksums,
        )
        for dialect in dialects
    }
    assert rows("dialect")[0][1] == ", ".join(f"`{host}`" for host in s3_requests.AWS.hosts)


def test_statuses_and_codes_mean_what_the_table_says() -> None:
    taken, passing, full, _ = (row[0] for row in rows("status or code"))
    assert {int(number) for number in re.findall(r"\b\d{3}\b", taken)} == s3_requests.TAKEN_STATUSES
    assert {int(number) for number in re.findall(r"\b\d{3}\b", passing)} == s3_requests.TRANSIENT_STATUSES
    assert set(re.findall(r"`(\w+)`", passing)) == s3_requests.TRANSIENT_CODES
    assert set(re.findall(r"`(\w+)`", full)) == s3_requests.FULL_CODES


def test_the_numbers_are_those_of_the_page() -> None:
    assert f"up to {buckets.ATTEMPTS} times in all" in PAGE
    assert f"(boto3's requests: up to {s3_boto.ATTEMPTS} times in all" in PAGE
    pauses = [buckets.FIRST_PAUSE_S * 2**attempt for attempt in range(buckets.ATTEMPTS - 1)]
    assert "at most {}, {} and {} seconds".format(*pauses) in PAGE
    assert f"up to {buckets.MOST_PAUSE_S:.0f} seconds" in PAGE
    assert f"Connecting times out after {http.CONNECT_TIMEOUT_S:.0f} seconds" in PAGE
    assert f"after {http.READ_TIMEOUT_S:.0f} seconds without a byte" in PAGE
    assert f"({s3_boto.JOIN_TIMEOUT_S} while parts are being joined)" in PAGE
    assert f"a head of more than {HEAD_BYTES >> 10} KiB" in PAGE
    assert f"kept for {http.IDLE_S:.0f} seconds" in PAGE
    assert f"It is valid for {s3.PART_URL_TTL_S // 86_400} days" in PAGE
    assert f"{s3.PAGE_OBJECTS:,} objects a page" in PAGE
    assert f"at least {S3_LEAST_PART_BYTES >> 20} MiB, at most {S3_MOST_PARTS:,} of them" in PAGE
