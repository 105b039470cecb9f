"""Files that use a framework, told by what they import: the names of modules are looked up, nothing is guessed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from models.evaluation.archives import Member, Packages
from models.evaluation.sampling import chosen, spread

PER_LANGUAGE: Final = 150
WITHOUT: Final = 0.2  # of the items of a language use no framework
HEAD_LINES: Final = 80


@dataclass(frozen=True, slots=True)
class Using:
    """The beginning of a file from its first import on, and the frameworks that it imports."""

    language: str
    origin: str
    text: str
    frameworks: tuple[str, ...]

    @property
    def package(self) -> str:
        """The package of the file."""
        return self.origin.split(":")[0]


@dataclass(frozen=True, slots=True)
class Tongue:
    """How a language imports: its files, the expression whose group is a module, and the frameworks by module."""

    suffixes: tuple[str, ...]
    importing: re.Pattern[str]
    frameworks: Mapping[str, str]
    packages: tuple[str, ...]


def _frameworks(table: str) -> dict[str, str]:
    """Return frameworks by the start of their modules' names, from "framework: module module" lines."""
    rows = (line.split(": ") for line in table.strip().split("\n"))
    return {module: name.strip() for name, modules in rows for module in modules.split()}


_SCRIPT: Final = _frameworks("""
    react: react react-dom
    redux: redux react-redux @reduxjs/toolkit
    react native: react-native
    expo: expo expo-modules-core
    react router: react-router react-router-dom
    express: express
    koa: koa
    fastify: fastify
    nestjs: @nestjs
    vue: vue
    angular: @angular
    svelte: svelte
    rxjs: rxjs
    jest: jest @jest
    mocha: mocha
    vitest: vitest
    mongoose: mongoose
    sequelize: sequelize
    typeorm: typeorm
    jquery: jquery
    preact: preact
    socket.io: socket.io socket.io-client
    webpack: webpack
""")
_OPENING: Final = re.compile(r"(?m)^(?:import|from|use|using|extern)\b")
"""The first line of imports, which in Go and JavaScript can be before the first name of a module."""
_SCRIPT_IMPORT: Final = re.compile(r"""(?m)^(?:.*?\bfrom|import|.*?\brequire\()\s*["']([^"'.][^"']*)["']""")
TONGUES: Final[Mapping[str, Tongue]] = {
    "python": Tongue(
        (".py",),
        re.compile(r"(?m)^(?:from|import) ([A-Za-z_][\w.]*)"),
        _frameworks("""
            django: django
            django rest framework: rest_framework
            flask: flask
            fastapi: fastapi
            starlette: starlette
            tornado: tornado
            twisted: twisted
            aiohttp: aiohttp
            sqlalchemy: sqlalchemy
            celery: celery
            scrapy: scrapy
            pytest: pytest
            pydantic: pydantic
            pytorch: torch
            pytorch lightning: lightning pytorch_lightning
            tensorflow: tensorflow
            keras: keras
            jax: jax
            scikit-learn: sklearn
            pandas: pandas
            numpy: numpy
            matplotlib: matplotlib
        """),
        (
            "pypi/djangorestframework",
            "pypi/fastapi",
            "pypi/starlette",
            "pypi/transformers",
            "pypi/lightning",
            "pypi/nilearn",
            "pypi/mne",
            "pypi/imbalanced-learn",
            "pypi/optuna",
            "pypi/distributed",
            "pypi/mitmproxy",
            "pypi/geopandas",
            "pypi/seaborn",
            "pypi/pymc",
            "pypi/librosa",
            "pypi/xarray",
            "pypi/celery",
            "pypi/kombu",
            "pypi/scrapy",
            "pypi/luigi",
            "pypi/nltk",
            "pypi/bokeh",
        ),
    ),
    "javascript": Tongue(
        (".js", ".jsx", ".mjs", ".ts", ".tsx"),
        _SCRIPT_IMPORT,
        _SCRIPT,
        (
            "npm/@reduxjs/toolkit",
            "npm/react-native-screens",
            "npm/expo-modules-core",
            "npm/formik",
            "npm/swr",
            "npm/react-redux",
            "npm/react-router",
            "npm/@nestjs/core",
            "npm/@nestjs/common",
            "npm/typeorm",
            "npm/rxjs",
            "npm/preact",
            "npm/zustand",
            "npm/redux",
            "npm/socket.io",
            "npm/webpack",
            "npm/express-session",
            "npm/passport",
            "npm/pino",
            "npm/bull",
            "npm/knex",
            "npm/eslint",
        ),
    ),
    "java": Tongue(
        (".java",),
        re.compile(r"(?m)^import (?:static )?([\w.]+)"),
        _frameworks("""
            spring: org.springframework
            hibernate: org.hibernate
            junit: org.junit junit.framework
            mockito: org.mockito
            jackson: com.fasterxml.jackson
            guava: com.google.common
            servlet: javax.servlet jakarta.servlet
            jpa: javax.persistence jakarta.persistence
            assertj: org.assertj
            hamcrest: org.hamcrest
            netty: io.netty
            quartz: org.quartz
            log4j: org.apache.log4j org.apache.logging.log4j
            slf4j: org.slf4j
            swing: javax.swing
        """),
        (
            "debian-source/libspring-java",
            "debian-source/junit5",
            "debian-source/mockito",
            "debian-source/jackson-databind",
            "debian-source/guava-libraries",
            "debian-source/jsoup",
            "debian-source/libquartz2-java",
            "debian-source/thrift",
            "debian-source/libcommons-collections4-java",
            "debian-source/groovy",
            "debian-source/antlr4",
        ),
    ),
    "go": Tongue(
        (".go",),
        re.compile(r'(?m)^(?:import )?\s*(?:[\w.]+ )?"([\w.-]+\.[a-z]+/[^"\n]+)"'),
        _frameworks("""
            gin: github.com/gin-gonic/gin
            echo: github.com/labstack/echo
            chi: github.com/go-chi/chi
            gorilla mux: github.com/gorilla/mux
            gorilla websocket: github.com/gorilla/websocket
            fasthttp: github.com/valyala/fasthttp
            gorm: gorm.io/gorm github.com/jinzhu/gorm
            cobra: github.com/spf13/cobra
            viper: github.com/spf13/viper
            urfave cli: github.com/urfave/cli
            grpc: google.golang.org/grpc
            protobuf: google.golang.org/protobuf github.com/golang/protobuf
            testify: github.com/stretchr/testify
            logrus: github.com/sirupsen/logrus
            zap: go.uber.org/zap
            prometheus: github.com/prometheus/client_golang
            caddy: github.com/caddyserver/caddy
        """),
        (
            "debian-source/caddy",
            "debian-source/golang-github-containers-buildah",
            "debian-source/golang-google-cloud",
            "debian-source/golang-github-labstack-echo",
            "debian-source/golang-github-spf13-cobra",
            "debian/golang-github-gin-gonic-gin-dev",
            "debian/golang-github-go-chi-chi-dev",
            "debian/golang-github-jinzhu-gorm-dev",
            "debian/golang-github-prometheus-client-golang-dev",
            "debian/golang-github-sirupsen-logrus-dev",
            "debian/golang-github-spf13-viper-dev",
            "debian/golang-github-urfave-cli-dev",
            "debian/golang-github-valyala-fasthttp-dev",
            "debian/golang-github-gorilla-websocket-dev",
            "debian-source/thrift",
        ),
    ),
    "rust": Tongue(
        (".rs",),
        re.compile(r"(?m)^\s*(?:pub )?(?:use|extern crate) (?:::)?(\w+)"),
        _frameworks("""
            tokio: tokio tokio_util tokio_test tokio_stream
            hyper: hyper
            reqwest: reqwest
            serde: serde serde_json serde_derive
            clap: clap
            rayon: rayon
            tower: tower tower_service
            futures: futures futures_util futures_core
            rand: rand
            regex: regex
            itertools: itertools
            warp: warp
            tracing: tracing
        """),
        (
            "debian/librust-tokio-dev",
            "debian/librust-hyper-dev",
            "debian/librust-reqwest-dev",
            "debian/librust-serde-json-dev",
            "debian/librust-regex-dev",
            "debian/librust-rayon-dev",
            "debian/librust-itertools-dev",
            "debian/librust-rand-dev",
            "debian-source/rust-clap",
            "debian-source/thrift",
            "debian-source/flatbuffers",
        ),
    ),
    "csharp": Tongue(
        (".cs",),
        re.compile(r"(?m)^\s*using (?:static )?([A-Z][\w.]+)\s*;"),
        _frameworks("""
            asp.net core: Microsoft.AspNetCore
            asp.net: System.Web
            entity framework: System.Data.Entity Microsoft.EntityFrameworkCore
            newtonsoft.json: Newtonsoft.Json
            nunit: NUnit.Framework
            xunit: Xunit
            mstest: Microsoft.VisualStudio.TestTools.UnitTesting
            windows forms: System.Windows.Forms
            wpf: System.Windows.Controls System.Windows.Media
            protobuf: Google.Protobuf
            microsoft extensions: Microsoft.Extensions
        """),
        (
            "debian-source/newtonsoft-json",
            "debian-source/keepass2",
            "debian-source/protobuf",
            "debian-source/thrift",
            "debian-source/flatbuffers",
        ),
    ),
}
ALIASES: Final = {
    "reactjs": "react", "redux toolkit": "redux", "react redux": "redux", "nest": "nestjs", "drf": "django rest framework",
    "torch": "pytorch", "lightning": "pytorch lightning", "sklearn": "scikit-learn", "spring boot": "spring",
    "spring framework": "spring", "spring mvc": "spring", "junit 5": "junit", "junit5": "junit", "junit4": "junit",
    "junit 4": "junit", "junit jupiter": "junit", "jpa hibernate": "jpa", "jakarta persistence": "jpa",
    "jakarta servlet": "servlet", "java servlet": "servlet", "servlets": "servlet", "servlet api": "servlet",
    "json.net": "newtonsoft.json", "newtonsoft json": "newtonsoft.json", "newtonsoft": "newtonsoft.json",
    "winforms": "windows forms", "xunit.net": "xunit", "aspnetcore": "asp.net core", "aspnet core": "asp.net core",
    "ef core": "entity framework", "entity framework core": "entity framework", "gorilla/mux": "gorilla mux",
    "gorilla/websocket": "gorilla websocket", "urfave/cli": "urfave cli", "serde json": "serde", "serde_json": "serde",
    "protocol buffers": "protobuf", "google.protobuf": "protobuf", "vuejs": "vue", "vue.js": "vue", "express.js": "express",
    "socketio": "socket.io", "react-native": "react native", "react-router": "react router", "react-redux": "redux",
    "reduxjs toolkit": "redux", "mstest v2": "mstest", "django-rest-framework": "django rest framework", "log4j2": "log4j",
    "jakarta ee": "servlet", "futures-rs": "futures", "prometheus client": "prometheus", "microsoft.extensions": "microsoft extensions",
}  # fmt: skip
"""Other spellings of the names above."""


