"""The operations that the provisioner serves, and their OpenAPI document."""

from typing import Final

from satchel_service.web.openapi import Interface
from satchel_wire import messages, provisioning
from satchel_wire.capabilities import Capability
from satchel_wire.operations import OPERATIONS as CLOUD_OPERATIONS
from satchel_wire.provisioning import PROVISION, PROVISIONER_OPERATIONS

SHARED: Final = ("show_sign_in", "create_nonce", "capabilities", "openapi", "live", "ready")
"""What the provisioner serves as a cloud does."""

OPERATIONS: Final = (*PROVISIONER_OPERATIONS, *(each for each in CLOUD_OPERATIONS if each.id in SHARED))
CAPABILITIES: Final = (PROVISION, Capability.SIGN_IN.value)
INTERFACE: Final = Interface(
    "satchel provisioner",
    "Makes a cloud for each owner and takes it down. docs/spec/provisioner.md explains what this lists.",
    OPERATIONS,
    (messages, provisioning),
)
