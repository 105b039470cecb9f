"""The public names are complete, and the errors form a tree with hints."""

import inspect

from satchel import age
from satchel.age import errors
from satchel.errors import IntegrityError


def test_every_public_name_exists_in_order() -> None:
    assert age.__all__ == sorted(age.__all__)
    assert len(set(age.__all__)) == len(age.__all__)
    for name in age.__all__:
        assert hasattr(age, name)


def test_every_error_is_public_documented_and_has_a_hint() -> None:
    defined = [
        each for _, each in inspect.getmembers(errors, inspect.isclass) if each.__module__ == errors.__name__
    ]
    assert len(defined) == 7
    for each in defined:
        assert issubclass(each, IntegrityError)
        assert each.__name__ in age.__all__
        assert each.__name__ in (errors.__doc__ or "")
        assert each("message").hint
        assert each("message", hint="another").hint == "another"
