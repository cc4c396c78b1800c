#!/bin/sh
# The browser tests drive Debian's Chromium; install it where it is missing and can be installed.
set -eu
if command -v chromium >/dev/null 2>&1 && fc-list :lang=zh 2>/dev/null | grep -q .; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing chromium and a Chinese font ..."
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fontconfig fonts-noto-cjk >/dev/null
elif [ "${CI:-}" = true ]; then
    echo "chromium or a Chinese font is missing and cannot be installed; the browser tests need both" >&2
    exit 1
else
    echo "chromium or a Chinese font is missing: install them (Debian: apt-get install chromium fonts-noto-cjk);" >&2
    echo "the browser tests are left out" >&2
fi
