"""One JupyterLab server and one headless Chromium for all browser tests; nothing leaves this machine."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--force-color-profile=srgb"]
QUIET = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
# The status indicator says "idle" before the kernel is connected: wait for the session itself.
KERNEL_READY = """async () => {
    const app = window.jupyterapp; await app.restored;
    let w = null;
    for (let i = 0; i < 1200 && !(w && w.sessionContext); i++) {
        w = app.shell.currentWidget; await new Promise(r => setTimeout(r, 50));
    }
    await w.context.ready; await w.sessionContext.ready; await w.sessionContext.session.kernel.info;
}"""
# With every cell in the page, whatever is scrolled into view.
WHOLE = {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}}


@dataclass
class Visit:
    """A notebook open in JupyterLab, with everything that went wrong on the page."""

    page: object
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def run_all(self) -> None:
        """Run every cell and wait until the kernel has answered the last one."""
        self.page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")

    def theme(self, name: str) -> None:
        """JupyterLab's theme: "JupyterLab Light" or "JupyterLab Dark"."""
        self.page.evaluate("t => window.jupyterapp.commands.execute('apputils:change-theme', {theme: t})", name)
        light = str("Light" in name).lower()
        self.page.wait_for_selector(f"body[data-jp-theme-light='{light}']", state="attached")


@dataclass
class Lab:
    """A JupyterLab server on `folder`, and a browser that opens its notebooks."""

    url: str
    token: str
    folder: Path
    browser: object

    @contextmanager
    def visit(self, notebook: Path, *, ratio: float = 1.0) -> Iterator[Visit]:
        """A copy of the notebook, open, its kernel connected."""
        shutil.copy(notebook, self.folder / notebook.name)
        page = self.browser.new_page(viewport={"width": 1280, "height": 900}, device_scale_factor=ratio)
        visit = Visit(page)
        page.on("pageerror", lambda e: visit.errors.append(str(e)))
        page.on("console", lambda m: visit.errors.append(f"{m.text} {m.location}") if m.type == "error" else None)
        inside = (self.url, "data:", "blob:")
        page.on("request", lambda r: None if r.url.startswith(inside) else visit.outside.append(r.url))
        try:
            page.goto(f"{self.url}/lab/tree/{notebook.name}?token={self.token}&reset")
            page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
            page.evaluate(KERNEL_READY)
            yield visit
            page.evaluate("async () => { await window.jupyterapp.shell.currentWidget.context.save();"
                          " await window.jupyterapp.shell.currentWidget.sessionContext.shutdown(); }")
        finally:
            page.close()


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


# Playwright keeps an event loop running, which other tests must not meet: so not for the whole session.
@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    """Headless Chromium of the system, driven by Playwright."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("no Chromium on this machine: apt-get install -y chromium")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def lab(chromium, tmp_path_factory) -> Iterator[Lab]:
    """JupyterLab on an empty folder, with settings of its own."""
    home, folder = tmp_path_factory.mktemp("jupyter"), tmp_path_factory.mktemp("notebooks")
    (home / "app").mkdir()
    (home / "app" / "overrides.json").write_text(json.dumps(QUIET | WHOLE))
    names = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTERLAB_SETTINGS_DIR": "settings",
             "JUPYTERLAB_WORKSPACES_DIR": "workspaces", "JUPYTER_RUNTIME_DIR": "runtime", "IPYTHONDIR": "ipython"}
    env = os.environ | {name: str(home / sub) for name, sub in names.items()}
    port, token = free_port(), secrets.token_hex(16)
    with (home / "server.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
             f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}", "--LabApp.news_url=None",
             f"--LabApp.app_settings_dir={home / 'app'}", "--expose-app-in-browser"],
            env=env, stdout=log, stderr=subprocess.STDOUT)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(f"{url}/api?token={token}", server, home / "server.log")
            yield Lab(url, token, folder, chromium)
        finally:
            server.terminate()
            server.wait(15)


def wait_for(url: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            if server.poll() is not None:
                break
            time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")
