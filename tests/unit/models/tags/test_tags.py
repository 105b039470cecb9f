"""Tags from the content, tags from tags, and the ontology behind both."""

import time

import pytest

from satchel.models.interface import Subject
from satchel.models.registry import open_model
from satchel.models.tags.ontology import load, relations, topics
from satchel.pieces.fields import tag as normalized


def suggested(name: str, subject: Subject, least: float = 0) -> list[str]:
    return [one.value for one in open_model(name).suggest(subject) if one.confidence >= least]


def test_the_ontology_has_many_tags_in_the_form_of_the_store() -> None:
    tags = load()
    assert len(tags) >= 1_500
    assert [name for name in tags if normalized(name) != name] == []
    assert [tag.name for tag in tags.values() if tag.words[0] != tag.name] == []
    assert [tag.name for tag in tags.values() if tag.name in tag.related] == []


def test_relations_go_both_ways() -> None:
    related = relations()
    assert [(one, other) for one in related for other in related[one] if one not in related[other]] == []
    assert all(0 < closeness <= 1 for each in related.values() for closeness in each.values())


def test_topics_hold_tags_in_the_form_of_the_store_each_once() -> None:
    assert len(topics()) >= 900
    assert [word for topic in topics() for word in topic if normalized(word) != word] == []
    assert [topic for topic in topics() if len(set(topic)) != len(topic)] == []


def test_words_of_a_topic_go_together_the_typical_ones_more() -> None:
    related = relations()["nodemailer"]
    assert related["email"] > related["message"] > 0


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        (
            "import requests\n\n\ndef fetch(url):\n    return requests.get(url, timeout=5)\n",
            {"http", "request"},
        ),
        ("SELECT name FROM users GROUP BY name;\n", {"group-by"}),
        ("docker run --rm -it python:3 bash\n", {"docker"}),
        ("git rebase -i HEAD~3\n", {"git"}),
        ("import re\n\nPATTERN = re.compile(r'[a-z]+')\n", {"regex"}),
        ("async def main():\n    await asyncio.gather(a(), b())\n", {"async"}),
        ("# Slug\n\nTurn a title into a slug for URLs.\n\nSlugs keep letters and digits.\n", {"slug"}),
    ],
)
def test_words_libraries_and_programs_tell_tags(text: str, tags: set[str]) -> None:
    assert tags <= set(suggested("tags", Subject(text)))


def test_the_language_and_the_own_tags_are_not_suggested() -> None:
    text = "import requests\n\n\ndef fetch(url):\n    return requests.get(url)\n"
    assert "python" not in suggested("tags", Subject(text))
    assert "http" not in suggested("tags", Subject(text, tags=("http",)))


def test_tags_are_few_and_in_the_form_of_the_store() -> None:
    for text in ("Größe und Länge. " * 50, "C++ and c# and F# " * 40, "a.b-c_d/e " * 300):
        found = suggested("tags", Subject(text))
        assert len(found) <= 8
        assert [tag for tag in found if normalized(tag) != tag] == []


def test_a_weak_hint_is_not_accepted() -> None:
    assert suggested("tags", Subject("Remember to call the dentist on Monday."), 0.5) == []


@pytest.mark.parametrize(
    ("tags", "related"),
    [
        (("regex",), "regexp"),
        (("cli", "terminal"), "command-line"),
        (("regular", "regex"), "expression"),
        (("colors", "ansi"), "color"),
        (("json", "validation"), "schema"),
        (("kubernetes",), "k8s"),
    ],
)
def test_tags_suggest_related_tags(tags: tuple[str, ...], related: str) -> None:
    found = suggested("related-tags", Subject("", tags=tags))
    assert related in found
    assert not set(found) & set(tags)


def test_no_tags_and_unknown_tags_suggest_nothing() -> None:
    assert suggested("related-tags", Subject("text")) == []
    assert suggested("related-tags", Subject("", tags=("zzzqqq",)), 0.5) == []


@pytest.mark.parametrize(
    "text",
    ["[" * 65_536, "[![a](b)" * 8_000, "aB" * 32_000, "a-" * 32_000, "<a" * 32_000, "x.y" * 20_000],
    ids=range(6),
)
def test_hostile_text_takes_bounded_time(text: str) -> None:
    started = time.process_time()
    suggested("tags", Subject(text))
    assert time.process_time() - started < 2


CLUSTER = "# Cluster\n\nStart a Kubernetes cluster and deploy the chart with Helm.\n\nKubernetes restarts what ends.\n"


def test_the_owners_tags_come_first_and_in_the_owners_spelling() -> None:
    plain = suggested("tags", Subject(CLUSTER))
    owned = suggested("tags", Subject(CLUSTER, vocabulary=("k8s", "helm", "holidays")))
    assert "kubernetes" in plain
    assert "k8s" in owned
    assert "kubernetes" not in owned
    assert set(owned[:2]) == {"k8s", "helm"}
    assert "holidays" not in owned


def test_a_tag_of_the_owner_that_the_text_names_is_suggested() -> None:
    text = "# Work at the zeppelin\n\nNotes on the work at the zeppelin: the plan, and who does which work.\n"
    assert "work" not in suggested("tags", Subject(text))
    assert "work" in suggested("tags", Subject(text, vocabulary=("work",)))


def test_related_tags_are_those_of_the_owner() -> None:
    assert "k8s" in suggested("related-tags", Subject("", tags=("helm",), vocabulary=("k8s",)))[:1]


def test_what_is_said_of_a_content_counts_most() -> None:
    code = "import typing\nimport logging\n\n\n" + "def run(items):\n    return list(items)\n" * 30
    found = suggested(
        "tags", Subject(code, title="planets", description="Astronomy of planets and their orbits")
    )
    assert found[:2] == ["astronomy", "orbits"]


def test_an_image_gets_tags_of_what_is_said_of_it() -> None:
    image = Subject("", b"\x89PNG", "image/png", title="architecture", description="Deployment on Kubernetes")
    assert {"kubernetes", "deployment"} <= set(suggested("tags", image, 0.3))
    assert suggested("tags", Subject("", b"\x89PNG", "image/png")) == []


def test_related_words_tell_which_of_two_senses_is_meant() -> None:
    said = {
        "music": "Play the notes of a chord on a synthesizer",
        "shell": "Run the commands of a script in bash",
    }
    for tag, description in said.items():
        found = suggested("tags", Subject("", title="player", description=description))
        assert tag in found
        assert not set(said) - {tag} & set(found)


def test_a_licence_tells_no_tags() -> None:
    text = "# Slug\n\nTurn a title into a slug for URLs.\n\n## License\n\nCopyright. Permission is hereby granted to use the software.\n"
    assert not {"copyright", "software", "license", "permission"} & set(suggested("tags", Subject(text)))


def test_words_that_nobody_writes_are_no_tags() -> None:
    assert "hellmans" not in suggested("related-tags", Subject("", tags=("diffie", "hellman")))
