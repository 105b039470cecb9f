"""Made-up diffs: a snippet of any language, with lines removed and added."""

from random import Random

from models.oracles.lexicon import PLAIN


def diff_of(lines: list[str], random: Random) -> str:
    """Return a unified diff in the style of git, diff -u, or without a head."""
    name = PLAIN["path"](random)
    git = f"diff --git a/{name} b/{name}\nindex {random.getrandbits(28):07x}..{random.getrandbits(28):07x} 100644\n"
    names = f"--- a/{name}\n+++ b/{name}\n"
    stamped = f"--- {name}\t{PLAIN['date'](random)}\n+++ {name}.new\t{PLAIN['date'](random)}\n"
    head = random.choice((git + names, names, stamped, "", git + "new file mode 100644\n" + names))
    return head + "\n".join(_hunk(lines, random) for _ in range(random.randint(1, 3)))


def _hunk(lines: list[str], random: Random) -> str:
    start = random.randint(0, max(0, len(lines) - 6))
    part = lines[start : start + random.randint(4, 16)]
    rows = []
    for line in part:
        draw = random.random()
        if draw < 0.6:
            rows.append(f" {line}")
        elif draw < 0.7:
            rows += [f"-{line}", f"+{line.replace('e', 'a', 1)}"]
        else:
            rows.append(f"{random.choice('+-')}{line}")
    first = random.randint(1, 300)
    context = random.choice(("", f" {part[0].strip()[:40]}" if part else ""))
    return f"@@ -{first},{len(part)} +{first},{len(part) + 1} @@{context}\n" + "\n".join(rows)
