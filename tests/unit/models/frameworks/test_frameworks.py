"""Frameworks by imports and by distinctive names."""

import pytest

from satchel.models.frameworks import frameworks_of, open_model
from satchel.models.frameworks.table import table_of
from satchel.models.interface import Subject

IMPORTED = {
    ("python", "from flask import (\n    Flask,\n    request,\n)\nimport numpy as np"): {"flask", "numpy"},
    ("python", "from tensorflow import keras"): {"keras", "tensorflow"},
    ("javascript", 'const { Router } = require("express");'): {"express"},
    ("typescript", "import { Component } from '@angular/core';"): {"angular"},
    ("javascript", "/** @type {import('next').NextConfig} */\nmodule.exports = {};"): {"next.js"},
    ("javascript", "/** @import { Component } from 'svelte' */\nimport x from './x.js';"): {"svelte"},
    ("javascript", "define(['jquery', './x'], function ($) {});"): {"jquery"},
    ("typescript", "import { InjectModel } from '@nestjs/passport';"): {"nestjs"},
    ("java", "import org.springframework.boot.SpringApplication;"): {"spring boot"},
    ("java", "import static org.junit.Assert.assertEquals;"): {"junit"},
    ("go", 'import (\n\t"net/http"\n\n\t"github.com/labstack/echo/v4"\n)'): {"net/http", "echo"},
    ("rust", "use axum::{routing::get, Router};\nuse serde::Deserialize;"): {"axum", "serde"},
    ("csharp", "using Microsoft.AspNetCore.Mvc;\nusing Xunit;"): {"asp.net core", "xunit"},
}


@pytest.mark.parametrize(("language", "text"), IMPORTED, ids=range(len(IMPORTED)))
def test_imports_tell_frameworks(language: str, text: str) -> None:
    uses = frameworks_of(text, language)
    assert {one.name for one in uses} == IMPORTED[language, text]
    assert all(one.is_sure for one in uses)


def test_names_tell_a_framework_whose_import_is_cut_off() -> None:
    (use,) = frameworks_of('@app.route("/")\ndef index():\n    return "x"\n', "python")
    assert (use.name, use.is_sure, use.evidence) == ("flask", False, "has @app.route(")


def test_the_examples_of_a_script_tell_a_framework_that_it_does_not_import() -> None:
    comment = "/**\n * import { of } from 'rxjs';\n * const a = require('./a');\n */\n"
    (use,) = frameworks_of(f"import a from './a';\n{comment}", "typescript")
    assert (use.name, use.is_sure, use.evidence) == ("rxjs", False, "has an example with rxjs")
    assert [one.name for one in frameworks_of(f"import a from 'react';\n{comment}", "typescript")] == [
        "react"
    ]


def test_long_lines_take_no_time() -> None:
    for part in ("define(['", "@import a ", "import(" + " " * 30, " * import ", "require([ 'a', "):
        frameworks_of(part * 8_000, "javascript")


def test_a_module_of_the_same_letters_is_no_framework() -> None:
    assert frameworks_of("import flasky\nimport requestsx", "python") == []
    assert frameworks_of('import x from "./express";', "javascript") == []


def test_a_framework_is_suggested_with_a_tag() -> None:
    found = open_model().suggest(Subject("from flask import Flask\n", language="python"))
    assert [(one.field, one.value) for one in found] == [("framework", "flask"), ("tag", "flask")]


@pytest.mark.parametrize(
    "language", ["python", "javascript", "java", "go", "rust", "csharp", "ruby", "php", "c"]
)
def test_every_module_stands_with_one_framework(language: str) -> None:
    modules = [module for one in table_of(language).frameworks for module in one.modules]
    assert modules
    assert sorted(modules) == sorted(set(modules))
