"""What rows say in a field of a mapping, a block of them at once: its column, several joined, or a constant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from cega_graph.sources.mapping import DATE_FIELDS, ColumnMapping, fold

Columns: TypeAlias = Sequence[Sequence[str]]
"""The cells of some rows, by column; each column has a cell for each row."""


def positions(header: Sequence[str], names: Sequence[str]) -> tuple[int, ...]:
    """Return where columns stand; the file has all of them."""
    places = {fold(name): place for place, name in reversed(list(enumerate(header)))}
    exact = {name: place for place, name in enumerate(header)}
    return tuple(exact.get(name, places.get(fold(name), 0)) for name in names)


class Fields:
    """The columns and constants of a mapping, in a table with one header."""

    def __init__(self, header: Sequence[str], mapping: ColumnMapping) -> None:
        self.places: Final = {field: positions(header, names) for field, names in mapping.columns.items() if names}
        self.constants: Final = {field: constant for field, constant in mapping.constants.items() if constant}

    def __contains__(self, field: str) -> bool:
        """Tell whether rows can say something in a field."""
        return field in self.places or field in self.constants

    def said(self, field: str, columns: Columns, n: int) -> Sequence[str]:
        """Return what each of n rows says in a field; a cell counts more than the constant of all rows."""
        places, constant = self.places.get(field, ()), self.constants.get(field, "")
        if not places:
            return [constant] * n
        if len(places) == 1:
            column = columns[places[0]]
            return [cell or constant for cell in column] if constant else column
        sign = "-" if field in DATE_FIELDS else "; "
        cells = zip(*(columns[place] for place in places), strict=True)
        return [sign.join(filter(None, map(str.strip, some))) or constant for some in cells]
