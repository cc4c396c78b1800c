#!/bin/sh
# Lock files hold versions and hashes, no address of any index.
set -eu
bin=$1
compile() {
    CUSTOM_COMPILE_COMMAND="make lock" "$bin/pip-compile" --quiet --generate-hashes --strip-extras --allow-unsafe \
        --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options "$@"
}
compile --output-file requirements.lock --build-deps-for editable pyproject.toml
compile --output-file requirements-test.lock --extra test --constraint requirements.lock pyproject.toml
