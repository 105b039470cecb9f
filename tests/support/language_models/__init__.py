"""A server of language models over real sockets, for tests.

    with LanguageModels("openai", keys={"sk-test"}) as server:
        server.say("one", " two")
        ...
        server.asked[0].body              # exactly the bytes that arrived

It holds to the published APIs: a request that the vendor would refuse is refused here, with the vendor's document and
status. `flavours` are the vendors and programs, `faults` is what can go wrong. It binds to the loopback address.
"""

from tests.support.language_models.faults import FAULTS, Fault
from tests.support.language_models.flavours import FLAVOURS
from tests.support.language_models.server import Asked, LanguageModels

__all__ = ["FAULTS", "FLAVOURS", "Asked", "Fault", "LanguageModels"]
