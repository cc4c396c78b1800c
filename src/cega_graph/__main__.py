"""`python -m cega_graph` is `cega-graph`."""

from cega_graph.cli import main

if __name__ == "__main__":
    main()
