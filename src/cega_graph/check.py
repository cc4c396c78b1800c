"""Does a data set keep its promises? Integrity rules, offsets read back, shapes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

import msgspec

from cega_graph.dataset import Dataset, HasRows
from cega_graph.dataset.load import read_stored
from cega_graph.dates import earliest, is_date, latest
from cega_graph.errors import InvalidData
from cega_graph.identifiers import is_language, is_usci, usci_kind
from cega_graph.model import CORRECTING, TABLES, Evidence, Grant, Row, Table, table
from cega_graph.package import UNITED
from cega_graph.sources.text import SourceText, unbroken
from cega_graph.vocabulary import kinds, roles

if TYPE_CHECKING:
    from cega_graph.shapes import Break

RULES: Final[dict[str, tuple[str, str]]] = {
    "cell": ("{value}", "{value}"),
    "duplicate-key": (
        "{column} 的值 {value!r} 出现了不止一次；保留一行，或改正编号",
        "{column} {value!r} stands in more than one row; keep one row or correct the id",
    ),
    "dangling-id": (
        "{column} 的值 {value!r} 不在 {expected} 表中；请补上该行或改正编号",
        "{column} {value!r} is in no row of {expected}; add the row or correct the id",
    ),
    "unknown-value": (
        "{column} 的值 {value!r} 不在允许的取值内；应为：{expected}",
        "{column} {value!r} is not allowed; use one of {expected}",
    ),
    "bad-date": (
        "{column} 的值 {value!r} 不是日期；应写作 2015、2018-09、2024-05-31 或 2017-10/2017-12",
        "{column} {value!r} is not a date; write 2015, 2018-09, 2024-05-31 or 2017-10/2017-12",
    ),
    "end-before-start": (
        "结束 {value} 早于开始 {expected}；请核对原文",
        "ends {value}, before it starts {expected}; compare with the source",
    ),
    "half-offset": (
        "text_start 和 text_end 必须同时填写，且前者小于后者；现为 {value}",
        "text_start and text_end go together, the first below the second; they are {value}",
    ),
    "no-evidence": (
        "没有出处：需要 source_id，以及位置（text_start/text_end 或 locator）",
        "has no evidence: give source_id, and a place (text_start and text_end, or locator)",
    ),
    "wrong-offset": (
        "{value} 处原文是 {expected!r}，与 mention 不符；请改正位置或 mention",
        "the source reads {expected!r} at {value}, which is not the mention; correct the offsets or the mention",
    ),
    "other-source": (
        "给出的原文与此数据集所读的不是同一份（sha256 不同）：{value}",
        "the text given is not the one that this data set was read from (sha256 differs): {value}",
    ),
    "stored-inference": (
        "推断的行不应存入表中；读取时会按规则重新推断。请删去此行",
        "an inferred row is stored; the rules add it on reading, so delete the row",
    ),
    "bad-identifier": (
        "{value!r} 不是有效的统一社会信用代码（GB 32100-2015 校验不符）",
        "{value!r} is no valid 统一社会信用代码 (its GB 32100-2015 check digit is wrong)",
    ),
    "kind-conflict": (
        "信用代码说明它是 {expected}，表中写的是 {value}；请改正其一",
        "its registration code says {expected}, the table says {value}; correct one of them",
    ),
    "negative-amount": ("金额为负：{value}", "the amount is negative: {value}"),
    "shape": ("{expected}", "{value}"),
    "more-shapes": (
        "不符合图的规则的地方超过 {value} 处，其余未再检查；请先改正以上各处，然后重新检查",
        "more than {value} places of the graph break a shape; the rest was not looked at. Correct these, check again",
    ),
    "source-twice": (
        "{column}：两个数据集用了同一个 source_id，所读资料却不同（{value}；{expected}）；请给其一换一个 --source-id",
        (
            "{column}: two data sets call different sources by one source_id ({value}; {expected}); "
            "read one of them again with another --source-id"
        ),
    ),
    "id-two-names": (
        (
            "{column}：同一个编号下是两个名称：{value!r} 和 {expected!r}；已合为一个机构。若是更名，请在账本中判 same；"
            "若不是同一机构，请改正编号"
        ),
        (
            "{column}: one id, two names: {value!r} and {expected!r}; they are one body here. Decide `same` in the "
            "ledger if it was renamed; correct the id if it is another body"
        ),
    ),
    "name-two-ids": (
        "{column}：同一个名称有两个编号：{value} 和 {expected}；仍作两个机构。若为同一机构，请让两个数据集使用同一编号",
        (
            "{column}: one name, two ids: {value} and {expected}; they stay two bodies. If they are one, give both "
            "data sets the same identifier"
        ),
    ),
    "project-two-titles": (
        "{column}：同一个项目编号下是两个标题：{value!r} 和 {expected!r}；已合为一个项目，取前者",
        "{column}: one project id, two titles: {value!r} and {expected!r}; they are one project here, under the first",
    ),
    "maybe-same-project": (
        (
            "{column}：两个项目标题相同：{value} 和 {expected}；若为同一项目，请在 curated/decisions.csv 中加 same，"
            "否则加 different"
        ),
        (
            "{column}: two projects with one title: {value} and {expected}; add a row to curated/decisions.csv, "
            "`same` if they are one project, `different` if not"
        ),
    ),
    "grant-twice": (
        "{column}：两个数据集记录了同一笔资助（{value}）；只计一次",
        "{column}: two data sets state the same grant ({value}); it is counted once",
    ),
    "grant-two-amounts": (
        "{column}：同一笔资助在两个数据集中不一致：{value}；{expected}；合计时都不计入",
        "{column}: two data sets state one grant otherwise: {value}; {expected}; totals take neither",
    ),
}
"""Rule → what a finding of it says in Chinese and in English."""

NOTES: Final = frozenset(
    {"id-two-names", "name-two-ids", "project-two-titles", "maybe-same-project", "grant-twice", "grant-two-amounts"}
)
"""Rules about several data sets that a person should decide on; a build reports them and goes on."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One broken rule: where, which value, the passage of the source if it is known, and what to do."""

    rule: str
    table: str
    row: str = ""
    column: str = ""
    value: str = ""
    expected: str = ""
    passage: str = ""

    def message(self, language: str = "en") -> str:
        """Return the finding as one line.

        >>> Finding(rule="negative-amount", table="grants", row="g-1", value="-5").message()
        'grants g-1: the amount is negative: -5'
        """
        zh, en = RULES[self.rule]
        said = (zh if language == "zh" else en).format(column=self.column, value=self.value, expected=self.expected)
        said = said.replace("\n", " ")
        passage = (
            (f"（原文：{self.passage}）" if language == "zh" else f" (source: {self.passage})") if self.passage else ""
        )
        where = " ".join(part for part in (self.table, self.row) if part)
        return f"{where}: {said}{passage}" if where else f"{said}{passage}"


