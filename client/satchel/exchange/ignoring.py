"""`.gitignore` as git reads it: nested files, the deeper one decides, an ignored folder is not entered."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

from satchel.exchange.limits import MAX_IGNORE_FILE_BYTES
from satchel.exchange.reading import UnfitError, read_regular


@dataclass(frozen=True, slots=True)
class IgnoreRules:
    """The rules that hold inside one folder: its own file's, then those of the folders above."""

    folder: Path
    spec: GitIgnoreSpec | None
    above: "IgnoreRules | None" = None

    def inside(self, folder: Path) -> "IgnoreRules":
        """Return the rules of a folder below this one."""
        spec = _read_spec(folder)
        return IgnoreRules(folder, spec, self) if spec is not None else self

    def ignores(self, path: Path, *, is_folder: bool) -> bool:
        """Tell whether a path below the folder is ignored; the deepest file with an opinion decides."""
        rules: IgnoreRules | None = self
        while rules is not None:
            if rules.spec is not None:
                relative = path.relative_to(rules.folder).as_posix()
                verdict = rules.spec.check_file(f"{relative}/" if is_folder else relative).include
                if verdict is not None:
                    return verdict
            rules = rules.above
        return False


def rules_for(folder: Path) -> IgnoreRules:
    """Return the rules that hold in a folder, with those of the git repository around it.

    A folder that the repository ignores was named on purpose: then only its own rules hold.
    """
    rules = IgnoreRules(folder, None)
    for above in _repository_path(folder):
        rules = rules.inside(above)
        if above != folder and rules.ignores(folder, is_folder=True):
            return IgnoreRules(folder, None).inside(folder)
    return rules


def _repository_path(folder: Path) -> Iterator[Path]:
    """Yield the folders from the top of the repository around `folder` down to it; just it if there is none."""
    chain = [folder, *folder.parents]
    for depth, above in enumerate(chain):
        if (above / ".git").exists():
            yield from reversed(chain[: depth + 1])
            return
    yield folder


def _read_spec(folder: Path) -> GitIgnoreSpec | None:
    """Read a folder's `.gitignore`; one that cannot be read has no rules, as in git."""
    try:
        data = read_regular(folder / ".gitignore", MAX_IGNORE_FILE_BYTES)
        return GitIgnoreSpec.from_lines(data.decode("utf-8", "surrogateescape").splitlines())
    except (UnfitError, ValueError):
        return None