def usings(packages: Packages) -> list[Using]:
    """Return the items of every language: four of five import a framework."""
    return [one for language in TONGUES for one in _of_language(packages, language)]


def known(language: str, name: str) -> str:
    """Return a suggested name as the table spells it; empty if the table of the language lacks it."""
    plain = re.sub(r"\s+", " ", name.casefold().strip())
    names = set(TONGUES[language].frameworks.values())
    candidates = (plain, plain.replace("-", " "), plain.replace(" ", "-"), plain.replace(" ", ""))
    return next((ALIASES.get(one, one) for one in candidates if ALIASES.get(one, one) in names), "")


def _of_language(packages: Packages, language: str) -> list[Using]:
    found = list(_usings(packages, language))
    using = [one for one in found if one.frameworks]
    without = [one for one in found if not one.frameworks]
    many = spread(using, round(PER_LANGUAGE * (1 - WITHOUT)), lambda one: one.package, lambda one: one.origin)
    few = chosen(without, round(len(many) * WITHOUT / (1 - WITHOUT)), lambda one: one.origin, language)
    return many + few


def _usings(packages: Packages, language: str) -> Iterator[Using]:
    tongue = TONGUES[language]
    for member in packages.named(tongue.packages):
        if member.suffix in tongue.suffixes and (text := head(member, tongue)):
            yield Using(language, member.identity, text, imported(text, tongue))


def head(member: Member, tongue: Tongue) -> str:
    """Return up to 80 lines from the line of the first import on; empty without an import."""
    first = tongue.importing.search(member.text)
    if first is None:
        return ""
    opening = _OPENING.search(member.text, 0, first.start())
    start = member.text.count("\n", 0, opening.start() if opening else first.start())
    return "\n".join(member.text.split("\n")[start : start + HEAD_LINES]) + "\n"


def imported(text: str, tongue: Tongue) -> tuple[str, ...]:
    """Return the frameworks whose modules a text imports, sorted."""
    modules = tongue.importing.findall(text)
    found = {
        name
        for module in modules
        for start, name in tongue.frameworks.items()
        if module == start or module.startswith((f"{start}.", f"{start}/"))
    }
    return tuple(sorted(found))
