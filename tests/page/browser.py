"""A headless Chromium, spoken to as W3C WebDriver says, with the standard library alone."""

import base64
import json
import os
import subprocess
import time
import urllib.error
import urllib.request


class Browser:
    """One window of a browser that is gone with its `with` block."""

    def __init__(self, script=True, width=1280, height=900):
        arguments = ["--headless=new", "--disable-gpu", "--hide-scrollbars", f"--window-size={width},{height}"]
        # What the browser asks for by itself would be found among what the page asks for.
        arguments += ["--disable-background-networking", "--disable-component-update", "--no-first-run"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")  # Chromium's sandbox does not start for root.
        options = {"args": arguments, "binary": "/usr/bin/chromium"}
        if not script:
            options["prefs"] = {"profile.managed_default_content_settings.javascript": 2}
        self.wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }

    def __enter__(self):
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for line in self.driver.stdout:
            if "started successfully on port" in line:
                self.root = f"http://127.0.0.1:{int(line.split()[-1].rstrip('.'))}"
                break
        else:
            raise SystemExit("chromedriver did not start")
        session = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": self.wanted}})
        self.session = f"/session/{session['sessionId']}"
        return self

    def __exit__(self, *_):
        try:
            self._ask("DELETE", self.session)
        finally:
            self.driver.terminate()
            self.driver.wait()

    def _ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.root + path, data, {"Content-Type": "application/json"}, method=method)
        # No proxy stands between this and a port on loopback, whatever the environment says.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["value"]["message"]) from None

    def post(self, path, body):
        return self._ask("POST", self.session + path, body)

    def open(self, path):
        self.post("/url", {"url": f"file://{os.path.abspath(path)}"})

    def run(self, script, *arguments):
        """What `script`, the body of a function, returns in the page."""
        return self.post("/execute/sync", {"script": script, "args": list(arguments)})

    def tool(self, command, **parameters):
        """Carries out a command of the browser's own protocol for developers."""
        return self.post("/goog/cdp/execute", {"cmd": command, "params": parameters})

    def media(self, kind="", scheme="light"):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.tool("Emulation.setEmulatedMedia", media=kind, features=features)

    def press(self, *keys):
        """Presses keys one after the other, wherever the focus is."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.post("/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def log(self, kind):
        return self.post("/se/log", {"type": kind})

    def pdf(self):
        """The page on paper. Tags for assistive technology would take most of the time, and are not looked at here."""
        wanted = {"printBackground": True, "preferCSSPageSize": True, "generateTaggedPDF": False}
        return base64.b64decode(self.tool("Page.printToPDF", **wanted)["data"])

    def screenshot(self):
        shot = self.tool("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return base64.b64decode(shot["data"])

    def until(self, script, what):
        """Waits until `script` returns something true."""
        end = time.monotonic() + 10
        while time.monotonic() < end:
            if found := self.run(script):
                return found
            time.sleep(0.02)
        raise AssertionError(f"waited in vain for {what}")
