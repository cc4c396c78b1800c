"""Draw the pictures of docs/map.md and README: `python scripts/draw_pages.py MAP.html [docs/images]`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

SHOTS = {
    "map": ("en", 1440, 900, "light", ""),
    "map.zh-CN": ("zh", 1440, 900, "light", ""),
    "images/body": ("en", 1440, 900, "light", "#id=o-51b1427e37"),
    "images/funding": ("en", 1440, 900, "light", "#view=funding"),
    "images/path": ("en", 1440, 900, "dark", "#ask=path&a=o-45d3395dd2&b=o-780b8cc116"),
    "images/table": ("en", 1440, 900, "light", "#tab=table&sort=role"),
    "images/phone": ("zh", 390, 844, "light", "#id=o-51b1427e37"),
}
"""File below the folder → language, width, height, colours, what is chosen."""


def draw(page_file: Path, folder: Path) -> None:
    """Write each picture as PNG."""
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=flags
        )
        for name, (lang, width, height, colours, chosen) in SHOTS.items():
            context = browser.new_context(
                viewport={"width": width, "height": height}, locale="zh-CN" if lang == "zh" else "en-GB",
                color_scheme="dark" if colours == "dark" else "light", reduced_motion="reduce",
            )  # fmt: skip
            page = context.new_page()
            page.goto(page_file.resolve().as_uri() + chosen)
            page.wait_for_selector("html[data-ready]")
            page.wait_for_timeout(600)
            target = folder / f"{name}.png"
            target.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=target)
            print(target)
            context.close()
        browser.close()


if __name__ == "__main__":
    draw(Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else "docs"))
