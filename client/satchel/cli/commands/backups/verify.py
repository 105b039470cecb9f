"""`satchel verify`: prove that a backup can be restored, as a whole or by a sample."""

import random
from pathlib import Path
from typing import Final

import click

from satchel.backup.reading.sampling import Sample, SampleResult, verify_sample
from satchel.backup.restore.restore import verify as verify_backup
from satchel.cli.app import App
from satchel.cli.arguments import shortened
from satchel.cli.commands.backups.choosing import backup_argument, device_option, from_option, open_backup
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.text import format_count, format_duration, format_moment, format_size

MAX_CHARS: Final = 12


class SampleType(click.ParamType[Sample]):
    """A share of a backup's Pieces as a percentage, or a number of Pieces."""

    name = "sample"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Sample:
        """Parse `1%`, `0.5%` or `20`."""
        if isinstance(value, Sample):
            return value
        text = str(value)
        sample = _parse(text)
        if sample is None:
            wanted = "neither a percentage up to 100%, as 1%, nor a number of Pieces"
            self.fail(f"{shortened(text)!r} is {wanted}", param, ctx)
        return sample


def _parse(text: str) -> Sample | None:
    number, is_share = text.removesuffix("%"), text.endswith("%")
    if not number.isascii() or len(number) > MAX_CHARS or not number.replace(".", "", 1).isdigit():
        return None
    if is_share:
        return Sample(share=float(number) / 100) if 0 < float(number) <= 100 else None
    return Sample(count=int(number)) if number.isdigit() and int(number) > 0 else None


@command(
    "verify",
    examples=[
        ("satchel verify", "verify the latest backup of this device in your cloud"),
        ("satchel verify --sample 1%", "fetch and compare one Piece in a hundred"),
        ("satchel verify --from /media/stick/satchel.age", "verify a backup in a file"),
    ],
)
@backup_argument
@from_option
@device_option
@click.option("--sample", type=SampleType(), metavar="SHARE", help="Check random Pieces only: 1%, or 20.")
@pass_app
def verify(
    app: App, /, *, choice: str, source: Path | None, device: str | None, sample: Sample | None
) -> None:
    """Prove that a backup can be restored: the latest of this device, or the one whose id starts with ID.

    satchel reads, decrypts and opens the backup as in a restore, in the home's work directory, then removes
    it. It does the same with the memory, if the backup has it. Nothing else is changed. With --sample,
    satchel fetches only random Pieces, decrypts them and compares them with the store.

    satchel status shows the date of the last proof.
    """
    context = app.backup_context()
    with open_backup(app, context, choice, source, device=device) as archive:
        if sample is not None:
            draw = random.SystemRandom().randrange
            result = verify_sample(context, archive, sample, draw)
            app.out.answer(_sample_fields(result), _sample_sentence(result))
            return
        whole = verify_backup(context, archive)
    manifest = whole.manifest
    app.out.answer(
        {
            "id": manifest.archive,
            "created": manifest.created,
            "pieces": manifest.pieces,
            "memory": manifest.memory_facts is not None,
            "seconds": round(whole.seconds, 3),
        },
        f"backup {manifest.archive[:8]} of {format_moment(manifest.created)} can be restored: "
        f"{format_count(manifest.pieces, 'Piece')}{' and the memory' if manifest.memory_facts else ''}, "
        f"{format_duration(whole.seconds)}",
    )


def _sample_fields(result: SampleResult) -> dict[str, object]:
    return {
        "id": result.manifest.archive,
        "created": result.manifest.created,
        "pieces": result.manifest.pieces,
        "checked": result.checked,
        "same": result.same,
        "changed": result.changed,
        "removed": result.removed,
        "fetched_bytes": result.fetched_bytes,
        "seconds": round(result.seconds, 3),
    }


def _sample_sentence(result: SampleResult) -> str:
    manifest = result.manifest
    since = [
        f"{count:,} {what} here since"
        for what, count in (("changed", result.changed), ("removed", result.removed))
        if count
    ]
    compared = "; ".join([f"{result.same:,} as in the store", *since])
    return (
        f"{format_count(result.checked, 'Piece')} of {manifest.pieces:,} in backup {manifest.archive[:8]} "
        f"of {format_moment(manifest.created)} can be restored: {compared} "
        f"({format_size(result.fetched_bytes)} fetched, {format_duration(result.seconds)})"
    )
