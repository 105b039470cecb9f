"""Cards of shares: public data for link previews, stored as objects.

A card is deleted together with its share. It is not in the micro-database, because the log would keep its title for a
day or longer after that.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

import msgspec

from satchel_service.environment import Environment, in_thread
from satchel_service.lifecycle.sweeping import CARD_PREFIX, delete_blobs
from satchel_service.shares.rows import ShareRow
from satchel_service.storage import BlobKey, NotFoundError, blob_key
from satchel_wire import messages

CACHED_CARDS: Final = 1000  # of at most 1.2 KB each
PARALLEL_READS: Final = 16


class Cards:
    """Stores, reads and deletes cards, with a cache of the most recently read ones."""

    def __init__(self, environment: Environment) -> None:
        self._env = environment
        self._cache: OrderedDict[str, messages.Card] = OrderedDict()

    async def create(self, share_id: str, card: messages.Card | None) -> BlobKey | None:
        """Store a card and return the key of its object; None without a card."""
        if card is None:
            return None
        key = blob_key(f"{CARD_PREFIX}{share_id}.{self._env.entropy(4).hex()}")
        await in_thread(self._env.storage.create, key, msgspec.json.encode(card))
        return key

    async def read(self, row: ShareRow) -> messages.Card | None:
        """Return the card of a share, if it has one."""
        if row.card_blob is None:
            return row.old_card
        card = self._cache.get(row.card_blob)
        if card is None:
            try:
                data = await in_thread(self._env.storage.read, BlobKey(row.card_blob))
            except NotFoundError:  # the owner has just replaced it
                return None
            card = msgspec.json.decode(data, type=messages.Card)
            self._store(row.card_blob, card)
        return card

    async def read_all(self, found: Sequence[ShareRow]) -> dict[str, messages.Card]:
        """Return the cards of shares by id."""
        slots = asyncio.Semaphore(PARALLEL_READS)

        async def read(row: ShareRow) -> tuple[str, messages.Card | None]:
            async with slots:
                return row.id, await self.read(row)

        with_cards = [row for row in found if row.card_blob is not None or row.card is not None]
        cards = await asyncio.gather(*map(read, with_cards))
        return {share_id: card for share_id, card in cards if card is not None}

    async def delete(self, key: str | None) -> None:
        """Delete the object of a card, if there is one."""
        if key is not None:
            self._cache.pop(key, None)
            await delete_blobs(self._env.storage, [BlobKey(key)])

    def clear(self) -> None:
        """Drop every card from the cache."""
        self._cache.clear()

    def _store(self, key: str, card: messages.Card) -> None:
        self._cache[key] = card
        if len(self._cache) > CACHED_CARDS:
            self._cache.popitem(last=False)
