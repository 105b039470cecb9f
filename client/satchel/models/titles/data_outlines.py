"""Titles and descriptions of data and settings: JSON, YAML, TOML, INI, XML."""

import json
import re
from typing import Final

from satchel.models.titles.comments import leading_comment
from satchel.models.titles.names import noun
from satchel.models.titles.outline import Outline, described, how_many, listed, one_line, titled

KNOWN: Final = 0.75
DATA: Final = 0.45
_PARSED_CHARS: Final = 65_536

# File names that say what the file is; people know these files by name.
_WELL_KNOWN: Final = {
    "package.json": "npm package",
    "tsconfig.json": "TypeScript configuration",
    "composer.json": "PHP package",
    "pyproject.toml": "Python project",
    "cargo.toml": "Rust package",
    "setup.cfg": "Python package",
    "tox.ini": "tox configuration",
    "pytest.ini": "pytest configuration",
    "docker-compose.yml": "Docker Compose services",
    "docker-compose.yaml": "Docker Compose services",
    "compose.yml": "Docker Compose services",
    "compose.yaml": "Docker Compose services",
    ".eslintrc.json": "ESLint configuration",
    ".eslintrc": "ESLint configuration",
    ".prettierrc": "Prettier configuration",
    ".babelrc": "Babel configuration",
    ".editorconfig": "editor settings",
    ".gitconfig": "Git configuration",
    ".gitlab-ci.yml": "GitLab CI pipeline",
    ".travis.yml": "Travis CI build",
    ".pre-commit-config.yaml": "pre-commit hooks",
    "nginx.conf": "nginx configuration",
    "mkdocs.yml": "MkDocs configuration",
    "pom.xml": "Maven project",
    "launch.json": "debug configurations of an editor",
    "settings.json": "settings of an editor",
    "renovate.json": "Renovate configuration",
    "chart.yaml": "Helm chart",
    "kustomization.yaml": "Kustomize configuration",
    "angular.json": "Angular workspace",
    "manifest.json": "manifest",
    ".env": "environment variables",
    ".npmrc": "npm configuration",
}


# Kinds of files that have any name: their kind says more than that.
_MANY_NAMES: Final = frozenset(
    {"GitHub Actions workflow", "Ansible playbook", "Jupyter notebook", "OpenAPI description"}
)


def describe_json(text: str, language: str, file_name: str) -> Outline | None:  # noqa: ARG001
    """Describe JSON by its name, or by its top keys."""
    value = _parsed(text)
    keys = _top_keys(value, text)
    known = _well_known(file_name, keys, value)
    if known:
        return known
    if isinstance(value, list):
        inside = _top_keys(value[0], "") if value else []
        what = f"JSON list of {how_many(len(value), 'item')}" if value else "empty JSON list"
        title = f"{what} with {listed([noun(key) for key in inside])}" if inside else what
        return Outline(titled(title), described(f"{what}{_keys(inside)}"), DATA, "the keys of its items")
    if not keys:
        return Outline("JSON document", "", DATA / 2, "its form")
    named = _name_in(value)
    title = f"JSON of {named}" if named else f"JSON with {listed([noun(key) or key for key in keys])}"
    return Outline(titled(title), described(f"JSON object{_keys(keys)}"), DATA, "its top keys")


def _parsed(text: str) -> object:
    try:
        return json.loads(text[:_PARSED_CHARS])
    except (ValueError, RecursionError):
        return None


_KEY: Final = re.compile(r"^[ \t]{0,4}[{,]?[ \t]{0,4}\"(?P<key>[^\"\n]{1,60})\"[ \t]*:", re.MULTILINE)


def _top_keys(value: object, text: str) -> list[str]:
    if isinstance(value, dict):
        return [one_line(str(key))[:40] for key in list(value)[:20]]
    return [one_line(match["key"]) for match in _KEY.finditer(text[:8_192])][:20] if value is None else []


def _keys(keys: list[str]) -> str:
    return f" with the {'key' if len(keys) == 1 else 'keys'} {listed(keys, 5)}" if keys else ""


