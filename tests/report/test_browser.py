"""The page as a reader meets it: in Chromium, at a desk and on a phone, light and dark."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tuner.report
from tuner.report import Report

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
STYLE = (Path(tuner.report.__file__).parent / "templates" / "style.css").read_text()
AXE = Path(os.environ.get("AXE_CORE") or "node_modules/axe-core/axe.min.js")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium, one for all tests of this file."""
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("no chromium and chromedriver on this machine")
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = Chrome(options=options, service=Service(DRIVER))
    yield chrome
    chrome.quit()


SCREENS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]


@pytest.fixture(scope="module", params=SCREENS, ids=str)
def page(request: pytest.FixtureRequest, browser: Any, report: Report) -> Any:
    """The report at one width in one scheme, opened once for all that only look at it."""
    width, scheme = request.param
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    browser.get(report.html.resolve().as_uri())
    return browser


def test_verdicts_and_figures_can_be_read_off(page: Any, report: Report) -> None:
    found = page.find_elements("css selector", "#verdicts li")
    assert [item.get_attribute("textContent") for item in found] == report.verdicts
    for name in ("effect_width", "effect_depth", "interaction"):
        figure = page.find_element("css selector", f"#figure-{name} svg")
        assert figure.size["width"] >= 200
        assert "validation accuracy" in figure.get_attribute("textContent")


def test_nothing_runs_off_the_side_and_nothing_fails(page: Any) -> None:
    root = "return document.documentElement."
    assert page.execute_script(root + "scrollWidth") <= page.execute_script(root + "clientWidth")
    assert page.get_log("browser") == []


def test_axe_finds_no_violation(page: Any, request: pytest.FixtureRequest) -> None:
    if not AXE.is_file():
        pytest.skip(f"no axe-core at {AXE}: set AXE_CORE, or npm install axe-core")
    unfold(page)
    page.execute_script(AXE.read_text())
    _, scheme = request.node.callspec.params["page"]
    options = {"resultTypes": ["violations"]}  # megabytes of what was passed stay in the browser
    if scheme == "dark":  # it changes colours alone: a test below holds that
        options["runOnly"] = ["color-contrast"]
    found = page.execute_async_script(
        "const [options, told] = arguments; axe.run(options).then(all => told(all.violations))",
        options,
    )
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []


def test_a_dark_page_differs_in_colours_alone() -> None:
    dark = re.search(r"@media \(prefers-color-scheme: dark\) \{\s*:root \{([^}]*)\}\s*\}", STYLE)
    assert dark is not None
    assert STYLE.count("prefers-color-scheme") == 1
    settings = [setting.strip() for setting in dark[1].split(";") if setting.strip()]
    assert all(re.fullmatch(r"--[\w-]+: #[0-9a-f]{6}", setting) for setting in settings), settings


@pytest.mark.parametrize(
    ("width", "height", "begun"), [(1280, 800, 120), (390, 844, 60)], ids=["desk", "phone"]
)
def test_the_first_screen_holds_both_answers_and_a_figure_begun(
    browser: Any, report: Report, width: int, height: int, begun: int
) -> None:
    show(browser, report, width, height)
    answers = browser.find_elements("css selector", ".answer")
    assert len(answers) == 2
    for part in (browser.find_element("css selector", "h1"), *answers):
        assert part.rect["y"] + part.rect["height"] <= height, part.text
    assert browser.find_element("css selector", "#effects svg").rect["y"] + begun <= height


def show(browser: Any, report: Report, width: int, height: int = 900, media: str = "") -> None:
    """Opens the page at a width, on screen or on paper, with all of it unfolded."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": []})
    browser.get(report.html.resolve().as_uri())


#: What is wider inside than outside, or stands out of the window on the right.
CUT = """
const wide = document.documentElement.clientWidth;
return [...document.querySelectorAll("main *, footer *")]
  .filter(part => part.checkVisibility() && !part.closest("svg, .unseen, thead, pre"))
  .filter(part => part.scrollWidth > part.clientWidth + 1 && part.clientWidth
                  && getComputedStyle(part).display != "inline"
                  || part.getBoundingClientRect().right > wide + 1)
  .map(part => part.tagName + " " + part.className + " " + part.textContent.trim().slice(0, 40));
