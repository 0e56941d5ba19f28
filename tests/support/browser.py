"""A page in a real browser: Chromium without a window, driven over its DevTools pipe.

Nothing but the standard library: Chromium reads commands from one pipe and writes answers and events to another, each
a JSON text ended by a zero byte (``--remote-debugging-pipe``). A test asks the page questions in JavaScript.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
PATIENCE_SECONDS: Final = 60.0


def why_no_browser() -> str:
    """Why pages cannot be opened here; empty when they can."""
    if os.name != "posix":
        return "the browser is driven over pipes that only POSIX systems have"
    return "" if _program() else f"no browser is installed (looked for {', '.join(NAMES)})"


def _program() -> str | None:
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Page:
    """One open page.

    Attributes:
        complaints: what the page wrote to the console as an error or warning, and its exceptions.
        requests: the addresses it asked for, data: addresses left out.
    """

    def __init__(self, send_to: int, read_from: int) -> None:
        self._send_to, self._read_from = send_to, read_from
        self._number = 0
        self._session = ""
        self._rest = b""
        self._loaded = False
        self.complaints: list[str] = []
        self.requests: list[str] = []
        target = self.command("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.command("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.command(f"{domain}.enable")

    def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send one DevTools command and wait for its answer."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._send_to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return dict(answer["result"])

    def _read(self) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while b"\0" not in self._rest:
            if not select.select([self._read_from], [], [], max(deadline - time.monotonic(), 0))[0]:
                raise TimeoutError(f"the browser said nothing for {PATIENCE_SECONDS:.0f} seconds")
            part = os.read(self._read_from, 1 << 20)
            if not part:
                raise RuntimeError("the browser ended")
            self._rest += part
        text, self._rest = self._rest.split(b"\0", 1)
        message: dict[str, Any] = json.loads(text)
        self._note(message.get("method", ""), message.get("params", {}))
        return message

    def _note(self, event: str, said: dict[str, Any]) -> None:
        if event == "Page.loadEventFired":
            self._loaded = True
        elif event == "Network.requestWillBeSent" and not said["request"]["url"].startswith("data:"):
            self.requests.append(said["request"]["url"])
        elif event == "Runtime.exceptionThrown":
            details = said["exceptionDetails"]
            self.complaints.append(str(details.get("exception", {}).get("description", details["text"])))
        elif event == "Log.entryAdded" and said["entry"]["level"] in ("error", "warning"):
            self.complaints.append(str(said["entry"]["text"]))
        elif event == "Runtime.consoleAPICalled" and said["type"] in ("error", "warning", "assert"):
            self.complaints.append(json.dumps(said["args"])[:400])

    def size(self, width: int, height: int = 800) -> None:
        """Give the page a window of so many CSS pixels."""
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )

    def open(self, path: Path, fragment: str = "") -> None:
        """Load a file and wait until it stands."""
        self._loaded = False
        self.command("Page.navigate", url=path.resolve().as_uri() + fragment)
        while not self._loaded:
            self._read()
        self.ask("0")  # what was said before this answer has now been heard

    def ask(self, script: str) -> Any:
        """The value of an expression in the page."""
        answer = self.command("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:600])
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press and let go of a key, for instance ``ArrowLeft`` or ``Tab``."""
        code = {"ArrowLeft": 37, "ArrowRight": 39, "Home": 36, "End": 35, "Tab": 9, "Enter": 13}[key]
        for kind in ("rawKeyDown", "keyUp"):
            self.command("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def scripts(self, on: bool) -> None:
        """Let the pages opened from now on run scripts, or not."""
        self.command("Emulation.setScriptExecutionDisabled", value=not on)

    def media(self, kind: str = "", **features: str) -> None:
        """Show the page as on paper (``print``), or to a reader with some preference."""
        wanted = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.command("Emulation.setEmulatedMedia", media=kind, features=wanted)

    def picture(self, path: Path, whole: bool = False) -> None:
        """Write what is seen (or the whole page) as PNG."""
        shot = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=whole, **self._clip(whole))
        path.write_bytes(base64.b64decode(shot["data"]))

    def _clip(self, whole: bool) -> dict[str, Any]:
        if not whole:
            return {}
        size = self.command("Page.getLayoutMetrics")["cssContentSize"]
        return {"clip": {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}}

    def paper(self) -> bytes:
        """The page printed as PDF with its own page size."""
        return base64.b64decode(self.command("Page.printToPDF", preferCSSPageSize=True)["data"])


@contextmanager
def browser() -> Iterator[Page]:
    """A page in a browser of its own, ended with everything it started.

    Raises:
        RuntimeError: when no browser is installed.
    """
    program = _program()
    if program is None:
        raise RuntimeError(why_no_browser())
    home = tempfile.mkdtemp(prefix="page-test-")
    their_in, our_out = os.pipe()
    our_in, their_out = os.pipe()

    def wire() -> None:  # Chromium reads file 3 and writes file 4
        spare_in, spare_out = os.dup(their_in), os.dup(their_out)
        os.dup2(spare_in, 3)
        os.dup2(spare_out, 4)

    process = subprocess.Popen(
        [program, *FLAGS, f"--user-data-dir={home}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        preexec_fn=wire,
        pass_fds=(3, 4),
        start_new_session=True,
    )
    os.close(their_in)
    os.close(their_out)
    try:
        yield Page(our_out, our_in)
    finally:
        os.close(our_out)
        os.close(our_in)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        shutil.rmtree(home, ignore_errors=True)
