"""What waits outside memory: order, columns and contents do not hang on how much of it does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cega_graph.model import Grant, Participation, Project, table
from cega_graph.ordering import sort_rows
from cega_graph.sources import stored
from cega_graph.tabular import format_rows
from importing_cases import a_grant, files, imported, package, rows

ODD = ("a, b", 'the "old" one', "=1+1", "滩涂\u2028基金会", "  pad ", "x\x00y", "two\r\nlines", "")


def odd_grants() -> list[dict[str, object]]:
    """Return grants whose ids come in no order, are shared, cannot be ids or are missing; texts are hostile."""
    found = []
    for n in range(120):
        number = n * 7 % 40
        recipient = {"name": f"Body {ODD[n % 8]}{n % 5}", "id": f"GB-CHC-{n % 9}" if n % 3 else ""}
        found.append(
            a_grant(
                number, id=(f"t-{number}", f"t,{number}", f'"{number}"', f"{number} odd", None)[n % 5],
                title=ODD[n % 8], description=ODD[n % 7], recipientOrganization=[recipient, recipient],
                plannedDates=[{"startDate": "2020" if n % 2 else "", "endDate": "2019" if n % 4 else "2021"}],
                regrantType="FRG010" if n % 6 == 0 else None, relatedActivity=[f"t-{n % 10}"] if n % 6 == 1 else None,
            )
        )  # fmt: skip
    return [*found, *found[:5]]


def test_runs_on_disk_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new data set, and one that is added to, are the same however little is held in memory."""
    first, second = package(tmp_path, *odd_grants()), package(tmp_path, *odd_grants()[::3], a_grant(3), name="b.json")
    made = []
    for held in (1 << 25, 2000, 1):
        monkeypatch.setattr(stored, "_HELD", held)
        (tmp_path / str(held)).mkdir()
        data, _ = imported(tmp_path / str(held), first)
        once = files(data)
        imported(tmp_path, second, into=data)
        made.append((once, files(data)))
    assert made[0] == made[1] == made[2]


def test_lines_are_rows_in_the_stored_order(tmp_path: Path) -> None:
    """Each cell stands in its column: the tables read, sorted and written again are the same bytes."""
    data, _ = imported(tmp_path, package(tmp_path, *odd_grants()))
    for name, row in (("projects", Project), ("participations", Participation), ("grants", Grant)):
        again = format_rows(sort_rows(rows(data, row), table(name)), row)
        assert (data / "tables" / f"{name}.csv").read_text(encoding="utf-8") == again
    assert {p.source_id for p in rows(data, Project)} == {"grants"}
    assert {(p.basis, p.role) for p in rows(data, Participation)} == {
        ("record", "funder"), ("record", "grantee"), ("record", "intermediary"),
    }  # fmt: skip


def test_a_place_with_nul_is_kept_readable() -> None:
    assert stored.without_cut("sheet=a\0b") == "sheet=a\ufffdb"


PEAK = """
import resource, sys
from pathlib import Path
from cega_graph.importing import import_files
from cega_graph.names.ledger import Ledger
from cega_graph.sources import apart
apart.LARGE = sys.maxsize
import_files([Path(sys.argv[1])], Path(sys.argv[2]), Ledger())
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel counts memory in other units")
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """Five times as many grants of the same bodies, with long texts: not half as much again."""
    peaks = []
    for n in (20_000, 100_000):
        path = tmp_path / f"{n}.jsonl"
        with path.open("w", encoding="utf-8") as file:
            for i in range(n):
                recipient = [{"id": f"GB-CHC-{i % 97}", "name": f"Body {i % 97}"}]
                grant = a_grant(
                    i, description=f"Grant {i} " + "towards the wetland " * 40, recipientOrganization=recipient
                )
                file.write(json.dumps(grant) + "\n")
        done = subprocess.run(
            [sys.executable, "-c", PEAK, str(path), str(tmp_path / str(n))], check=True, capture_output=True, text=True
        )
        peaks.append(int(done.stdout))
    assert peaks[1] < 1.5 * peaks[0]
