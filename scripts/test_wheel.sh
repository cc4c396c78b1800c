#!/bin/sh
# The tests of all that the package carries once more, against the wheel: built, installed alone by the locks, and no src/ in reach.
# Usage: sh scripts/test_wheel.sh PYTHON. The environment .venv-wheel/ is kept while the locks are the same.
set -eu
cd "$(dirname "$0")/.."
python=${1:?which Python makes the environment?}
venv=.venv-wheel
unset PYTHONPATH VIRTUAL_ENV || true
export PIP_DISABLE_PIP_VERSION_CHECK=1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
.venv/bin/python -m build --wheel --no-isolation --outdir "$work/dist" . >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
wheel=$(echo "$work"/dist/*.whl)

locks="$("$python" --version) $(cat requirements.lock requirements-test.lock | cksum)"
if [ "$(cat $venv/locks 2>/dev/null)" != "$locks" ]; then
    rm -rf $venv
    "$python" -m venv $venv
    $venv/bin/python -m pip install -q --require-hashes -r requirements.lock
fi
$venv/bin/python -m pip install -q --no-deps --no-index --force-reinstall "$wheel"

# Nothing of the tests is installed yet the first time: the wheel and its lock are all that a user has.
echo "wheel: cega-graph build in an empty folder"
mkdir "$work/empty"
bin=$PWD/$venv/bin
(cd "$work/empty" && "$bin/cega-graph" build)
test -s "$work/empty/out/map.html"

[ -f $venv/locks ] || $venv/bin/python -m pip install -q --require-hashes -r requirements-test.lock
echo "$locks" >$venv/locks

installed=$($venv/bin/python -c 'import cega_graph; print(cega_graph.__file__)')
case $installed in
    */$venv/*) ;;
    *) echo "scripts/test_wheel.sh: the tests would run against $installed, not the wheel" >&2; exit 1 ;;
esac
# What can differ from the checkout is what the wheel carries: data, ontology, page, questions. These tests use all of it.
echo "wheel: tests against $installed"
HYPOTHESIS_PROFILE=quick $venv/bin/python -m pytest -q -n 2 -m "not browser and not slow" -p no:cacheprovider \
    tests/contract tests/test_golden.py tests/test_cli.py tests/test_build.py tests/test_page.py tests/test_ontology.py \
    tests/test_questions.py tests/test_extracting.py tests/test_importing.py tests/test_exporting.py tests/test_notebooks.py
