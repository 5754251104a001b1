"""Debian's Chromium and Firefox with a phone's screen, each on a profile folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import BrowserContext, Playwright

Engine = Literal["chromium", "firefox"]

PHONE = {"width": 360, "height": 740}
PROGRAMS = {"chromium": Path("/usr/bin/chromium"), "firefox": Path("/usr/bin/firefox-esr")}
INSTALL = (
    "sudo apt-get update && sudo apt-get install -y --no-install-recommends chromium firefox-esr"
)

CHROMIUM_SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Without these, navigator.storage.persist() waits for a person who is not there.
FIREFOX_PREFERENCES = {
    "dom.storageManager.prompt.testing": True,
    "dom.storageManager.prompt.testing.allow": True,
}


class Browsers:
    """Starts browsers; what a profile folder holds survives until the next launch on it."""

    def __init__(self, playwright: Playwright) -> None:
        self._playwright = playwright

    def launch(self, engine: Engine, profile_dir: Path, **options: Any) -> BrowserContext:
        """A browser with a phone's screen. `options` go to Playwright's launch_persistent_context."""
        program = PROGRAMS[engine]
        if not program.exists():
            pytest.fail(f"{program} is missing. Install it with:\n  {INSTALL}", pytrace=False)
        ours: dict[str, Any] = {"executable_path": program, "headless": True, "viewport": PHONE}
        if engine == "chromium":
            for left in profile_dir.glob("Singleton*"):  # a killed Chromium leaves its lock behind
                left.unlink()
            ours |= {"args": CHROMIUM_SWITCHES, "is_mobile": True, "has_touch": True}
            return self._playwright.chromium.launch_persistent_context(
                profile_dir, **ours | options
            )
        ours |= {"channel": "moz-firefox", "firefox_user_prefs": FIREFOX_PREFERENCES}
        return self._playwright.firefox.launch_persistent_context(profile_dir, **ours | options)


Launch = Callable[..., BrowserContext]
