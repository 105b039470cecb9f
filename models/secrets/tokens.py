"""Tokens made at random from shapes, and names that stand in code: what a model of randomness is trained and tried on.

    token = example_of(parse("ghp_{base62:36}"), Random(1), "crc32")

Nothing here is a real token: each is made from a seed when it is needed and stored nowhere.
"""

import zlib
from collections.abc import Iterator
from random import Random
from typing import Final

from satchel.models.secrets.checksums import base62_crc32
from satchel.models.secrets.shapes import ALPHABETS, Run, Shape

TOKEN_ALPHABETS: Final = (
    "base62",
    "base62",
    "base62",
    "base36",
    "BASE36",
    "url",
    "base64",
    "lower32",
    "BASE32",
    "base58",
)
"""Alphabets of tokens, the usual ones more than once."""

# What names in programs are made of, besides English words.
CODE_WORDS: Final = tuple(
    """
    abs acc addr alloc api app arg args arr array async attr auth avg backend base batch bin bit blob bool boot border
    btn buf buffer bundle byte cache call callback canvas cap cert cfg char check cls cmd code col color column compat
    config conn const content context coord copy core count cpu create css ctl ctx cur data date db debug dec def
    default delete desc dest dev diff dim dir dispatch dist div dns doc docs dom dst dump dynamic elem else emit enc
    encode end entry enum env err error eval event exc exec expect export expr ext extract factory fetch field file
    filter find flag flex flow fmt fn font foo format frame func get git global graph grid group gui handle handler
    hash head header height hex hook host href html http https icon id idx image impl import index info init inner
    input insert inst int integer interface internal io ip is iter job join js json jsx key kind kwargs label lambda
    lang layout len level lib line link linux list listen load loader local lock log login loop main make manager map
    margin mask math max media mem menu merge meta method middleware min mock mod mode model module mount mouse msg
    mutable name namespace native net next node noop null num numpy obj object offset ok on op open opt option order
    os out output override pack padding page param parse parser patch path pattern pkg pixel plugin pod point pool pop
    port pos post pre prefix prev print proc process profile prop props proto proxy ptr public push py query queue
    random range raw react read reader ready rec record redis reduce ref reg regex register release remove render
    repo req request res reset resolve resource response rest result ret return rgb root route router row rpc run
    runtime sample scan schema scope screen script scroll sdk select self send seq server service session set setting
    setup shape shell shift show sig signal size slice slot socket sort source spec split sql src ssl stack start stat
    state static status std step stop store str stream string struct stub style sub submit suffix sum svg switch sync
    sys tab table tag target task temp template term test text theme thread time timeout title tmp toggle token tool
    top trace transform tree trigger try tuple type ui uid undefined unit unix update upload url user usr utf util
    utils uuid val validate value var vec vector version view virtual visible void wait web widget width window
    wrapper write writer xml yaml zip zone
    """.split()  # noqa: SIM905  shorter than a list
)


def example_of(shape: Shape, random: Random, checksum: str = "") -> str:
    """Return a token of a shape, with a right checksum where one is known (of a base 58 or bech32 text it is wrong)."""
    token = "".join(
        "".join(random.choices(ALPHABETS[part.alphabet], k=random.randint(part.least, part.most)))
        if isinstance(part, Run)
        else random.choice(part)
        for part in shape.parts
    )
    if checksum == "crc32":
        head, _, body = token.rpartition("_")
        return f"{head}_{body[:-6]}{base62_crc32(body[:-6])}"
    if checksum == "crc32-hex":
        body = token.rpartition("_")[0]
        return f"{body}_{zlib.crc32(body.encode()):08x}"
    return token


def random_token(random: Random) -> str:
    """Return characters of the alphabet of some token."""
    alphabet = ALPHABETS[random.choice(TOKEN_ALPHABETS)]
    return "".join(random.choices(alphabet, k=random.randint(16, 64)))


def names(random: Random, words: tuple[str, ...]) -> Iterator[str]:
    """Return names of programs without end: joined words in the usual notations, paths and versions."""
    joins = (_snake, _snake, _camel, _camel, _pascal, _kebab, _upper, _path, _dense)
    while True:
        parts = [
            random.choice(words if random.random() < 0.5 else CODE_WORDS) for _ in range(random.randint(2, 6))
        ]
        name = random.choice(joins)(parts)
        yield name + random.choice(
            ("", "", "", str(random.randint(0, 9)), str(random.randint(10, 2099)), "-1.0.2")
        )


def _snake(parts: list[str]) -> str:
    return "_".join(parts)


def _camel(parts: list[str]) -> str:
    return parts[0] + "".join(part.capitalize() for part in parts[1:])


def _pascal(parts: list[str]) -> str:
    return "".join(part.capitalize() for part in parts)


def _kebab(parts: list[str]) -> str:
    return "-".join(parts)


def _upper(parts: list[str]) -> str:
    return "_".join(parts).upper()


def _path(parts: list[str]) -> str:
    return "/".join(parts)


def _dense(parts: list[str]) -> str:
    return "".join(parts)
