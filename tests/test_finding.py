"""A body by any form of its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from cega_graph.dataset import Dataset
from cega_graph.finding import find_bodies
from cega_graph.names.ledger import Ledger
from factories import ASSOCIATION, CENTRE, FOUNDATION, a_decision, write_tiny_dataset


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("候鸟公益基金会", [FOUNDATION]),
        ("候鳥 公益基金會", [FOUNDATION]),
        ("MIGRATORY bird foundation", [FOUNDATION]),
        ("候鸟会", [FOUNDATION]),
        ("盐城市", [ASSOCIATION, CENTRE]),
        ("盐城市湿地保护协会", [ASSOCIATION]),
        ("没有的名称", []),
        ("", []),
    ],
)
def test_a_body_is_found_by_any_form_of_its_name(name: str, found: list[str], tmp_path: Path) -> None:
    dataset = Dataset([write_tiny_dataset(tmp_path)])
    ledger = Ledger([a_decision("候鸟公益基金会", "候鸟会")])
    assert found == [body[0] for body in find_bodies(dataset, name, ledger)]


def test_a_hit_says_what_the_body_is(tmp_path: Path) -> None:
    hits = find_bodies(Dataset([write_tiny_dataset(tmp_path)]), "候鸟公益基金会", Ledger())
    assert hits == [(FOUNDATION, "候鸟公益基金会", "Migratory Bird Foundation", "foundation")]
