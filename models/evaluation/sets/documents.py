"""Markdown documents of packages, with the links that a Markdown parser finds in them."""

from dataclasses import dataclass
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from models.evaluation.archives import Member, Packages
from models.evaluation.sampling import spread

DOCUMENTS: Final = 300
_MOST_CHARS: Final = 20_000
_PACKAGES: Final = [
    "npm/webpack",
    "npm/eslint",
    "npm/mocha",
    "npm/koa",
    "npm/fastify",
    "npm/mongoose",
    "npm/knex",
    "npm/ajv",
    "npm/joi",
    "npm/pino",
    "npm/luxon",
    "npm/undici",
    "npm/jsdom",
    "npm/cheerio",
    "npm/marked",
    "npm/nodemailer",
    "npm/passport",
    "npm/pg",
    "npm/qs",
    "npm/redux",
    "npm/sinon",
    "npm/immer",
    "npm/zustand",
    "npm/formik",
    "npm/bull",
    "npm/cors",
    "npm/helmet",
    "npm/multer",
    "npm/d3-array",
    "npm/d3-scale",
    "npm/handlebars",
    "npm/ramda",
    "debian-source/antlr4",
    "debian-source/composer",
    "debian-source/php-monolog",
    "debian-source/rails",
    "debian-source/rust-clap",
    "debian-source/golang-github-spf13-cobra",
    "debian-source/golang-google-cloud",
    "debian-source/leiningen-clojure",
    "debian-source/elixir-lang",
    "debian-source/golang-github-containers-buildah",
    "debian-source/r-cran-ggplot2",
    "debian-source/symfony",
    "debian-source/protobuf",
    "debian-source/thrift",
    "debian-source/flatbuffers",
    "debian-source/abseil",
    "debian/librust-regex-dev",
    "debian/librust-rayon-dev",
    "debian/librust-serde-json-dev",
    "debian/librust-itertools-dev",
]


@dataclass(frozen=True, slots=True)
class Document:
    """A Markdown text, and the addresses that it links to, sorted."""

    origin: str
    text: str
    links: tuple[str, ...]

    @property
    def package(self) -> str:
        """The package of the file."""
        return self.origin.split(":")[0]


def documents(packages: Packages) -> list[Document]:
    """Return documents that link to something, spread over the packages."""
    found = (
        _document(member) for member in packages.named(_PACKAGES) if member.suffix in {".md", ".markdown"}
    )
    return spread((one for one in found if one), DOCUMENTS, lambda one: one.package, lambda one: one.origin)


def _document(member: Member) -> Document | None:
    """Return a document; None without links, and with addresses in its code or text.

    The parser and its readers differ over an address that is not marked as a link.
    """
    if len(member.text) > _MOST_CHARS:
        return None
    tokens = _flat(MarkdownIt("commonmark").parse(member.text))
    links = {str(one.attrs["href"]) for one in tokens if one.type == "link_open"}
    links = {link for link in links if link.startswith(("http://", "https://"))}
    if not links or any("://" in text for text in _unmarked(tokens)):
        return None
    return Document(member.identity, member.text, tuple(sorted(links)))


def _flat(tokens: list[Token]) -> list[Token]:
    """Return the tokens with those of inline content in their places."""
    return [one for token in tokens for one in (token, *(token.children or ()))]


def _unmarked(tokens: list[Token]) -> list[str]:
    """Return the text outside links: words, code, HTML, and the addresses of images."""
    kinds = {"code_inline", "fence", "code_block", "html_block", "html_inline"}
    texts = [token.content for token in tokens if token.type in kinds]
    texts += [str(token.attrs["src"]) for token in tokens if token.type == "image"]
    depth = 0
    for token in tokens:
        depth += (token.type == "link_open") - (token.type == "link_close")
        if token.type == "text" and not depth:
            texts.append(token.content)
    return texts
