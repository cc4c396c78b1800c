"""Where a SPARQL server takes queries, updates and graphs, told from one of its addresses.

The last parts of the paths are those of the servers' manuals: Oxigraph (`query`, `update`, `store`),
Apache Jena Fuseki (`query` or `sparql`, `update`, `data`), RDF4J and GraphDB (the repository itself,
`statements`, `rdf-graphs/service`), Virtuoso (`sparql`, `sparql-graph-crud`), Blazegraph (`sparql`).
"""

from __future__ import annotations

import urllib.parse
from typing import Final

QUERY: Final = ("query", "sparql")
UPDATE: Final = ("update", "statements", "sparql")
GRAPHS: Final = ("store", "data", "rdf-graphs/service", "sparql-graph-crud")

_PARTS: Final = sorted({*QUERY, *UPDATE, *GRAPHS}, key=lambda part: -len(part))


def candidates(url: str, parts: tuple[str, ...]) -> list[str]:
    """Return the addresses that may offer a service, the likeliest first.

    Args:
        url: Any address of the server or of its data set; one with parameters is taken as it is.
        parts: `QUERY`, `UPDATE` or `GRAPHS`.

    >>> candidates("http://h:7878/query", GRAPHS)[:2], candidates("http://h:3030/ds", UPDATE)[:2]
    (['http://h:7878/store', 'http://h:7878/data'], ['http://h:3030/ds', 'http://h:3030/ds/update'])
    """
    if urllib.parse.urlsplit(url).query:
        return [url]
    plain = url.rstrip("/")
    ending = next((part for part in _PARTS if plain.endswith(f"/{part}")), "")
    base = plain.removesuffix(f"/{ending}") if ending else plain
    found = [f"{base}/{part}" for part in parts]
    if not ending:
        return [url, *found]
    return [plain, *(one for one in found if one != plain)] if ending in parts else found
