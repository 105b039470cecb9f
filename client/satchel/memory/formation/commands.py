"""What a command line says: its programs, whether it matters, its words and files, how it changes the topic."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

CACHED: Final = 50_000  # command lines repeat
READ_CHARS: Final = 2_000

_SEPARATORS: Final = re.compile(r"\s*(?:&&|\|\||[;|\n])\s*")
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=\S*")
_WRAPPERS: Final = frozenset({
    "sudo", "doas", "time", "nohup", "command", "exec", "nice", "env", "builtin", "stdbuf", "watch", "xargs", "then", "do",
})  # fmt: skip
# Looking around: these say where someone was, and hardly ever what was done.
_LOOKING: Final = frozenset({
    "ls", "ll", "la", "l", "cd", "pwd", "clear", "cls", "reset", "exit", "logout", "history", "which", "whereis", "type",
    "whoami", "id", "date", "cal", "uptime", "w", "who", "man", "tldr", "help", "info", "echo", "true", "false", "less",
    "more", "cat", "bat", "head", "tail", "tree", "df", "du", "free", "top", "htop", "ps", "jobs", "fg", "bg", "pushd",
    "popd", "dirs", "alias", "env", "printenv", "file", "stat", "wc", "z", "j", "open", "xdg-open", "code", "tmux",
    "screen", "sl", "dir", "eza", "exa", "lsd", "ranger", "mc", "nvtop", "btop", "q", ":q", "..", "...", "sleep", "wait",
    "set", "export", "source", ".", "unset", "bash", "zsh", "fish", "sh", "su", "hash", "test", "[", "sort", "uniq",
})  # fmt: skip
_LOOKING_GIT: Final = frozenset({
    "status", "st", "s", "log", "lg", "l", "diff", "d", "show", "branch", "br", "fetch", "remote", "stash", "reflog",
    "blame", "config", "help", "add", "a", "pull", "switch", "checkout", "co", "push", "worktree", "gc", "ls-files",
})  # fmt: skip
_BEGINNING: Final = frozenset({"cd", "pushd", "z", "j", "ls", "ll", "workon", "source", "."})
_BEGINNING_GIT: Final = frozenset({"switch", "checkout", "co", "pull", "fetch", "clone", "worktree"})
_EDITORS: Final = frozenset({
    "vim", "vi", "nvim", "nano", "emacs", "emacsclient", "hx", "helix", "micro", "kak", "ed", "subl", "gedit", "code",
    "e", "v", "edit", "joe", "mcedit", "idea", "pycharm", "kate",
})  # fmt: skip
# Programs, subcommands and options say little about the topic.
_COMMON_WORDS: Final = frozenset({
    "git", "python", "python3", "pip", "pytest", "npm", "npx", "yarn", "pnpm", "node", "cargo", "go", "make", "cmake",
    "docker", "kubectl", "run", "test", "tests", "build", "install", "exec", "src", "lib", "main", "master", "the", "and",
    "for", "with", "from", "into", "of", "to", "in", "on", "a", "an", "is", "it", "be", "origin", "head", "commit", "m",
    "am", "py", "js", "ts", "rs", "md", "txt", "c", "h", "cpp", "java", "rb", "sh", "json", "yaml", "yml", "toml", "html",
    "css", "check", "dev", "bin", "usr", "home", "local", "tmp", "true", "false", "x", "v", "i", "n", "e", "s", "o", "p",
    "vim", "nvim", "nano", "emacs", "sudo", "grep", "rg", "find", "sed", "awk", "curl", "wget", "ssh", "scp", "cat", "ls",
    "cd", "mvn", "gradle", "gradlew", "poetry", "uv", "tox", "ruff", "mypy", "black", "lint", "format", "fmt", "clippy",
    "branch", "checkout", "switch", "add", "push", "pull", "rebase", "merge", "stash", "diff", "log", "status", "code",
})  # fmt: skip
_WORD: Final = re.compile(r"[A-Za-z]+|[0-9]{2,}")
_CASE: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_FILE: Final = re.compile(r"(?:[\w.@+~-]*/)*[\w@+-][\w.@+-]*\.[A-Za-z][A-Za-z0-9]{0,4}(?![\w.])")
_PATH: Final = re.compile(r"(?:\.{0,2}/)?(?:[\w.@+~-]+/)+[\w.@+-]*")
_LINK: Final = re.compile(r"https?://[^\s\"'<>\\^`{|}]+")
_TRAILING: Final = ".,;:!?)]'\""
_MESSAGE: Final = re.compile(r"""(?:-[a-z]*m|--message)[ =]?(?:"((?:[^"\\]|\\.)*)"|'([^']*)')""")
_CHECKS: Final = re.compile(
    r"\b(?:test|tests|pytest|tox|nox|check|build|compile|lint|mypy|ruff|tsc|eslint|clippy|deploy|apply|verify|ctest"
    r"|unittest|jest|vitest|rspec|phpunit|mvn|gradle|gradlew|make|cargo|release|publish|up|migrate)\b"
)
_CONTINUING: Final = ("--amend", "--continue", "--skip", "--fixup")
_SHORTEST_FIX: Final = 2


