"""The HTML of the report form and its responses. Without scripts, so that it works in any browser."""

import html
from string import Template
from typing import Final, Literal, get_args

from satchel_service.page.assets import PREFIX, integrity, manifest, template
from satchel_service.page.rendering import PAGE_HEADERS, fill, negotiate
from satchel_service.security_headers import NO_CONTENT_POLICY, content_policy
from satchel_wire.messages import ReportReason
from satchel_wire.routes import SHARE_REPORT

POLICY: Final = {**NO_CONTENT_POLICY, "style-src": "'self'", "img-src": "'self'", "form-action": "'self'"}
REPORT_HEADERS: Final = {
    **PAGE_HEADERS,
    "Content-Security-Policy": content_policy(POLICY),
}

Outcome = Literal["done", "later", "gone"]


def render_form(share_id: str, accept_language: str) -> bytes:
    """Return the report form of a share."""
    code, words = _words(accept_language)
    form = Template(template("report-form.html")).substitute(
        {
            **words,
            "action": SHARE_REPORT.format(id=share_id),
            "choices": "\n            ".join(_choice(name, words[name]) for name in get_args(ReportReason)),
        }
    )
    return _page(code, words["title"], words["text"], form)


def render_outcome(outcome: Outcome, accept_language: str) -> bytes:
    """Return the page shown after the form was sent, or for a share that does not exist."""
    code, words = _words(accept_language)
    return _page(code, words[f"{outcome}_title"], words[f"{outcome}_text"], "")


def _words(accept_language: str) -> tuple[str, dict[str, str]]:
    code, language = negotiate(accept_language)
    return code, {name: html.escape(text) for name, text in language.report.items()}


def _choice(name: str, label: str) -> str:
    return f'<label class="choice"><input type="radio" name="reason" value="{name}" required>{label}</label>'


def _page(code: str, title: str, text: str, form: str) -> bytes:
    style = manifest().report_style
    places = {
        "title": title,
        "text": text,
        "form": form,
        "report_style": PREFIX + style,
        "report_style_integrity": integrity(style),
    }
    return fill("report.html", code, places)
