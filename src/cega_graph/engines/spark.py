"""A data set → N-Triples, Parquet tables, totals, rankings and report, on Spark.

The rows are brought together by group (`dataset.piece`), one pass of `pieces.work` makes all that is made of
them, and Spark writes it: a part once, whole or not at all, also where tasks fail and are run again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import partial, reduce
from typing import TYPE_CHECKING, Any, Final

from cega_graph.build import counted_report, foreign_file
from cega_graph.dataset.piece import GROUP_COLUMNS
from cega_graph.engines import pieces
from cega_graph.engines.files import Files, local_path, to_address
from cega_graph.engines.session import plain_failures
from cega_graph.errors import InvalidData, UnreadableInput, UnwritableOutput
from cega_graph.measures.tallies import NOT_RANKED, Ranked, Total
from cega_graph.model import TABLES, Source, Table, table
from cega_graph.package import CURATED_FOLDER, TABLES_FOLDER
from cega_graph.tabular import columns_of
from cega_graph.writers.parquet import AMOUNT_DIGITS
from cega_graph.writers.table_files import iter_csv

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

SPARK_FILES: Final = (
    *(f"tables/{t.name}.parquet/" for t in TABLES), "graph.nt/", "totals.csv", "rankings.csv", "report.json",
)  # fmt: skip
"""What such a build writes; a name that ends in `/` is a folder of parts."""

_PART_BYTES: Final = 32 << 20
"""Bytes of input for each part: some 200 MB of N-Triples, and what a worker sorts without much memory."""

_SHOWN: Final = 20


def build_on_spark(spark: SparkSession, data: str, folder: str) -> dict[str, Any]:
    """Write what `SPARK_FILES` lists into a folder, or leave the folder as it was.

    The triples, totals and rankings are those of one machine; the order of rows in parts and the number of
    parts are Spark's. A place that rows of several parts state is written once, in the words of the first row
    in the order of the sorted tables.

    Args:
        spark: A session.
        data: Folder or address of one data set: `tables/` and perhaps `curated/` with a table as `NAME.csv`
            (or a folder of such parts), which every worker must be able to open, or as `NAME.parquet` (file or
            folder of parts, anywhere Spark reads from).
        folder: It is replaced if it was made by a build, or is new or empty; anything else is refused.

    Returns:
        What `report.json` holds: `sources`, `rows` by table, `triples`, `participations` by role and basis,
        `organizations` by kind, `grants`, and `left_out`: rows that Parquet cannot hold.

    Raises:
        UnreadableInput: There is no data set.
        InvalidData: Rows break the rules of their tables; nothing was written.
        UnwritableOutput: The folder cannot be written, or holds files that no build made.
        FailedEngine: Spark broke off.
    """
    from pyspark import StorageLevel

    files = Files(spark)
    with plain_failures():
        final = to_address(folder)
        _refuse_foreign(files, final)
        source = to_address(data)
        n_parts = max(spark.sparkContext.defaultParallelism, files.size(source) // _PART_BYTES)
        made = _made(_stored(spark, files, source), n_parts).persist(StorageLevel.DISK_ONLY)
        try:
            _refuse_unsound(made)
            try:
                with files.replacing(final) as part:
                    return _write(made, files, part, n_parts)
            except OSError as error:
                message = f"{folder}: cannot be written: {error}; choose another folder with -o"
                raise UnwritableOutput(message) from None
        finally:
            made.unpersist()


def _refuse_foreign(files: Files, final: str) -> None:
    if files.exists(final) and not files.is_folder(final):
        message = f"{final}: is a file; choose a folder with -o"
        raise UnwritableOutput(message)
    foreign = foreign_file(files.walk(final))
    if foreign:
        message = f"{final}: holds {foreign!r}, which no build made; choose a new or empty folder with -o"
        raise UnwritableOutput(message)


def _stored(spark: SparkSession, files: Files, data: str) -> DataFrame:
    """Return the rows of all tables as `pieces.STORED` says."""
    if not files.is_folder(f"{data}/{TABLES_FOLDER}"):
        message = f"{data}: holds no {TABLES_FOLDER}/; give a data set made by extract, import or build"
        raise UnreadableInput(message)
    texts: list[tuple[str, int, str]] = []
    frames: list[DataFrame] = []
    for at, subfolder in enumerate((TABLES_FOLDER, CURATED_FOLDER)):
        found = set(files.names(f"{data}/{subfolder}"))
        for declared in TABLES:
            address = f"{data}/{subfolder}/{declared.name}"
            if f"{declared.name}.parquet" in found:
                frames.append(_from_parquet(spark, f"{address}.parquet", declared, at))
            elif f"{declared.name}.csv" in found:
                texts += [(declared.name, at, path) for path in _text_files(files, f"{address}.csv")]
    if texts:
        frames.append(_from_text(spark, texts))
    if not frames:
        message = f"{data}/{TABLES_FOLDER}: holds no table; expected {TABLES[0].name}.csv or .parquet, and others"
        raise UnreadableInput(message)
    return reduce(lambda one, other: one.unionByName(other), frames)


def _text_files(files: Files, address: str) -> list[str]:
    parts = [f"{address}/{name}" for name in files.names(address) if name.endswith(".csv")] or [address]
    paths = [local_path(part) for part in parts]
    if None in paths:
        message = f"{address}: CSV is read from a disk that all workers share; give tables as Parquet elsewhere"
        raise UnreadableInput(message)
    return [path for path in paths if path is not None]


def _from_text(spark: SparkSession, texts: list[tuple[str, int, str]]) -> DataFrame:
    """Read CSV in Python, as one machine does, a file a task."""
    listed = spark.sparkContext.parallelize(texts, len(texts))
    return spark.createDataFrame(listed, "`table` string, `at` int, `path` string").mapInArrow(
        pieces.read_files, pieces.STORED
    )


def _from_parquet(spark: SparkSession, address: str, declared: Table, at: int) -> DataFrame:
    from pyspark.sql import functions as f

    frame = spark.read.parquet(address)
    _refuse_columns(frame.columns, declared, address)
    if declared.name == "participations":
        frame = frame.where("basis is null or basis <> 'inferred'")
    column = GROUP_COLUMNS[declared.name]
    group = f.concat(f.lit(f"{column}:"), f.coalesce(f.col(column), f.lit("")))
    row = f.to_json(f.struct(*(f.col(name) for name in frame.columns)))
    return frame.select(
        group.alias("group"), f.lit(declared.name).alias("table"), f.lit(at).alias("at"), row.alias("row")
    )


def _refuse_columns(columns: Iterable[str], declared: Table, address: str) -> None:
    known, found = columns_of(declared.row), set(columns)
    missing, foreign = sorted(set(declared.required) - found), sorted(found.difference(known))
    if missing or foreign:
        which = f"column {(missing or foreign)[0]!r} is {'missing' if missing else 'not known'}"
        raise InvalidData([f"{address}: {which}; expected {','.join(known)}"])


def _made(stored: DataFrame, n_parts: int) -> DataFrame:
    """Return what is made of all groups as `pieces.MADE` says; a group lies in one partition, its rows together."""
    grouped = stored.repartition(n_parts, "group").sortWithinPartitions("group")
    return grouped.mapInArrow(pieces.work, pieces.MADE)


def _of_kind(made: DataFrame, kind: str) -> DataFrame:
    return made.where(f"kind = '{kind}'")


def _refuse_unsound(made: DataFrame) -> None:
    """Refuse rows that break rules, ids that stand twice, and ids that stand nowhere."""
    findings = _of_kind(made, "finding").select("text")
    _raise_first(findings, lambda row: str(row.text))
    from pyspark.sql import functions as f

    keys = made.where("kind in ('key', 'use')").groupBy("key")
    unsound = keys.agg(f.sum("n").alias("n"), f.max("text").alias("where")).where("n <> 1")
    _raise_first(unsound, lambda row: pieces.reference_finding(row["key"], row["n"], row["where"]))


def _raise_first(frame: DataFrame, say: Any) -> None:  # noqa: ANN401
    some = frame.orderBy(*frame.columns).limit(_SHOWN).collect()
    if some:
        n = frame.count()
        more = [f"and {n - _SHOWN} more"] if n > _SHOWN else []
        raise InvalidData([*(say(row) for row in some), *more])


def _write(made: DataFrame, files: Files, part: str, n_parts: int) -> dict[str, Any]:
    for declared in TABLES:
        folder = f"{part}/tables/{declared.name}.parquet"
        _parquet(made, declared).write.parquet(folder, compression="zstd")
        _number_parts(files, folder, "parquet")
    _lines(made, n_parts).write.text(f"{part}/graph.nt")
    _number_parts(files, f"{part}/graph.nt", "nt")
    files.write(f"{part}/totals.csv", iter_csv(_totals(made), Total))
    files.write(f"{part}/rankings.csv", iter_csv(_rankings(made), Ranked))
    told = _report(made, made.sparkSession.read.text(f"{part}/graph.nt").count())
    files.write(f"{part}/report.json", [(json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode()])
    return told


def _number_parts(files: Files, folder: str, ending: str) -> None:
    """Call parts, whose names Spark makes up anew each time, by their numbers."""
    for at, name in enumerate(one for one in files.names(folder) if one.startswith("part-")):
        files.rename(f"{folder}/{name}", f"{folder}/part-{at:05d}.{ending}")


_TYPES: Final = {
    "string": "string", "integer": "bigint", "boolean": "boolean",
    "number": f"decimal({AMOUNT_DIGITS[0]},{AMOUNT_DIGITS[1]})",
}  # fmt: skip


def _rows(made: DataFrame, name: str) -> DataFrame:
    return _of_kind(made, "row").where(f"key = '{name}'")


def _parquet(made: DataFrame, declared: Table) -> DataFrame:
    from pyspark.sql import functions as f

    schema = ", ".join(f"`{column}` {_TYPES[declared.types[column]]}" for column in columns_of(declared.row))
    return _rows(made, declared.name).where("n = 1").select(f.from_json("text", schema).alias("row")).select("row.*")


def _lines(made: DataFrame, n_parts: int) -> DataFrame:
    """Return N-Triples, some lines a row: those of statements, then those of places."""
    places = _of_kind(made, "place").select("key", "text").repartition(n_parts, "key").sortWithinPartitions("key")
    statements = _of_kind(made, "line").selectExpr("text as value")
    return statements.unionByName(places.mapInArrow(pieces.write_places, pieces.TEXT))


def _totals(made: DataFrame) -> list[Total]:
    named = frozenset(row.key for row in _of_kind(made, "named").select("key").distinct().collect())
    parts = _rows(made, "grants").select("text").mapInArrow(partial(pieces.sum_grants, named=named), pieces.TEXT)
    return pieces.added_totals(row.value for row in parts.collect())


def _rankings(made: DataFrame) -> Iterator[Ranked]:
    """Yield what `tallies.rankings` yields; the driver holds one partition of it at a time."""
    from pyspark.sql import Window
    from pyspark.sql import functions as f

    degrees = _of_kind(made, "degree").groupBy(f.col("text").alias("role"), f.col("key").alias("organization_id"))
    counted = degrees.agg(
        f.count("*").alias("projects"), f.sum("n").alias("rows"), f.sum("stated").alias("stated_rows")
    )
    bodies = _parquet(made, table("organizations")).select("organization_id", "name", "name_en", "kind")
    named = counted.join(bodies.where(~f.col("kind").isin(*sorted(NOT_RANKED))), "organization_id")
    order = Window.partitionBy("role").orderBy(f.desc("projects"))
    ranked = named.withColumn("rank", f.rank().over(order)).withColumn(
        "tied", f.count("*").over(Window.partitionBy("role", "projects"))
    )
    columns = columns_of(Ranked)
    for row in ranked.select(*columns).orderBy("role", "rank", "organization_id").toLocalIterator():
        yield Ranked(**row.asDict())


def _report(made: DataFrame, triples: int) -> dict[str, Any]:
    summed = _of_kind(made, "count").groupBy("key").sum("n").collect()
    numbers = {tuple(json.loads(row[0])): int(row[1]) for row in summed}
    sources = sorted((_source(row.text) for row in _rows(made, "sources").collect()), key=lambda s: s.source_id)
    return counted_report({**numbers, ("triples",): triples}, sources)


def _source(text: str) -> Source:
    import msgspec

    return msgspec.json.decode(text, type=Source)
