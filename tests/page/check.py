"""The page of `--html` as a person meets it, in a browser. `tests/page/check` runs this.

What is expected is worked out from the report, a CSV, so that page and report are held against each other.
"""

import csv
import os
import subprocess
import tempfile
import unittest

from browser import Browser

MANY = 20_000
# Whoever searches should not wait. Measured are some ten milliseconds; a busy machine may take a while longer.
QUICK = 500
HOSTILE = [
    "</script><img src=x onerror=document.title='broken'>",
    "<!--<script>alert(1)</script>",
    "=HYPERLINK(\"javascript:alert(1)\")",
    "' onmouseover='alert(1)",
    "\u202emoc.live@enaj",
]
# How the page shows what nobody would see.
SHOWN = {"\u202e": "⟨U+202E⟩"}
KEY = {"down": "\ue015", "up": "\ue013", "page down": "\ue00f", "end": "\ue010", "home": "\ue011", "tab": "\ue004",
       "enter": "\ue007", "escape": "\ue00c", "space": " "}


def shown(text):
    return "".join(SHOWN.get(letter, letter) for letter in text)


def seatrun(folder, *arguments):
    environment = {"PATH": os.environ["PATH"], "HOME": folder, "SEATRUN_STATE_DIR": os.path.join(folder, "state")}
    done = subprocess.run([os.environ["SEATRUN"], *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode in (0, 1), done
    return done


def write(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["user_id", "Email", "action", "seat_type", "plan_id", "sandbox_fault"])
        writer.writerows(rows)


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def user(number):
    return 48_569_348_493_401_201 + 17 * number


def small():
    """Rows for a rehearsal that end in many ways, with what could do harm among them."""
    plan = 4843937635559300
    faults = ["", "", "1014", "partial", "502", ""]
    for number in range(36):
        orders = [("downgrade", "VIEWER", plan), ("upgrade", "MEMBER", plan), ("deactivate", "", "")]
        yield [user(number), f"nils{number}@acme.example", *orders[number % 3], faults[number % 6]]
    for text in HOSTILE:
        yield [text, text, "downgrade", "VIEWER", plan, ""]


def large():
    orders = [("downgrade", "VIEWER"), ("upgrade", "MEMBER"), ("downgrade", "GUEST")]
    for number in range(MANY):
        identity = user(number) if number % 50 else "Bo"
        yield [identity, "", *orders[number % 3], 4843937635559300 + number % 2, ""]


class Page(unittest.TestCase):
    """What all tests of a page share: its folder, its browser, its report."""

    script = True
    made = None
    name = "run"

    @classmethod
    def setUpClass(cls):
        if Page.made is None:
            Page.made = tempfile.TemporaryDirectory(prefix="seatrun-page-")
            folder = Page.made.name
            write(os.path.join(folder, "run.csv"), small())
            write(os.path.join(folder, "dry.csv"), large())
            lenient = ["--max-invalid=90%", "--quiet"]
            seatrun(folder, "run", "run.csv", "--sandbox", "--yes", "--max-errors=90%", "--html", "run.html", *lenient)
            seatrun(folder, "run", "dry.csv", "--dry-run", "--offline", "--html", "dry.html", *lenient)
        cls.report = read(os.path.join(Page.made.name, f"{cls.name}.{'report' if cls.name == 'run' else 'review'}.csv"))
        cls.browser = cls.enterClassContext(Browser(script=cls.script))

    def setUp(self):
        self.browser.open(os.path.join(Page.made.name, f"{self.name}.html"))

    def run_script(self, script, *arguments):
        return self.browser.run(script, *arguments)

    def text(self, selector):
        return self.run_script("return document.querySelector(arguments[0]).textContent", selector)

    def count(self):
        """How many rows the page says that it shows."""
        return int(self.text("#count").split()[0].replace(",", ""))

    def numbers(self):
        """The numbers of the rows on the screen."""
        script = "return [...document.querySelectorAll('#body tr')].map((row) => row.cells[0].textContent)"
        return [number.replace(",", "") for number in self.run_script(script)]

    def act(self, script, *arguments):
        """Does something in the page, and holds that it is done at once, up to the layout."""
        timed = f"""
            const done = [...arguments], begin = performance.now();
            (function () {{ {script} }}).apply(null, done);
            document.body.offsetHeight;
            return performance.now() - begin;"""
        took = self.run_script(timed, *arguments)
        self.assertLess(took, QUICK, script)
        Page.slowest = max(getattr(Page, "slowest", 0), took)

    def search(self, text):
        self.act("""
            const search = document.getElementById("search");
            search.value = arguments[0];
            search.dispatchEvent(new Event("input", { bubbles: true }));""", text)

    def choose(self, status):
        """Ticks or unticks an outcome, by its name in the report."""
        self.act("document.querySelector(`#statuses input[data-name=${arguments[0]}]`).click()", status)

    def sort(self, by):
        self.act("document.querySelector(`button[data-sort=${arguments[0]}]`).click()", by)

    def expect(self, keep):
        """Holds that the rows shown are those of the report that `keep` wants."""
        expected = [row["result_row"] for row in self.report if keep(row)]
        self.assertEqual(self.count(), len(expected))
        self.assertEqual(self.numbers(), expected[:100])


class Run(Page):
    """The page of a run."""

    def test_it_asks_the_network_for_nothing_and_complains_of_nothing(self):
        for log in ("browser", "performance"):
            self.browser.log(log)
        self.setUp()
        self.search("nils")
        self.sort("user")
        self.assertEqual(self.browser.log("browser"), [])
        entries = [entry["message"] for entry in self.browser.log("performance")]
        asked = [entry for entry in entries if '"Network.requestWillBeSent"' in entry]
        self.assertEqual(len(asked), 1, asked)
        self.assertIn("run.html", asked[0])

    def test_its_numbers_are_those_of_the_report(self):
        counts = {}
        for row in self.report:
            counts[row["result_status"]] = counts.get(row["result_status"], 0) + 1
        chips = self.run_script("""
            const chips = [...document.querySelectorAll("#statuses input")];
            return chips.map((chip) => [chip.dataset.name, Number(chip.parentNode.querySelector(".num").textContent)]);""")
        self.assertEqual(dict(chips), counts)
        self.assertGreaterEqual(len(counts), 4, counts)
        self.expect(lambda row: True)
        shown = self.run_script("""
            return [...document.querySelectorAll(".outcomes tfoot .parts li")].map((part) =>
                Number(part.querySelector(".num").textContent)).reduce((sum, count) => sum + count, 0);""")
        self.assertEqual(shown, len(self.report))

    def test_hostile_cells_are_text(self):
        self.assertEqual(self.run_script("return document.querySelectorAll('img, iframe, object, [onerror]').length"), 0)
        self.assertNotIn("broken", self.run_script("return document.title"))
        for text in HOSTILE:
            self.search(shown(text).split()[0])
            cells = self.run_script("return [...document.querySelectorAll('#body tr td:nth-child(2) bdi')].map((b) => b.textContent)")
            self.assertIn(shown(text), cells)

    def test_the_keyboard_is_enough(self):
        focus = "const at = document.activeElement; return at.id || at.dataset.sort || at.closest('tr')?.cells[0].textContent"
        press = lambda *keys: self.browser.press(*(KEY.get(key, key) for key in keys))
        press("tab")
        self.assertEqual(self.run_script("return document.activeElement.className"), "skip")
        press("/", *"nils1")
        self.assertEqual((self.run_script(focus), self.text("#search"), self.count()), ("search", "", 11))
        press("down")
        first = self.run_script(focus)
        press("down")
        second = self.run_script(focus)
        self.assertEqual([first, second], self.numbers()[:2])
        press("up", "/", "escape")
        self.assertEqual((self.run_script(focus), self.count()), ("search", len(self.report)))
        reached = []
        for _ in range(20):
            press("tab")
            reached.append(self.run_script(focus))
        self.assertLess(reached.index("action"), reached.index("number"), "what stands first is reached first")
        self.assertLess(reached.index("number"), reached.index("message"))
        self.run_script("document.querySelector('button[data-sort=status]').focus()")
        press("enter")
        press("enter")
        sorts = "return [...document.querySelectorAll('[aria-sort]')].map((head) => head.getAttribute('aria-sort'))"
        self.assertEqual(self.run_script(sorts), ["none", "none", "none", "none", "descending", "none"])
        self.run_script("document.querySelector('#statuses input').focus()")
        press("space")
        self.assertLess(self.count(), len(self.report))

    def test_light_and_dark_are_two_and_both_can_be_read(self):
        grounds = set()
        for scheme in ("light", "dark"):
            self.browser.media(scheme=scheme)
            grounds.add(self.run_script("return getComputedStyle(document.body).backgroundColor"))
            self.assertEqual(self.run_script(CONTRAST), [], scheme)
        self.assertEqual(len(grounds), 2)
        self.browser.media()

    def test_a_phone_shows_it_without_scrolling_sideways(self):
        self.browser.tool("Emulation.setDeviceMetricsOverride", width=360, height=740, deviceScaleFactor=1, mobile=True)
        try:
            self.assertLessEqual(self.run_script("return document.documentElement.scrollWidth"), 360)
        finally:
            self.browser.tool("Emulation.clearDeviceMetricsOverride")

    def test_paper_has_the_rows_that_were_chosen_and_no_controls(self):
        self.run_script("""
            window.printed = 0;
            addEventListener("beforeprint", () => { window.printed = document.querySelectorAll("#body tr").length; });""")
        self.search("nils")
        paper = self.browser.pdf()
        self.assertEqual(self.run_script("return window.printed"), 36)
        self.assertGreaterEqual(paper.count(b"/Type /Page\n"), 3)
        self.browser.media("print")
        hidden = "return ['#choice', '#pages', '.skip', '.keys'].map((part) => document.querySelector(part).checkVisibility())"
        self.assertEqual(self.run_script(hidden), [False] * 4)
        rows = "return [...document.querySelectorAll('h1, .remark, .tiles, .traffic, #table, #body tr')].every((part) => part.checkVisibility())"
        self.assertTrue(self.run_script(rows))
        self.assertEqual(self.run_script("return getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)")
        self.browser.media()

    def test_assistive_technology_finds_its_way(self):
        levels = self.run_script("return [...document.querySelectorAll('h1, h2, h3')].map((head) => head.tagName)")
        self.assertEqual((levels[0], levels.count("H1"), "H3" in levels), ("H1", 1, False))
        self.assertEqual(self.run_script("return document.documentElement.lang"), "en")
        self.assertEqual(self.run_script("return [...document.querySelectorAll('th:not([scope])')].length"), 0)
        unnamed = """
            const named = (field) => field.labels.length > 0 || field.textContent.trim();
            return [...document.querySelectorAll("input, select, button")].filter((field) => !named(field)).length;"""
        self.assertEqual(self.run_script(unnamed), 0)
        drawings = "return [...document.querySelectorAll('svg[role=img]')].map((drawing) => drawing.getAttribute('aria-label'))"
        self.assertIn("the limit was 270", self.run_script(drawings)[0])
        others = "return [...document.querySelectorAll('main svg:not([role=img]):not(svg svg)')].every((drawing) => drawing.ariaHidden)"
        self.assertTrue(self.run_script(others))


class Large(Page):
    """The page of a dry run of 20,000 rows."""

    name = "dry"

    def test_searching_choosing_and_sorting_show_the_right_rows_at_once(self):
        number = lambda row: int(row["result_row"])
        self.expect(lambda row: True)
        self.search("401201")
        self.expect(lambda row: "401201" in row["user_id"])
        self.search("guest 9301")
        self.expect(lambda row: "GUEST" in row["result_message"] and "9301" in row["result_message"] + row["user_id"])
        self.search("nobody is called that")
        self.expect(lambda row: False)
        self.assertTrue(self.run_script("return document.getElementById('none').checkVisibility()"))
        self.search("")
        self.choose("INVALID")
        self.expect(lambda row: row["result_status"] == "INVALID")
        self.choose("PLANNED")
        self.expect(lambda row: row["result_status"] in ("INVALID", "PLANNED"))
        self.choose("INVALID")
        self.act("""
            const action = document.getElementById("action");
            action.value = [...action.options].find((option) => option.dataset.label === "Upgrade").value;
            action.dispatchEvent(new Event("input", { bubbles: true }));""")
        self.expect(lambda row: row["result_status"] == "PLANNED" and row["action"] == "upgrade")
        self.sort("number")
        upgrades = [row for row in self.report if row["result_status"] == "PLANNED" and row["action"] == "upgrade"]
        self.assertEqual(self.numbers(), [row["result_row"] for row in sorted(upgrades, key=number, reverse=True)][:100])
        self.act("document.querySelector('button[type=reset]').click()")
        self.browser.until(f"return document.getElementById('count').textContent === '{MANY:,} rows'", "all rows")
        self.sort("user")
        by_user = sorted(self.report, key=lambda row: (not row["user_id"].isdigit(), row["user_id"], number(row)))
        self.assertEqual(self.numbers(), [row["result_row"] for row in by_user][:100])
        for by in ("action", "change", "status", "message", "message"):
            self.sort(by)
        self.assertEqual(self.count(), MANY)

    def test_its_pages_are_turned_at_once(self):
        for turn, first in [("last", MANY - 100), ("back", MANY - 200), ("on", MANY - 100), ("first", 0)]:
            self.act("document.querySelector(`[data-turn=${arguments[0]}]`).click()", turn)
            self.assertEqual(self.numbers()[0], self.report[first]["result_row"])
        self.run_script("document.querySelector('#body tr').focus()")
        self.browser.press(KEY["page down"])
        self.assertEqual(self.numbers()[0], self.report[100]["result_row"])
        self.browser.press(KEY["end"])
        self.assertEqual(self.numbers()[-1], self.report[-1]["result_row"])
        focus = "return document.activeElement.cells[0].textContent.replace(',', '')"
        self.assertEqual(self.run_script(focus), self.report[-1]["result_row"])


class WithoutScript(Page):
    """A browser that runs no script still tells what matters."""

    script = False

    def test_summary_warnings_and_charts_are_there_and_the_report_is_named(self):
        tree = self.browser.tool("Accessibility.getFullAXTree")["nodes"]
        said = " ".join(str(node.get("name", {}).get("value", "")) for node in tree if not node.get("ignored"))
        for words in ["need a look", "Guards and warnings", "Not all rows are well", "Paid seats given back",
                      "Outcomes by action", "Partly done", "At most", "this browser runs none", "run.report.csv"]:
            self.assertIn(words, said)
        for words in ["Show all", "nils1@acme.example"]:
            self.assertNotIn(words, said)


# Texts of which nobody could be sure to read them: less than 4.5 to 1 against what lies behind them (WCAG 2.2, 1.4.3).
CONTRAST = """
    const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
    const paint = canvas.getContext("2d", { willReadFrequently: true });
    // What a colour comes to, painted over others from the last to the first.
    const over = (colors) => {
        paint.clearRect(0, 0, 1, 1);
        for (const color of colors) { paint.fillStyle = color; paint.fillRect(0, 0, 1, 1); }
        return [...paint.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const light = (color) => {
        const [r, g, b] = color.map((part) => part / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => element ? [...behind(element.parentElement), getComputedStyle(element).backgroundColor] : ["Canvas"];
    const bad = new Set();
    for (const element of document.querySelectorAll("body *")) {
        const has = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
        if (!has || !element.checkVisibility() || element.disabled || element.closest("script, noscript")) continue;
        const style = getComputedStyle(element), ground = behind(element);
        const ink = element instanceof SVGElement ? style.fill : style.color;
        const [one, other] = [light(over([...ground, ink])), light(over(ground))].sort((a, b) => b - a);
        const contrast = (one + 0.05) / (other + 0.05);
        if (contrast < 4.5) bad.add(`${contrast.toFixed(2)}: ${element.tagName} ${element.className.baseVal ?? element.className}: ${element.textContent.slice(0, 30)}`);
    }
    return [...bad];
"""


if __name__ == "__main__":
    try:
        result = unittest.main(exit=False).result
        print(f"the slowest reaction of a page took {getattr(Page, 'slowest', 0):.0f} ms")
    finally:
        if Page.made:
            Page.made.cleanup()
    raise SystemExit(not result.wasSuccessful())