def check(dataset: Dataset, source: SourceText | None = None, *, shapes: bool = True) -> list[Finding]:
    """Return what is wrong with a data set, in order of table and row; nothing if it conforms.

    Args:
        dataset: Its stored rows are checked, and with `shapes` its graph too.
        source: The text it was read from; then every offset is read back.
        shapes: Validate the graph with `ontology/shapes.ttl`. It is left out where cells or ids are
            broken, since then there is no graph.
    """
    findings = list(_cells(dataset))
    if findings:
        return findings
    try:
        clashes = list(clash_findings(dataset))
    except InvalidData as error:
        return [Finding(rule="cell", table="", value=line) for line in error.findings]
    findings = [f for declared in TABLES for f in _table(dataset, declared)]
    findings += clashes
    findings += _references(dataset)
    findings += identifier_findings(dataset)
    if source is not None:
        findings += _offsets(dataset, source)
    if shapes and all(finding.rule in NOTES for finding in findings):
        findings += _shapes(dataset)
    return findings


def clash_findings(dataset: Dataset) -> Iterator[Finding]:
    """Yield what data sets say against each other.

    Raises:
        InvalidData: Their decisions about names contradict each other.
    """
    for clash in dataset.clashes:
        yield Finding(
            rule=clash.rule, table=clash.table, row=clash.row, column=f"{clash.first} / {clash.second}",
            value=clash.one, expected=clash.other,
        )  # fmt: skip


def _cells(dataset: Dataset) -> Iterator[Finding]:
    for declared in TABLES:
        for path in dataset.files(declared.name):
            try:
                for _ in read_stored(path, declared):
                    pass
            except InvalidData as error:
                yield from (Finding(rule="cell", table="", value=line) for line in error.findings)


