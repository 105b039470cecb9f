"""Completion in bash, zsh and fish: the scripts that the shells load, and the answers to their requests.

A Piece may come from anywhere, so a tag can be `$(rm -rf ~)`. Only plain words are completed: they mean themselves
in every shell, with or without quotes, and also in a script that an earlier version of satchel has installed.
Descriptions are shown beside the words and never inserted.
"""

import re
import unicodedata
from typing import Any, ClassVar, Final

from click.shell_completion import BashComplete, CompletionItem, FishComplete, ShellComplete, ZshComplete

from satchel.cli.terminal.text import printable

COMPLETION_VARIABLE: Final = "_SATCHEL_COMPLETE"

# Characters that no shell interprets inside a word, and those that a word may begin with.
_INSIDE: Final = frozenset("_-./:@%+,=#")
_FIRST: Final = frozenset("_-./@")

_BASH: Final = """\
%(complete_func)s() {
    local IFS=$'\\n' response type value help
    local -a values=() described=()
    response=$(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD="$COMP_CWORD" \
%(complete_var)s=bash_describe "$1")
    COMPREPLY=()
    while IFS=$'\\t' read -r type value help; do
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) values+=("$value"); described+=("$value${help:+  ${help:0:60}}") ;;
        esac
    done <<< "$response"
    # 63 only lists the words. Any other kind of completion may insert what it is given.
    if [[ ${COMP_TYPE-} == 63 && ${#values[@]} -gt 1 ]]; then
        COMPREPLY=("${described[@]}")
    else
        COMPREPLY=("${values[@]}")
    fi
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""

_FISH: Final = """\
function %(complete_func)s
    set -l response (env %(complete_var)s=fish_complete COMP_WORDS=(commandline -cp) \
COMP_CWORD=(commandline -t) %(prog_name)s)
    for line in $response
        set -l fields (string split --max 1 -- "," $line)
        switch $fields[1]
            case dir
                __fish_complete_directories $fields[2]
            case file
                __fish_complete_path $fields[2]
            case plain
                printf "%%s\\n" $fields[2]
        end
    end
end

complete --no-files --keep-order --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


def is_plain_word(text: str) -> bool:
    """Whether a text is one word that means itself in every shell, and that shows all of its characters."""
    if not text or not (text[0] in _FIRST or _is_letter(text[0])) or printable(text) != text:
        return False
    return all(char in _INSIDE or _is_letter(char) for char in text)


def _is_letter(char: str) -> bool:
    """Whether a character is a letter, a mark on one, or a digit."""
    return unicodedata.category(char)[0] in "LMN"


class PlainWords(ShellComplete):
    """Completes plain words only."""

    name: ClassVar[str] = ""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Return the words that complete `incomplete`."""
        found = super().get_completions(args, incomplete)
        return [item for item in found if item.type != "plain" or is_plain_word(str(item.value))]


class WholeWords(PlainWords):
    """Completes plain words for shells that take `--tag=x` as one word: the answer repeats `--tag=`."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Return the words that complete `incomplete`."""
        found = super().get_completions(args, incomplete)
        option = re.match(r"--[a-z-]+=", incomplete)
        if option is None:
            return found
        return [CompletionItem(option[0] + str(item.value), item.type, item.help) for item in found]


class Bash(PlainWords, BashComplete):
    """Completion in bash 4.4 or later. Scripts of earlier versions of satchel ask for words without descriptions."""

    name = "bash"
    source_template = _BASH


class DescribedBash(Bash):
    """Words with descriptions for bash: type, word and description, separated by tabs."""

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """Return the line for one word."""
        return f"{item.type}\t{item.value}\t{item.help or ''}"


class Zsh(WholeWords, ZshComplete):
    """Completion in zsh."""

    name = "zsh"


class Fish(WholeWords, FishComplete):
    """Completion in fish."""

    name = "fish"
    source_template = _FISH


SHELLS: Final[dict[str, type[ShellComplete]]] = {"bash": Bash, "zsh": Zsh, "fish": Fish}
REQUESTS: Final[dict[str, type[ShellComplete]]] = {
    "bash_complete": Bash,
    "bash_describe": DescribedBash,
    "zsh_complete": Zsh,
    "fish_complete": Fish,
}
"""What a script asks for (`_SATCHEL_COMPLETE`), and the class that answers."""
