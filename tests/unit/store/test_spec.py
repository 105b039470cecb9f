"""docs/spec/store.md matches the code."""

import re
from pathlib import Path

import pytest

from satchel.index import candidates, impact, prefix_ranking, ranking, updates
from satchel.index.database import PREFIX_LETTERS
from satchel.merging.histories import MAX_REVISIONS
from satchel.pieces import fields, ulid
from satchel.store import SCHEMA_VERSION
from satchel.store.database import BUSY_TIMEOUT_MS, PAGE_BYTES
from satchel.store.schema import APPLICATION_ID, SCHEMAS

SPEC = (Path(__file__).parents[3] / "docs" / "spec" / "store.md").read_text("utf-8")


def test_the_specified_schema_is_the_current_one() -> None:
    [block] = re.findall(r"```sql\n(.*?)```", SPEC, re.DOTALL)
    statements = [statement.strip() for statement in block.split(";") if statement.strip()]
    assert statements == [sql for _, _, _, sql in SCHEMAS[SCHEMA_VERSION]]


def test_every_schema_version_is_described() -> None:
    versions = SPEC.partition("## 5. Versions")[2].partition("##")[0]
    assert [int(row) for row in re.findall(r"^\| (\d+) \|", versions, re.MULTILINE)] == sorted(SCHEMAS)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("page size {:,} bytes", PAGE_BYTES),
        ("`application_id` 0x{:x}", APPLICATION_ID),
        ("wait at most {} s", BUSY_TIMEOUT_MS // 1000),
        ("| content | any bytes | {:,} bytes, together with its files |", fields.MAX_CONTENT_BYTES),
        ("| {} beside the main content |", fields.MAX_FILES),
        ("none of the characters below | {} bytes in UTF-8 |", fields.MAX_FILE_NAME_BYTES),
        ("no control characters | {:,} characters |", fields.MAX_TITLE_CHARS),
        ("no other control characters except tab | {:,} characters |", fields.MAX_DESCRIPTION_CHARS),
        ('("py" is "python") | {} characters |', fields.MAX_LANGUAGE_CHARS),
        ("unless given | {} characters |", fields.MAX_MEDIA_TYPE_CHARS),
        ("spaces as hyphens | {} characters", fields.MAX_TAG_CHARS),
        ("characters, {} tags |", fields.MAX_TAGS),
        ("| link | one line | {:,} characters", fields.MAX_LINK_CHARS),
        ("characters, {} links |", fields.MAX_LINKS),
        ("| source, file name | one line | {:,} characters |", fields.MAX_SOURCE_CHARS),
        ("| suggested value | in the form of its field | {:,} characters", fields.MAX_SUGGESTED_CHARS),
        ("characters, {} values for each field |", fields.MAX_SUGGESTED),
        ("| label of a model | one line | {} characters |", fields.MAX_MODEL_CHARS),
        ("the first {:,} bytes", updates.INDEXED_TEXT_BYTES),
        ("An index of at most {:,} Pieces", updates.PURGED_UP_TO_PIECES),
        ("after {:,} changes", updates.MERGED_FROM_CHANGES),
        ("counts {:.0f}-fold in the title", impact.COLUMN_WEIGHTS[0]),
        ("an index of {:,} Pieces or more", ranking.LARGE_PIECES),
        ("more than {:,} matches", ranking.RANKED_MATCHES),
        ("(a single word: {:,};", ranking.RANKED_OF_ONE_WORD),
        ("a single phrase or name: {:,})", ranking.RANKED_OF_ONE_PHRASE),
        ("In an index of {:,} Pieces or more, the candidates", ranking.VERY_LARGE_PIECES),
        ("most frequent, if there are {}.", candidates.CANDIDATES),
        ("a prefix of more than {} letters ranks every match", max(PREFIX_LETTERS)),
        ("of a query ranks {} Pieces by their texts", prefix_ranking.READ),
        ("The {} best matches", ranking.FIRST_MATCHES),
        ("{:.0f}-fold in a tag", impact.COLUMN_WEIGHTS[1]),
        ("the end of the year 9999 ({:,})", ulid.LATEST_TIME),
        ("at least {} characters, and as many", ulid.SHORT_ID_CHARS),
        ("more than {:,} revisions", MAX_REVISIONS),
        ("{:.0f}-fold in description", impact.COLUMN_WEIGHTS[2]),
    ],
)
def test_every_specified_number_is_that_of_the_code(text: str, number: float) -> None:
    assert text.format(number) in SPEC