def _table(dataset: Dataset, declared: Table) -> Iterator[Finding]:
    files = dataset.files(declared.name)
    if declared.name in UNITED:
        for path in files:
            yield from _duplicates(read_stored(path, declared), declared)
    else:
        yield from _duplicates(dataset.stored_rows(declared.name), declared)
    for path in files:
        for row in read_stored(path, declared):
            yield from row_findings(row, declared)


def _duplicates(rows: Iterable[Row], declared: Table) -> Iterator[Finding]:
    if not declared.key:
        return
    counts = Counter(tuple(getattr(row, c) for c in declared.key) for row in rows)
    for key, n in sorted(counts.items()):
        if n > 1:
            yield Finding(rule="duplicate-key", table=declared.name, row=key[0], column=declared.key[0], value=key[0])


def row_name(row: Row, declared: Table) -> str:
    """Return what findings call a row: its key, or the first cells that it is sorted by."""
    if declared.key:
        return str(getattr(row, declared.key[0]))
    return " ".join(str(getattr(row, c)) for c in (declared.order or declared.columns[:2])[:3] if getattr(row, c))


def _place(finding: Finding, row: Row, declared: Table) -> Finding:
    return msgspec.structs.replace(finding, table=declared.name, row=row_name(row, declared))


def row_findings(row: Row, declared: Table) -> Iterator[Finding]:
    """Yield what is wrong with a row by itself, whatever other rows say."""
    if not _plain(declared.name).holds(row):
        yield from (_place(finding, row, declared) for finding in _row(row, declared))


def soundness(declared: Table) -> Callable[[Row], bool]:
    """Return what tells of a row of a table whether it is right by itself: whether `row_findings` has none."""
    holds = _plain(declared.name).holds
    return lambda row: holds(row) or not any(_row(row, declared))


def are_sound(rows: Iterable[tuple[str, Row]]) -> bool:
    """Tell whether each stored row, given with the name of its table, is right by itself."""
    return all(soundness(table(name))(row) for name, row in rows)


class _Plain:
    """Tells quickly of most rows of a table that nothing is wrong with them, from cells that were looked at before."""

    def __init__(self, declared: Table) -> None:
        self._declared: Final = declared
        self._needs_place: Final = declared.name not in {"names", "projects"}
        columns = [*_vocabularies(declared.name), *declared.dates, "language" if declared.name == "names" else ""]
        columns = [column for column in columns if column]
        self._cells_of: Final = attrgetter(*columns) if columns else lambda _: None
        self._known: Final[set[object]] = set()

    def holds(self, row: Any) -> bool:  # noqa: ANN401
        """Tell whether a row like this was found sound; if not, nothing is known."""
        if isinstance(row, Evidence) and not self._has_place(row):
            return False
        if type(row) is Grant and row.amount is not None and row.amount < 0:
            return False
        cells = self._cells_of(row)
        if cells in self._known:
            return True
        if any(_row(row, self._declared)):
            return False
        if len(self._known) < _MOST_KNOWN:
            self._known.add(cells)
        return True

    def _has_place(self, row: Evidence) -> bool:
        start, end = row.text_start, row.text_end
        if start is None and end is None:
            return (row.source_id != "" and row.locator != "") or not (self._needs_place or row.mention)
        return _is_place(start, end) and (row.source_id != "" or not (self._needs_place or row.mention))


_MOST_KNOWN: Final = 100_000
"""Different cells of a table, most of them pairs of days, that are kept to know them again."""


@cache
def _plain(name: str) -> _Plain:
    return _Plain(table(name))


def _row(row: Any, declared: Table) -> Iterator[Finding]:  # noqa: ANN401
    for column, allowed in _vocabularies(declared.name).items():
        value = getattr(row, column)
        if value not in allowed and not (value == "" and column not in declared.required):
            yield Finding(rule="unknown-value", table="", column=column, value=value, expected=" ".join(allowed))
    for column in declared.dates:
        value = getattr(row, column)
        if value and not is_date(value):
            yield Finding(rule="bad-date", table="", column=column, value=value)
    if declared.name == "names" and not is_language(row.language):
        yield Finding(rule="unknown-value", table="", column="language", value=row.language, expected="zh en zh-Hant …")
    yield from _period(row)
    if declared.name == "grants" and row.amount is not None and row.amount < 0 and row.type not in CORRECTING:
        yield Finding(rule="negative-amount", table="", value=str(row.amount))
    if declared.name == "participations" and row.basis == "inferred":
        yield Finding(rule="stored-inference", table="")
    if isinstance(row, Evidence):
        yield from _evidence(row, declared)


