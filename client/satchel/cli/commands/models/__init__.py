"""Commands that use the models of this device."""