def _name_in(value: object) -> str:
    for key in ("name", "title", "id", "$id"):
        found = value.get(key) if isinstance(value, dict) else None
        if isinstance(found, str) and 0 < len(found) <= 60:
            return one_line(found)
    return ""


def _well_known(file_name: str, keys: list[str], value: object) -> Outline | None:
    what = _WELL_KNOWN.get(file_name.lower()) or _by_keys(set(keys))
    if what is None:
        return None
    name = _name_in(value)
    title = f"{file_name or capital(what)} of {name}" if name else file_name or capital(what)
    title = f"{capital(what)}: {name}" if name and what in _MANY_NAMES else title
    said = f"{capital(what)}{' ' + name if name else ''}"
    about = value.get("description") if isinstance(value, dict) else ""
    more = about if isinstance(about, str) else ""
    return Outline(
        titled_file(title, file_name),
        described(said + (f": {more}" if more else ""), f"Sets {listed(keys, 5)}" if keys else ""),
        KNOWN,
        "the kind of file",
    )


def titled_file(title: str, file_name: str) -> str:
    """Return a title that begins with a file name, whose case stays."""
    cut = titled(title)
    return (
        file_name + cut[len(file_name) :] if file_name and cut.lower().startswith(file_name.lower()) else cut
    )


def capital(text: str) -> str:
    """Write the first letter in capitals, except in names such as "npm"."""
    return (
        text
        if text.startswith(("npm", "pytest", "tox", "nginx", "pre-commit"))
        else text[:1].upper() + text[1:]
    )


def _by_keys(keys: set[str]) -> str | None:
    for wanted, what in (
        ({"apiVersion", "kind"}, "Kubernetes manifest"),
        ({"openapi", "paths"}, "OpenAPI description"),
        ({"swagger", "paths"}, "Swagger description"),
        ({"compilerOptions"}, "TypeScript configuration"),
        ({"name", "version", "dependencies"}, "npm package"),
        ({"$schema", "properties"}, "JSON Schema"),
        ({"on", "jobs"}, "GitHub Actions workflow"),
        ({"services", "volumes"}, "Docker Compose services"),
        ({"cells", "nbformat"}, "Jupyter notebook"),
        ({"type", "features"}, "GeoJSON features"),
        ({"hosts", "tasks"}, "Ansible playbook"),
    ):
        if wanted <= keys:
            return what
    return None


_SECTION: Final = re.compile(r"^\[{1,2}[ ]?(?P<name>[^\[\]\n]{1,80})\]", re.MULTILINE)
_TOP_SETTING: Final = re.compile(
    r"^(?:export[ ]+)?[\"']?(?P<key>[A-Za-z_][\w.$/-]{0,60})[\"']?[ ]*[:=](?:[ ]+(?P<value>[^\n]{0,80}))?",
    re.MULTILINE,
)
_BLOCK: Final = re.compile(
    r"^(?P<kind>[a-z_]{2,40})[ ]+(?:\"(?P<first>[^\"\n]{1,60})\"[ ]*)?(?:\"(?P<second>[^\"\n]{1,60})\"[ ]*)?\{",
    re.MULTILINE,
)
_SERVICE: Final = re.compile(
    r"^services:[ ]*\n(?P<names>(?:[ \t]+[^\n]{0,200}\n|[ \t]*\n){1,200})", re.MULTILINE
)


def describe_settings(text: str, language: str, file_name: str) -> Outline | None:
    """Describe settings by the kind of file, by a leading comment, or by their sections and keys."""
    text = text[:16_384]
    settings = {match["key"]: (match["value"] or "").strip("\"' ") for match in _TOP_SETTING.finditer(text)}
    sections = [match["name"].strip('" ') for match in _SECTION.finditer(text)]
    blocks = [
        " ".join(filter(None, (match["kind"], match["first"], match["second"])))
        for match in _BLOCK.finditer(text)
    ]
    special = _special_settings(text, settings, sections, file_name)
    if special:
        return special
    comment = leading_comment(text)
    names = blocks or sections or list(settings)
    if comment:
        return Outline(
            titled(comment),
            described(comment, f"Sets {listed(names, 4)}" if names else ""),
            KNOWN,
            "its first comment",
        )
    if not names:
        return None
    what = {
        "terraform": "Terraform",
        "hcl": "HCL",
        "nginx": "nginx",
        "properties": "Environment",
        "ini": "INI",
    }.get(language, language.upper())
    title = f"{what} settings for {listed([one.strip() for one in names])}"
    if file_name:
        title = f"{file_name}: {listed(names)}"
    return Outline(
        titled_file(title, file_name),
        described(f"{what} settings: {listed(names, 6)}"),
        DATA,
        "its sections or keys",
    )


