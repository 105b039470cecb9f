"""The HTML of the form that reports a share, and of its answers: without a program, so that it works in any browser."""

import html
from string import Template
from typing import Final, Literal, get_args

from satchel_service.page.assets import PREFIX, integrity, manifest, template
from satchel_service.page.languages import direction, preferred
from satchel_service.page.rendering import PAGE_HEADERS
from satchel_wire.messages import ReportReason
from satchel_wire.routes import SHARE_REPORT

POLICY: Final = {
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
REPORT_HEADERS: Final = {
    **PAGE_HEADERS,
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
}

Outcome = Literal["done", "later", "gone"]


def render_form(share_id: str, accept_language: str) -> bytes:
    """Return the form for a share."""
    words = _words(accept_language)
    form = Template(template("report-form.html")).substitute(
        {
            **words,
            "action": SHARE_REPORT.format(id=share_id),
            "choices": "\n            ".join(_choice(name, words[name]) for name in get_args(ReportReason)),
        }
    )
    return _page(accept_language, words["title"], words["text"], form)


def render_outcome(outcome: Outcome, accept_language: str) -> bytes:
    """Return what is shown once the form was sent, or where there is nothing to report."""
    words = _words(accept_language)
    return _page(accept_language, words[f"{outcome}_title"], words[f"{outcome}_text"], "")


def _words(accept_language: str) -> dict[str, str]:
    language = manifest().languages[preferred(accept_language, tuple(manifest().languages))]
    return {name: html.escape(text) for name, text in language.report.items()}


def _choice(name: str, label: str) -> str:
    return f'<label class="choice"><input type="radio" name="reason" value="{name}" required>{label}</label>'


def _page(accept_language: str, title: str, text: str, form: str) -> bytes:
    built = manifest()
    code = preferred(accept_language, tuple(built.languages))
    places = {
        "lang": code,
        "dir": direction(code),
        "title": title,
        "text": text,
        "form": form,
        "icon": PREFIX + built.icon,
        "style": PREFIX + built.style,
        "style_integrity": integrity(built.style),
        "report_style": PREFIX + built.report_style,
        "report_style_integrity": integrity(built.report_style),
    }
    return Template(template("report.html")).substitute(places).encode()