@dataclass(frozen=True, slots=True)
class CommandLine:
    """What a command line tells.

    `program` is the first program that matters, with its subcommand. `words` are of the topic. A check is a test, a
    build or a deployment, which succeeds or fails. `branch` is the one that it switches to.
    """

    program: str = ""
    matters: bool = False
    is_check: bool = False
    is_edit: bool = False
    is_commit: bool = False
    is_push: bool = False
    begins: bool = False  # what people do first: change the directory, switch the branch, pull
    continues: bool = False  # amends or goes on with the commit before it
    branch: str = ""
    message: str = ""
    words: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


@lru_cache(CACHED)
def read_command(text: str) -> CommandLine:
    """Return what a command line tells."""
    text = text[:READ_CHARS]
    parts = [part for part in (_program_of(one) for one in _SEPARATORS.split(text)) if part]
    telling = next((part for part in parts if _matters(part)), None)
    first = telling or (parts[0] if parts else [])
    git = next((part for part in parts if part[0] == "git"), [])
    message = _MESSAGE.search(text) if "commit" in git else None
    links = _links_of(text)
    return CommandLine(
        program=" ".join(first[:2]) if len(first) > 1 and first[1][:1].isalpha() else "".join(first[:1]),
        matters=telling is not None,
        is_check=telling is not None and bool(_CHECKS.search(" ".join(telling))),
        is_edit=any(part[0] in _EDITORS for part in parts),
        is_commit=_is_git(parts, {"commit", "ci", "merge", "cherry-pick"}),
        is_push=_is_git(parts, {"push"}) or any(part[:2] in (["gh", "pr"], ["glab", "mr"]) for part in parts),
        begins=bool(parts) and all(_begins(part) for part in parts),
        continues=any(
            word.startswith(_CONTINUING) for part in parts if part[0] == "git" for word in part[2:]
        ),
        branch=_branch_of(git),
        message=(message[1] or message[2] or "") if message else "",
        words=topic_words(_LINK.sub(" ", text)),
        files=files_of(_LINK.sub(" ", text)),
        links=links,
    )


def topic_words(text: str) -> tuple[str, ...]:
    """Return the words of a text that can tell its topic, each once: parts of names, without common ones."""
    found: dict[str, None] = {}
    for name in _WORD.findall(text[:READ_CHARS]):
        for part in _CASE.findall(name) if not name.islower() else (name,):
            word = part.lower()
            if len(word) > _SHORTEST_FIX and word not in _COMMON_WORDS:
                found[word.removesuffix("s") if len(word) > 4 and not word.endswith("ss") else word] = None
    return tuple(found)


def files_of(text: str) -> tuple[str, ...]:
    """Return the names of files in a text, each once: those with an extension, and paths."""
    found = {name: None for name in _FILE.findall(text) if not name[-1].isdigit()}
    found |= {name: None for name in _PATH.findall(text) if not any(name in one for one in found)}
    return tuple(found)


def _links_of(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(link.rstrip(_TRAILING) for link in _LINK.findall(text)))


def _program_of(part: str) -> list[str]:
    """Return the words of a simple command without assignments, wrappers and options before its program."""
    words = part.split()
    while words and (
        words[0] in _WRAPPERS or _ASSIGNMENT.fullmatch(words[0]) or (words[0][0] == "-" and len(words) > 1)
    ):
        words = words[1:]
    if words:
        words[0] = words[0].rsplit("/", 1)[-1] or words[0]
    if words[:1] == ["git"]:
        words[1:] = _without_git_options(words[1:])
    return words


def _without_git_options(words: list[str]) -> list[str]:
    """Drop "-C DIR", "-c NAME=VALUE" and other options before git's subcommand."""
    while words and words[0].startswith("-"):
        words = words[2 if words[0] in {"-C", "-c"} else 1 :]
    return words


def _matters(part: list[str]) -> bool:
    if part[0] == "git":
        return len(part) > 1 and part[1] not in _LOOKING_GIT
    if part[0] in _LOOKING:
        return False
    return not (part[0] in _EDITORS and len(part) == 1)


def _is_git(parts: list[list[str]], subcommands: set[str]) -> bool:
    return any(part[0] == "git" and part[1:2] and part[1] in subcommands for part in parts)


def _begins(part: list[str]) -> bool:
    if part[0] == "git":
        return len(part) > 1 and part[1] in _BEGINNING_GIT
    return part[0] in _BEGINNING


def _branch_of(git: list[str]) -> str:
    if git[1:2] and git[1] in {"switch", "checkout", "co"}:
        names = [word for word in git[2:] if not word.startswith("-")]
        if names and "--" not in git and not names[0].startswith(".") and len(names) <= 2:
            return names[0]
    return ""
