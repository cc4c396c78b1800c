"""Mentions of one source → bodies."""

from __future__ import annotations

import itertools
import random

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from cega_graph.names.ledger import KnownOrganization, Ledger
from cega_graph.names.normalize import normalize
from cega_graph.names.resolve import Mention, OpenCase, StatedAlias, open_cases, resolve
from factories import a_decision
from strategies import body_names


def a_mention(name: str, at: int = 0, *aliases: str) -> Mention:
    """Return a mention of a body at an offset, with aliases that the text states right behind."""
    return Mention(
        name=name,
        mention=name,
        source_id="t",
        text_start=at,
        text_end=at + len(name),
        aliases=tuple(
            StatedAlias(mention=a, source_id="t", text_start=at + 50, text_end=at + 50 + len(a)) for a in aliases
        ),
    )


@given(st.lists(body_names(), min_size=1, max_size=8))
def test_equal_spellings_are_one_body_and_others_are_not(names: list[str]) -> None:
    bodies = resolve([a_mention(n, 100 * i) for i, n in enumerate(names)], Ledger())
    assert len(names) == len(bodies.ids)
    assert dict(zip(names, bodies.ids, strict=True)) == {o.name: o.organization_id for o in bodies.organizations}
    assert sorted(set(names)) == sorted(n.name for n in bodies.names)


@given(st.lists(body_names(), min_size=2, max_size=6, unique=True), st.randoms(use_true_random=False))
def test_the_order_of_decisions_changes_no_body(names: list[str], chance: random.Random) -> None:
    decisions = [a_decision(a, b) for a, b in itertools.pairwise(names)]
    shuffled = list(decisions)
    chance.shuffle(shuffled)
    mentions = [a_mention(n, 100 * i) for i, n in enumerate(names)]
    assert resolve(mentions, Ledger(decisions)).ids == resolve(mentions, Ledger(shuffled)).ids
    assert len(set(resolve(mentions, Ledger(decisions)).ids)) == 1


def test_a_stated_alias_joins_and_is_recorded_with_its_place() -> None:
    bodies = resolve([a_mention("青禾湿地保护协会", 0, "青湿协"), a_mention("青湿协", 200)], Ledger())
    assert [(d.name_a, d.name_b, d.verdict, d.decided_by, d.text_start, d.text_end) for d in bodies.decisions] == [
        ("青禾湿地保护协会", "青湿协", "same", "source", 50, 53)
    ]
    assert len(set(bodies.ids)) == 1
    assert [(n.name, n.status) for n in bodies.names] == [("青禾湿地保护协会", "official"), ("青湿协", "short")]


def test_an_alias_stated_for_two_bodies_joins_neither() -> None:
    mentions = [
        a_mention("青禾湿地保护协会", 0, "湿协"),
        a_mention("松柏湿地保护协会", 100, "湿协"),
        a_mention("湿协", 300),
    ]
    bodies = resolve(mentions, Ledger())
    assert len(set(bodies.ids)) == 3
    assert [c.mention for c in bodies.conflicts] == ["湿协", "湿协"]


def test_a_name_that_many_bear_is_one_body_within_a_project_only() -> None:
    mentions = [
        msgspec.structs.replace(a_mention(name, 100 * i, *aliases), scope=scope)
        for i, (name, scope, aliases) in enumerate(
            [
                ("民政局", "t-1", ()),
                ("民政局", "t-1", ()),
                ("民政局", "t-2", ()),
                ("晋江市教育局", "t-1", ("教育局",)),
                ("晋江市教育局", "t-2", ()),
                ("教育局", "t-1", ()),
                ("教育局", "t-2", ()),
                ("12 家社区", "t-1", ()),
                ("12 家社区", "t-2", ()),
            ]
        )
    ]
    ids = resolve(mentions, Ledger()).ids
    groups = [sorted(i for i, other in enumerate(ids) if other == one) for one in dict.fromkeys(ids)]
    assert groups == [[0, 1], [2], [3, 4, 5], [6], [7], [8]]


def test_an_alias_that_a_decision_contradicts_is_a_conflict() -> None:
    ledger = Ledger([a_decision("青禾湿地保护协会", "湿协", "different")])
    bodies = resolve([a_mention("青禾湿地保护协会", 0, "湿协"), a_mention("湿协", 200)], ledger)
    assert (len(set(bodies.ids)), [c.mention for c in bodies.conflicts]) == (2, ["湿协"])


def test_a_known_body_gives_the_official_name_and_the_parent() -> None:
    known = [
        KnownOrganization(name="青禾公益基金会", name_en="Qinghe Foundation", kind="foundation", region="320000"),
        KnownOrganization(name="青禾专项", kind="fund", parent="青禾公益基金会"),
    ]
    ledger = Ledger([a_decision("青禾公益基金会", "青禾")], known)
    fund, body = sorted(
        resolve([a_mention("青禾", 0), a_mention("青禾专项", 50)], ledger).organizations,
        key=lambda o: -len(o.parent_id),
    )
    assert (body.name, body.name_en, body.kind, body.region) == (
        "青禾公益基金会",
        "Qinghe Foundation",
        "foundation",
        "320000",
    )
    assert (body.organization_id, "fund") == (fund.parent_id, fund.kind)


def test_what_looks_alike_is_asked_once_and_not_again() -> None:
    names = ["芜湖青野", "芜湖青野社区发展促进中心", "松柏协会"]
    asked = [OpenCase("芜湖青野", "芜湖青野社区发展促进中心", "one lies in the other")]
    assert asked == list(open_cases(names, Ledger()))
    assert list(open_cases(names, Ledger([a_decision(names[0], names[1], "undecided")]))) == []
    assert asked == list(open_cases(names[::-1], Ledger()))


def test_no_mentions_give_no_bodies() -> None:
    bodies = resolve([], Ledger([a_decision("甲会", "乙会")]))
    assert (bodies.ids, bodies.organizations, bodies.names, bodies.decisions) == ((), (), (), ())
    assert normalize("") == ""
