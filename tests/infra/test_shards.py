"""Growing the list of shards moves no cloud."""

from collections import Counter

import pytest

from satchel_infra.errors import ConfigurationError
from satchel_infra.names import NameKey, Owner, identify
from satchel_infra.shards import Shard, Shards

KEY = NameKey(bytes(32))
OWNERS = [identify(KEY, issuer="i", subject=str(number)) for number in range(2_000)]


def make(*generations: str) -> Shards:
    """Shards with one-letter ids; each argument lists the shards of a generation."""
    return Shards(tuple(tuple(Shard(each, {"project": each}) for each in ids) for ids in generations))


def test_a_cloud_is_found_where_it_was_created_however_the_list_grows() -> None:
    grown = ("ab", "abc", "c", "cdefg", "a")
    for length in range(1, len(grown) + 1):
        homes = {owner: make(*grown[:length]).home(owner) for owner in OWNERS}
        for later in range(length, len(grown) + 1):
            shards = make(*grown[:later])
            assert all(homes[owner] in shards.candidates(owner) for owner in OWNERS)


def test_the_first_candidate_is_the_home() -> None:
    shards = make("ab", "cde")
    assert all(shards.candidates(owner)[0] == shards.home(owner) for owner in OWNERS)


def test_candidates_are_distinct_and_one_per_generation_at_most() -> None:
    shards = make("ab", "ab", "abc")
    for owner in OWNERS:
        found = shards.candidates(owner)
        assert len({shard.id for shard in found}) == len(found) <= 3


def test_clouds_spread_evenly() -> None:
    counts = Counter(make("abcd").home(owner).id for owner in OWNERS)
    assert set(counts) == set("abcd")
    assert min(counts.values()) > 400  # 500 expected; 400 is five standard deviations away


def test_every_shard_is_listed_once_newest_first() -> None:
    assert [shard.id for shard in make("ab", "bc").all] == ["b", "c", "a"]


@pytest.mark.parametrize("shard_id", ["", "A", "1a", "a-", "a.b", "a" * 21, "ä"])
def test_an_id_that_is_no_label_of_a_host_name_is_refused(shard_id: str) -> None:
    with pytest.raises(ConfigurationError, match="the id of a shard"):
        Shard(shard_id)


def test_an_id_stands_for_one_place() -> None:
    first, second = Shard("a", {"project": "p"}), Shard("a", {"project": "q"})
    with pytest.raises(ConfigurationError, match="'a' has two different places"):
        Shards(((first,), (second,)))


@pytest.mark.parametrize("generations", [(), ((),), ((Shard("a"),), ())])
def test_an_empty_generation_is_refused(generations: tuple[tuple[Shard, ...], ...]) -> None:
    with pytest.raises(ConfigurationError, match="has no shards"):
        Shards(generations)


def test_an_unknown_shard_is_named() -> None:
    assert make("ab").named("b").id == "b"
    with pytest.raises(ConfigurationError, match="there is no shard 'c'"):
        make("ab").named("c")


def test_the_shard_does_not_depend_on_the_name() -> None:
    name = OWNERS[0].tag[:26]
    alike = [Owner(name + other.tag[26:]) for other in OWNERS[:50]]
    assert {make("abcd").home(each).id for each in alike} == set("abcd")