"""


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_no_text_and_no_column_that_stands_open_is_cut(
    browser: Any, report: Report, width: int
) -> None:
    show(browser, report, width)
    assert browser.execute_script(CUT) == []


@pytest.mark.parametrize("width", [390, 1280])
def test_what_is_unfolded_never_widens_the_page(browser: Any, report: Report, width: int) -> None:
    show(browser, report, width)
    browser.execute_script("document.querySelectorAll('details').forEach(part => part.open = true)")
    root = "return document.documentElement."
    assert browser.execute_script(root + "scrollWidth") <= width


def test_nothing_is_cut_on_paper_with_or_without_the_folded_parts(
    browser: Any, report: Report
) -> None:
    paper = 720  # A4 without its margins, in CSS pixels
    show(browser, report, paper, media="print")
    folded = "return document.querySelector('#table-effects').checkVisibility()"
    assert not browser.execute_script(folded)
    assert browser.execute_script(CUT) == []
    browser.execute_script("document.querySelector('#print-all').checked = true")
    assert browser.execute_script(folded)
    assert browser.execute_script(CUT) == []


@pytest.mark.parametrize(("width", "media"), [(390, ""), (1280, ""), (720, "print")])
def test_type_in_figures_is_no_smaller_than_the_pages_small_type(
    browser: Any, report: Report, width: int, media: str
) -> None:
    show(browser, report, width, media=media)
    small = browser.execute_script(
        "return parseFloat(getComputedStyle(document.querySelector('figcaption')).fontSize)"
    )
    sizes = browser.execute_script("""
      return [...document.querySelectorAll("figure svg")].filter(svg => svg.checkVisibility())
        .flatMap(svg => [...svg.querySelectorAll("text")].map(text =>
          parseFloat(getComputedStyle(text).fontSize)
          * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width))
    """)
    assert sizes
    assert min(sizes) >= small - 0.01


def test_a_folded_part_opens_where_its_link_leads(browser: Any, report: Report) -> None:
    show(browser, report, 1280)
    browser.execute_script("location.hash = '#methods'")
    visible = "return document.querySelector('#methods').checkVisibility()"
    assert browser.execute_script(visible)


def intervals_of(browser: Any, name: str) -> list[str]:
    """The titles of the interval columns that a table shows."""
    found = browser.find_elements("css selector", f"#table-{name} th")
    hidden = "return getComputedStyle(arguments[0]).display == 'none'"
    titles = [title for title in found if not browser.execute_script(hidden, title)]
    texts = [title.get_attribute("textContent") for title in titles]
    return [text for text in texts if "95%" in text]


def test_the_keyboard_switches_a_table_to_intervals_that_all_hold_at_once(page: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    unfold(page)
    switch = page.find_element("id", "switch-effects")
    assert intervals_of(page, "effects") == ["95% interval"]
    switch.send_keys(Keys.SPACE)
    assert intervals_of(page, "effects") == ["95%, all at once"]
    assert intervals_of(page, "conditional_effects") == ["95% interval"]  # each table has its own
    rows = page.find_elements("css selector", "#table-effects tbody tr")
    titles = len(page.find_elements("css selector", "#table-effects th")) - 1
    assert all(len(shown_cells(row)) == titles for row in rows)
    switch.send_keys(Keys.SPACE)
    assert intervals_of(page, "effects") == ["95% interval"]


def unfold(page: Any) -> None:
    """Opens every folded part."""
    page.execute_script("document.querySelectorAll('details').forEach(part => part.open = true)")


def shown_cells(row: Any) -> list[Any]:
    """The cells of a row that are not hidden."""
    return [cell for cell in row.find_elements("css selector", "td") if cell.is_displayed()]


def test_paper_has_the_single_intervals_and_no_switch(browser: Any, report: Report) -> None:
    browser.get(report.html.resolve().as_uri())
    unfold(browser)
    browser.find_element("id", "switch-effects").click()
    browser.execute_script("document.querySelector('#print-all').checked = true")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": []})
    assert intervals_of(browser, "effects") == ["95% interval"]
    assert not browser.find_element("id", "switch-effects").is_displayed()
    assert not browser.find_element("css selector", "label[for=switch-effects]").is_displayed()
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