def _special_settings(
    text: str, settings: dict[str, str], sections: list[str], file_name: str
) -> Outline | None:
    known = _WELL_KNOWN.get(file_name.lower()) or _by_keys(set(settings)) or _unit(sections)
    if "services" in settings and not known:
        known = "Docker Compose services"
    if known is None:
        return None
    detail = _detail(text, settings, known)
    title = f"{file_name or capital(known)}{detail}"
    if known in _MANY_NAMES:
        title = (
            f"{capital(known)}: {settings['name']}"
            if settings.get("name")
            else f"{capital(known)} {file_name}".strip()
        )
    return Outline(
        titled_file(title, file_name),
        described(f"{capital(known)}{detail}", f"Sets {listed(sections or list(settings), 5)}"),
        KNOWN,
        "the kind of file",
    )


def _unit(sections: list[str]) -> str | None:
    for section, what in (
        ("Service", "systemd service"),
        ("Timer", "systemd timer"),
        ("Socket", "systemd socket"),
        ("Desktop Entry", "desktop entry"),
    ):
        if section in sections:
            return what
    return None


def _detail(text: str, settings: dict[str, str], known: str) -> str:
    """Return " of name" or " for web and db": what tells this file from others of its kind."""
    if known == "Docker Compose services":
        match = _SERVICE.search(text)
        depth = re.match(r"[ \t]+", match["names"]) if match else None
        names = (
            re.findall(rf"^{depth[0]}([\w.-]{{1,60}}):", match["names"], re.MULTILINE)
            if match and depth
            else []
        )
        return f" for {listed(names)}" if names else ""
    if known == "Kubernetes manifest":
        named = re.search(r"^[ ]{1,4}name:[ ]*(\S{1,60})", text, re.MULTILINE)
        return f": {settings['kind']}{' ' + named[1] if named else ''}"
    if known.startswith("systemd"):
        about = re.search(r"^Description=(.{1,100})", text, re.MULTILINE)
        return f": {about[1]}" if about else ""
    name = settings.get("name", "")
    return f" of {name}" if name else ""


_ELEMENT: Final = re.compile(r"<(?P<name>[A-Za-z_][\w:.-]{0,60})[\s/>]")
_NAMED: Final = re.compile(r"<(?:artifactId|title|name)>(?P<name>[^<>\n]{1,80})<")


def describe_xml(text: str, language: str, file_name: str) -> Outline | None:  # noqa: ARG001
    """Describe XML by its root, its title or name, and its most frequent elements."""
    body = re.sub(r"^\s*<\?[^>]{0,200}>\s*", "", text[:16_384])
    elements = [match["name"] for match in _ELEMENT.finditer(body)][:400]
    if not elements:
        return None
    root, inside = elements[0], list(dict.fromkeys(elements[1:]))
    named = _NAMED.search(body)
    what = {"svg": "SVG image", "rss": "RSS feed", "feed": "Atom feed", "project": "Project file"}.get(
        root.lower(), f"XML {noun(root)}"
    )
    known = _WELL_KNOWN.get(file_name.lower())
    title = (
        f"{file_name or what}{' of ' + named['name'] if named else ''}"
        if known
        else f"{what}: {named['name']}"
        if named
        else f"{what} with {listed([noun(one) for one in inside])}"
        if inside
        else what
    )
    return Outline(
        titled_file(title, file_name if known else ""),
        described(f"{capital(known or what)} with the elements {listed(inside, 5)}" if inside else what),
        KNOWN if known or named else DATA,
        "its root element",
    )
