"""Properties of every plan: monotone in the number of clouds, never below a limit, and resting on what it says."""

from hypothesis import given, settings
from hypothesis import strategies as st

from satchel_infra.planning.plans import PLATFORMS, STORAGES, Request
from satchel_infra.planning.platforms.planner import make_plan
from satchel_infra.planning.tables import shipped
from satchel_infra.planning.usage import PROFILES

TABLE = shipped()
USERS = st.integers(1, 10_000_000)
ROWS = sorted(row.id for row in TABLE.rows() if not row.id.startswith("mix."))


@st.composite
def requests(draw: st.DrawFn, users: st.SearchStrategy[int] = USERS) -> Request:
    platform = draw(st.sampled_from(PLATFORMS))
    return Request(
        platform,
        draw(users),
        draw(st.sampled_from(PROFILES)),
        draw(st.sampled_from(STORAGES[platform])),
        draw(st.integers(1, 40)),
    )


@settings(max_examples=150, deadline=None)
@given(requests(), USERS)
def test_more_clouds_never_need_or_cost_less(request: Request, more: int) -> None:
    fewer = make_plan(request, TABLE)
    larger = make_plan(
        Request(
            request.platform,
            min(10_000_000, request.users + more),
            request.profile,
            request.storage,
            request.regions,
        ),
        TABLE,
    )
    for before, after in zip(fewer.lines, larger.lines, strict=True):
        assert after.name == before.name
        assert after.figure.value >= before.figure.value * (1 - 1e-12), before.name
    assert {each.row_id for each in fewer.raises} <= {each.row_id for each in larger.raises}


@settings(max_examples=150, deadline=None)
@given(requests())
def test_no_line_is_negative_and_no_shard_overflows(request: Request) -> None:
    plan = make_plan(request, TABLE)
    assert all(line.figure.value >= 0 for line in plan.lines)
    names = [line.name for line in plan.lines]
    assert sorted(names) == sorted(set(names))
    holds = {
        "cloudrun": TABLE.row("run.services").value,
        "knative": plan.figure("clouds per namespace").value if request.platform == "knative" else 0,
        "box": plan.figure("clouds per machine").value if request.platform == "box" else 0,
    }[request.platform]
    shards = plan.figure("shards").value
    assert shards * holds >= request.users > (shards - 1) * holds


@settings(max_examples=150, deadline=None)
@given(requests(), st.sampled_from(ROWS), st.sampled_from([0.5, 0.9, 1.1, 2.0]))
def test_a_line_changes_only_with_the_rows_that_it_names(
    request: Request, row_id: str, factor: float
) -> None:
    changed = TABLE.replaced({row_id: TABLE.row(row_id).value * factor})
    before, after = make_plan(request, TABLE), make_plan(request, changed)
    for old, new in zip(before.lines, after.lines, strict=True):
        if row_id not in old.figure.rests_on:
            assert new.figure.value == old.figure.value, old.name


@settings(max_examples=60, deadline=None)
@given(requests())
def test_a_quota_that_is_raised_as_told_is_enough(request: Request) -> None:
    plan = make_plan(request, TABLE)
    most: dict[str, float] = {}
    for each in plan.raises:
        assert each.need.value > each.have.value
        most[each.row_id] = max(most.get(each.row_id, 0.0), each.need.value)
    after = make_plan(request, TABLE.replaced(most))
    assert not {each.row_id for each in after.raises} & most.keys()
