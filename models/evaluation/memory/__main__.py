"""`python -m models.evaluation.memory [--misses] [--only WHAT …]`: measure the memory on the development split."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final

from models.evaluation.fetching import FetchError
from models.evaluation.figures import Figure, table
from models.evaluation.memory import judging, measuring, product
from models.evaluation.memory.months import Month, built, ranges
from models.oracles.memory.diary import Diary, local

WHAT: Final = ("borders", "times", "recall")
SPLIT: Final = "dev"
AROUND: Final = 3  # events shown before and after a border that is wrong


def main(arguments: Sequence[str]) -> int:
    """Print the figures, and with `--misses` what was wrong. Return 1 if a package cannot be fetched."""
    options = _parser().parse_args(arguments)
    try:
        months = built(SPLIT)
    except FetchError as error:
        print(f"packages: {error}", file=sys.stderr)
        return 1
    parts = {"borders": _borders, "times": _times, "recall": _recall}
    for name in options.only or WHAT:
        print(table(parts[name](months, options.misses)), flush=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m models.evaluation.memory", description=__doc__)
    parser.add_argument("--misses", action="store_true", help="show what was wrong")
    parser.add_argument(
        "--only", nargs="+", choices=WHAT, default=[], metavar="WHAT", help="borders, times or recall"
    )
    return parser


def _borders(months: Sequence[Month], is_shown: bool) -> list[Figure]:  # noqa: FBT001 - all parts have one signature
    found = {id(month.diary): product.formed(month.diary) for month in months}
    for month in months if is_shown else ():
        for line in _wrong_borders(month.diary, found[id(month.diary)]):
            print(line)
    return measuring.border_figures(months, lambda diary: found[id(diary)], "development")


def _wrong_borders(diary: Diary, episode_of: Sequence[int]) -> Iterator[str]:
    true, found = set(judging.onsets(diary.episode_of)), set(judging.onsets(episode_of))
    for place in sorted(true ^ found):
        others = found if place in true else true | diary.open_borders
        if {place - 1, place, place + 1} & others:
            continue
        yield f"\n{'missed' if place in true else 'not a border'}: {diary.person.name}, event {place}"
        for near in range(max(0, place - AROUND), min(len(diary.events), place + AROUND)):
            yield f"{'>' if near == place else ' '} {_line(diary, near)}"


def _line(diary: Diary, place: int) -> str:
    one = diary.events[place]
    at = local(one.at_ms, diary.person.zone).strftime("%a %d %b %H:%M:%S")
    text = one.text.replace("\n", " / ")[:80]
    return f"{at} {one.source:6} {one.exit_code if one.exit_code is not None else '-':>3} {one.place}: {text}"


def _times(months: Sequence[Month], is_shown: bool) -> list[Figure]:  # noqa: ARG001, FBT001
    asked = ranges(SPLIT)
    scores = measuring.range_scores(asked, product.understood)
    for (zone, question), score in zip(asked, scores, strict=True):
        if is_shown and not score:
            now = local(question.now_ms, zone)
            print(
                f"{now:%a %Y-%m-%d %H:%M} {question.text}: {_span(product.understood(question.text, now), zone)}"
            )
            print(f"    right: {'; '.join(_span(one, zone) for one in question.ranges)}")
    return [measuring.range_figure(scores, "development")]


def _span(found: judging.Range | None, zone: str) -> str:
    if found is None:
        return "no time"
    return " to ".join(f"{local(one, zone):%a %Y-%m-%d %H:%M}" for one in found)


def _recall(months: Sequence[Month], is_shown: bool) -> list[Figure]:  # noqa: FBT001
    own, peers = measuring.all_answers(months, product.filled)
    for month, answers in zip(months, own, strict=True) if is_shown else ():
        for answer in answers:
            if answer.score < 1:
                _show_miss(month.diary, answer)
    return measuring.recall_figures(list(chain.from_iterable(own)), peers, "development")


def _show_miss(diary: Diary, answer: measuring.Answer) -> None:
    question = answer.question
    now = local(question.now_ms, diary.person.zone)
    print(f"\n{question.kind} {answer.score:.2f}, {now:%a %Y-%m-%d %H:%M}: {question.text}")
    for span in question.ranges[:1]:
        print(f"    meant: {_span(span, diary.person.zone)} {question.repository}")
    for number in question.right if question.kind != "time" else ():
        true = diary.episodes[number].events
        shown = [place for place in true if place in question.evidence] or true[len(true) // 2 :]
        print(f"    right: {_line(diary, shown[0])} ({len(true)} events)")
    for found in answer.found:
        print(f"    found: {_line(diary, min(found))} ({len(found)} events)")
    if not answer.found:
        print("    found: nothing")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
