"""Which pieces of a graph a server has taken, on disk, so that a load that was killed goes on where it was."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from cega_graph.errors import UnwritableOutput


def journal_path(data: Path, endpoint: str, graph: str) -> Path:
    """Return where the journal of loading a folder to a graph of a server lies: hidden, beside the folder."""
    data = data.resolve()
    key = hashlib.sha256(json.dumps([endpoint, graph]).encode()).hexdigest()[:12]
    return data.with_name(f".{data.name}.load-{key}.jsonl")


class Journal:
    """The pieces taken so far, by hash, and how many triples were there before the first.

    Args:
        path: Each line is a JSON object; a last line that a kill cut short does not count. It holds
            no address and no secret.

    Raises:
        UnwritableOutput: The file cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path: Final = path
        self.before: int | None = None
        self.taken: Final[set[str]] = set()
        try:
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else ():
                self._read(line)
        except OSError as error:
            raise self._fault(error) from None

    def _read(self, line: str) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            return
        if isinstance(said, dict) and isinstance(said.get("before"), int):
            self.before = said["before"]
        if isinstance(said, dict) and isinstance(said.get("taken"), str):
            self.taken.add(said["taken"])

    def begin(self, before: int) -> None:
        """Note how many triples were there before the first piece."""
        self.before = before
        self._write({"before": before})

    def take(self, piece: str) -> None:
        """Note that the server has taken a piece, by its hash."""
        self.taken.add(piece)
        self._write({"taken": piece})

    def _write(self, said: dict[str, Any]) -> None:
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(f"\n{json.dumps(said)}\n")
        except OSError as error:
            raise self._fault(error) from None

    def _fault(self, error: OSError) -> UnwritableOutput:
        said = "the progress is kept beside the data; load a copy of them in a folder that can be written"
        return UnwritableOutput(f"{self._path}: cannot be written: {error.strerror}; {said}")

    def end(self) -> None:
        """Remove the file: everything was taken, or nothing that was taken can be relied on."""
        self._path.unlink(missing_ok=True)
