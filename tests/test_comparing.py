"""Files of pairs: compared, or taken into a ledger."""

from __future__ import annotations

from pathlib import Path

import pytest

from cega_graph.comparing import apply_decisions, compare_file
from cega_graph.errors import InvalidData
from cega_graph.extracting import write_extract
from cega_graph.model import Decision
from cega_graph.names.ledger import Ledger, read_ledger
from cega_graph.tabular import format_rows
from factories import a_decision, book_of, extract_text


def a_file(folder: Path, content: str | bytes) -> Path:
    """Write a file of pairs."""
    path = folder / "pairs.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_pairs_come_back_in_order_with_verdict_and_reason(tmp_path: Path) -> None:
    path = a_file(tmp_path, "\ufeffname_a,name_b,note\r\n紅樹林協會,红树林协会,x\r\n=1+1,甲会,\r\n,甲会,\r\n")
    lines = compare_file(path, Ledger()).splitlines()
    assert [
        lines[0],
        lines[1].split(",")[2],
        *lines[2:],
    ] == [
        "name_a,name_b,verdict,reason",
        "same",
        "'=1+1,甲会,undecided,nothing decides",
        ",甲会,undecided,a name is empty",
    ]


def test_open_cases_are_filled_in_and_taken_into_the_ledger(tmp_path: Path) -> None:
    """The whole way: a book's open cases → a person's verdicts → the ledger → the book read again."""
    text = book_of("芜湖青野、芜湖青野社区发展促进中心、松柏协会")
    write_extract(extract_text(text), tmp_path / "book")
    path = tmp_path / "book" / "names-to-decide.csv"
    asked = path.read_text(encoding="utf-8-sig")
    assert asked == "name_a,name_b,verdict,basis,hint\n芜湖青野,芜湖青野社区发展促进中心,,,one lies in the other\n"
    ledger = tmp_path / "ledger"
    ledger.mkdir()
    assert apply_decisions(path, ledger, "Li", "2026-01-31") == (0, 1)
    path.write_text(asked.replace("中心,,", "中心, same ,its website"), encoding="utf-8-sig")
    assert apply_decisions(path, ledger, "Li", "2026-01-31") == (1, 0)
    taken = Decision(
        name_a="芜湖青野",
        name_b="芜湖青野社区发展促进中心",
        verdict="same",
        decided_by="Li",
        decided_on="2026-01-31",
        basis="its website",
    )
    assert (taken,) == read_ledger(ledger).decisions
    again = extract_text(text, read_ledger(ledger))
    assert again.open_cases == ()
    assert len(again.tables["organizations"]) == 3


def test_a_later_verdict_replaces_an_earlier_one_in_any_order_of_names(tmp_path: Path) -> None:
    before = a_decision("甲會", "乙会"), a_decision("丙会", "丁会")
    (tmp_path / "decisions.csv").write_text(format_rows(before, Decision), encoding="utf-8")
    path = a_file(tmp_path, "name_a,name_b,verdict\n乙会,甲会,different\n戊会,己会,\n")
    assert apply_decisions(path, tmp_path, "Li", "") == (1, 1)
    assert [(d.name_a, d.name_b, d.verdict) for d in read_ledger(tmp_path).decisions] == [
        ("丙会", "丁会", "same"),
        ("乙会", "甲会", "different"),
    ]


@pytest.mark.parametrize(
    ("rows", "decided_on", "finding"),
    [
        ("甲会,乙会,yes\n丙会,丁会,same\n", "", "pairs.csv:2 verdict: 'yes' is not one of same, different, undecided"),
        (
            "丙会,甲会,same\n",
            "",
            (
                "decisions: '丙会' and '乙会' are decided different, but other decisions make them the same; "
                "change one of them"
            ),
        ),
        ("丙会,丁会,same\n", "gestern", "--on: 'gestern' is not a date; write 2026-01-31"),
    ],
)
def test_what_cannot_be_taken_in_changes_nothing(rows: str, decided_on: str, finding: str, tmp_path: Path) -> None:
    stored = format_rows([a_decision("甲会", "乙会"), a_decision("丙会", "乙会", "different")], Decision)
    (tmp_path / "decisions.csv").write_text(stored, encoding="utf-8")
    path = a_file(tmp_path, "name_a,name_b,verdict\n" + rows)
    with pytest.raises(InvalidData) as caught:
        apply_decisions(path, tmp_path, "Li", decided_on)
    assert [finding] == caught.value.findings
    assert stored == (tmp_path / "decisions.csv").read_text(encoding="utf-8")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["decisions.csv", "pairs.csv"]


def test_a_row_without_a_name_is_refused(tmp_path: Path) -> None:
    path = a_file(tmp_path, "name_a,name_b,verdict\n甲会,,same\n")
    with pytest.raises(InvalidData) as caught:
        apply_decisions(path, tmp_path, "Li", "")
    assert caught.value.findings == ["pairs.csv:2: a name is empty; every decision needs name_a and name_b"]
    assert not (tmp_path / "decisions.csv").exists()
