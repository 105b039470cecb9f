"""A recorder for tests of transports, which keeps what it was told in memory."""

from dataclasses import dataclass, field

from satchel.outgoing.recording import Departure, Exchange


@dataclass
class InMemory:
    """Records departures and how their exchanges ended."""

    begun: list[Departure] = field(default_factory=list)
    ended: list[Exchange] = field(default_factory=list)
    is_offline: bool = False

    def begin(self, departure: Departure) -> int:
        """Record a departure."""
        self.begun.append(departure)
        return len(self.begun)

    def end(self, exchange: Exchange) -> None:
        """Record the end of an exchange."""
        self.ended.append(exchange)