@cache
def _vocabularies(name: str) -> dict[str, tuple[str, ...]]:
    more = {"participations": {"role": tuple(roles())}, "organizations": {"kind": tuple(kinds())}}
    return {**table(name).enums, **more.get(name, {})}


def _period(row: Row) -> Iterator[Finding]:
    for first, last in (("start_date", "end_date"), ("since", "until")):
        start, end = getattr(row, first, ""), getattr(row, last, "")
        if start and end and is_date(start) and is_date(end) and latest(end) < earliest(start):
            yield Finding(rule="end-before-start", table="", value=end, expected=start)


def _evidence(row: Evidence, declared: Table) -> Iterator[Finding]:
    start, end = row.text_start, row.text_end
    if (start, end) != (None, None) and not _is_place(start, end):
        yield Finding(rule="half-offset", table="", value=f"{start}, {end}")
    needs_none = declared.name in {"names", "projects"} and not row.mention
    if not needs_none and (not row.source_id or (start is None and not row.locator)):
        yield Finding(rule="no-evidence", table="")


def _is_place(start: int | None, end: int | None) -> bool:
    return start is not None and end is not None and 0 <= start < end


def _references(dataset: Dataset) -> Iterator[Finding]:
    keys: dict[str, set[str]] = {
        t.name: {getattr(row, t.key[0]) for row in dataset.stored_rows(t.name)} for t in TABLES if t.key
    }
    for declared in TABLES:
        for row in dataset.stored_rows(declared.name):
            for column, target in declared.references.items():
                value = getattr(row, column)
                if value and value not in keys[target]:
                    yield Finding(
                        rule="dangling-id", table=declared.name, row=row_name(row, declared), column=column,
                        value=value, expected=target,
                    )  # fmt: skip


def identifier_findings(dataset: HasRows) -> Iterator[Finding]:
    """Yield the identifiers that are none, and those that say another kind than the row of their body."""
    of = {row.organization_id: row.kind for row in dataset.rows("organizations")}
    for row in dataset.rows("identifiers"):
        code = row.identifier.removeprefix("CN-USCI-")
        if code == row.identifier:
            continue
        kind = of.get(row.organization_id, "")
        if not is_usci(code):
            yield Finding(rule="bad-identifier", table="identifiers", row=row.organization_id, value=code)
        elif usci_kind(code) and kind not in {usci_kind(code), "other", ""}:
            yield Finding(
                rule="kind-conflict", table="identifiers", row=row.organization_id, value=kind, expected=usci_kind(code)
            )


def _offsets(dataset: Dataset, source: SourceText) -> Iterator[Finding]:
    ids = {row.source_id for row in dataset.rows("sources") if row.sha256 == source.sha256}
    if not ids:
        known = ", ".join(row.source_id for row in dataset.rows("sources"))
        yield Finding(rule="other-source", table="sources", value=known)
        return
    for declared in TABLES:
        if not issubclass(declared.row, Evidence):
            continue
        for row in dataset.stored_rows(declared.name):
            if row.source_id in ids and _is_place(row.text_start, row.text_end):
                printed = unbroken(source.text[row.text_start : row.text_end])
                if printed != row.mention:
                    yield Finding(
                        rule="wrong-offset", table=declared.name, row=row_name(row, declared),
                        value=f"{row.text_start}-{row.text_end}", expected=printed[:60],
                        passage=unbroken(source.text[max(0, row.text_start - 20) : row.text_end + 20]),
                    )  # fmt: skip


def _shapes(dataset: Dataset) -> Iterator[Finding]:
    """Yield what breaks a shape, in order of table and row; at the end, whether there is more."""
    from cega_graph.rdf import iter_lines
    from cega_graph.shapes import MOST, breaks

    found, is_cut = breaks(iter_lines(dataset), MOST)
    yield from sorted({_shape_finding(one) for one in found}, key=attrgetter("table", "row", "value", "expected"))
    if is_cut:
        yield Finding(rule="more-shapes", table="", value=f"{MOST:,}")


def _shape_finding(one: Break) -> Finding:
    """Return a result of the validation as a finding; the IRI of a node ends with its table and its row."""
    _, table, row = ["", "", *one.focus.rsplit("/", 2)][-3:]
    shown = "" if one.value is None else f" ({one.value})"
    return Finding(rule="shape", table=table, row=row, value=one.en + shown, expected=one.zh + shown)
