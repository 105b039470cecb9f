"""What `--card` publishes about a share is shown, word for word, before it leaves the device."""

from typing import TYPE_CHECKING

from satchel.errors import RefusedError

if TYPE_CHECKING:
    from satchel.cli.app import App
    from satchel_wire.messages import Card


def clear_to_publish(app: "App", card: "Card") -> None:
    """Show the card. On a terminal go on only if the owner agrees; elsewhere `--card` is their word."""
    app.out.tell("published for link previews, readable by your cloud and by everybody who sees the link:")
    app.out.tell(f"  title     {card.title}")
    app.out.tell(f"  language  {card.language or '-'}")
    app.out.tell(f"  lines     {card.lines or '-'}")
    if app.out.can_ask and not app.out.confirm("publish this?"):
        raise RefusedError("not shared: its card was not to be published", hint="leave out --card")


def fields(card: "Card | None") -> dict[str, object] | None:
    """A card as it stands in a JSON document."""
    return None if card is None else {"title": card.title, "language": card.language, "lines": card.lines}
