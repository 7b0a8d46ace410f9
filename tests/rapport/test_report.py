"""The report on the real engine and in a real browser: complete, readable by everybody, and deaf to what it quotes."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from rapport.report import collect as collecting
from rapport.report.collect import DAY, HOUR, WEEK, collect, filled, step_of
from rapport.report.page import CLASSES, link, render, said
from scoring.combine import WEIGHTS
from tests.hostile import SCRIPT, hostile_acts
from tests.warehouse import acts
from tests.warehouse.simulated import store
from warehouse.acts import brands
from warehouse.client import ClickHouse, connect, insert
from warehouse.rows import RELATIONSHIP, relationship_row

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "artifacts" / "report"
CHROMIUM = shutil.which("chromium")
CHART_JS = "fae96e55c6daa9ea7b3f60b6e6ea153904f510f6e00f59ed5ba3be21df231cd2"  # 4.6.1
START = datetime(2026, 3, 2, tzinfo=UTC)

needs_browser = pytest.mark.skipif(
    CHROMIUM is None and "CI" not in os.environ,  # in CI nothing is skipped: there it fails
    reason="no Chromium; as root `make test` installs it, elsewhere: apt install chromium",
)


def test_the_plotting_library_is_the_one_that_was_vendored() -> None:
    """Chart.js as released, without the reference to its map, and its licence beside it."""
    vendor = ROOT / "rapport" / "report" / "vendor"
    assert sha256((vendor / "chart.umd.min.js").read_bytes()).hexdigest() == CHART_JS
    assert "MIT License" in (vendor / "chart.js-LICENSE.md").read_text()


@pytest.mark.parametrize(("days", "step"), [(1, HOUR), (3, HOUR), (4, DAY), (120, DAY), (121, WEEK), (2000, WEEK)])
def test_steps_of_the_trend(days: int, step: int) -> None:
    """Hours for days, days for months, weeks for years."""
    assert step_of(START, START + timedelta(days=days)) == step


def test_what_was_not_seen_is_not_zero() -> None:
    """Every step has a row: as it was heard, nothing heard, or not seen at all."""
    heard = {"time": START + timedelta(days=1), "volume": 3}
    gap = {"since": START + timedelta(days=2, hours=-1), "until": START + timedelta(days=3)}
    found = filled([heard], [gap], START + timedelta(hours=5), START + timedelta(days=4), DAY)
    assert [row["volume"] for row in found] == [0, 3, None, 0]
    assert found[1] is heard
    weeks = filled([], [], START + timedelta(days=3), START + timedelta(days=9), WEEK)
    assert [row["time"] for row in weeks] == [START, START + timedelta(days=7)]


def test_what_strangers_wrote_is_cleaned() -> None:
    """Nothing turns the direction of the text around it, no text is endless, and only web links are links."""
    assert said("a\u202eb\0c\nd") == "a b c d"
    assert len(said("x" * 100_000)) == 401
    assert [link(url) for url in ("https://a.example/x", "javascript:alert(1)", "http://[", "data:x", "")] == [
        "https://a.example/x", "", "", "", "",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def page_file(simulated: ClickHouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the simulated audience's last two months."""
    client = connect(simulated)
    until = datetime.now(UTC)
    html = render(collect(client, brands(client)[0], until - timedelta(days=60), until, WEIGHTS))
    client.disconnect()
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(html, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=CHROMIUM or "chromium", args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        yield opened
        opened.close()


def opened(browser: Browser, file: Path, **how: Any) -> tuple[Page, list[str]]:
    """The page, and whatever it complained about or asked the network for."""
    page = browser.new_page(**how)
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith("file:") else heard.append(request.url))
    page.goto(file.as_uri())
    return page, heard


@needs_browser
@pytest.mark.engines
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("name", "width"), [("desk", 1200), ("phone", 360)])
def test_it_renders_for_everybody(browser: Browser, page_file: Path, scheme: Any, name: str, width: int) -> None:
    """No complaint, no request, plots with something on them, no sideways scrolling, and nothing axe objects to."""
    page, heard = opened(browser, page_file, color_scheme=scheme, viewport={"width": width, "height": 900})
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}-{scheme}.png", full_page=True)
    assert heard == []
    painted = page.evaluate(
        """() => [...document.querySelectorAll("canvas")].map((canvas) => {
             const image = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
             return [canvas.id, new Set(new Uint32Array(image.data.buffer)).size]; })"""
    )
    assert {each for each, _ in painted} == {"volume", "share", "map", "classes"}
    assert all(colours > 20 for _, colours in painted), painted
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    found = Axe().run(page).response
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found["violations"]] == []
    assert {"color-contrast", "heading-order", "document-title"} <= {one["id"] for one in found["passes"]}
    page.close()


@needs_browser
@pytest.mark.engines
def test_it_is_used_with_the_keyboard(browser: Browser, page_file: Path) -> None:
    """Everything is reached by Tab and opened by Enter, and a point of the map opens the evidence of its person."""
    page, _ = opened(browser, page_file, viewport={"width": 1200, "height": 900}, reduced_motion="reduce")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    shown = "[...document.querySelectorAll('a, summary, button')].filter((one) => one.checkVisibility()).length"
    reached = set()
    for _ in range(page.evaluate(shown) + 5):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.tagName + document.activeElement.textContent.slice(0, 60)"))
    assert sum(one.startswith("SUMMARY") for one in reached) > 20
    summary = page.locator("#person-0 > summary")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("#person-0").evaluate("one => one.open")
    assert page.locator("#person-0 li").count() > 1
    page.locator("#map").evaluate("one => one.scrollIntoView({block: 'center'})")
    spot = page.evaluate(
        """() => { const chart = Chart.getChart("map"), set = chart.data.datasets.length - 1,
             box = chart.canvas.getBoundingClientRect(), point = chart.getDatasetMeta(set).data[0];
             return [box.x + point.x, box.y + point.y, chart.data.datasets[set].data.map((one) => one.number)]; }"""
    )
    page.mouse.click(spot[0], spot[1])
    page.locator("summary:focus").wait_for()  # not by a function: the page's policy lets nothing be evaluated later
    now = page.evaluate("document.activeElement.parentElement.id")
    assert now in {f"person-{number}" for number in spot[2]}
    assert page.locator(f"#{now}").evaluate("one => one.open")
    page.close()


@pytest.mark.engines
def test_it_says_what_the_warehouse_says(simulated: ClickHouse, page_file: Path) -> None:
    """The headline is that of one step over the whole time, every class and debt is there, and the gap is told."""
    html = page_file.read_text()
    client = connect(simulated)
    brand = brands(client)[0]
    ((owed,),) = client.execute("SELECT count() FROM owed WHERE brand = %(b)s AND by = 'us'", {"b": brand})
    kinds = client.execute("SELECT DISTINCT class FROM relationships_now WHERE brand = %(b)s", {"b": brand})
    client.disconnect()
    data = json.loads(re.findall(r'id="data">(.*?)</script>', html, re.DOTALL)[0])
    raw, trusted = sum(filter(None, data["raw"])), sum(filter(None, data["trusted"]))
    assert f"of {raw:,} acts" in html
    assert f'<span class="value">{trusted:,.0f}</span>' in html
    assert html.count("<blockquote") >= min(owed, collecting.MOST_OWED)
    assert all(CLASSES[name] in html for (name,) in kinds)
    assert "mastodon:search" in html
    assert "quota used up" in html
    assert "http-equiv" in html
    assert "unsafe" not in html.split("<style>")[0]


@needs_browser
@pytest.mark.engines
def test_hostile_texts_stay_texts(
    browser: Browser, simulated: ClickHouse, empty_database: ClickHouse, tmp_path: Path
) -> None:
    """Names and texts that are markup, scripts or turned around are shown as they are and do nothing."""
    brand, records = SCRIPT, hostile_acts(SCRIPT)
    store(empty_database, records, [])
    client = connect(empty_database)
    insert(
        client,
        "relationship",
        RELATIONSHIP,
        [relationship_row(acts.relationship(brand, record.person, last_at=datetime.now(UTC))) for record in records],
    )
    client.disconnect()
    client = connect(replace(simulated, database=empty_database.database))
    html = render(collect(client, brand, acts.START, acts.START + timedelta(days=20), WEIGHTS))
    client.disconnect()
    assert SCRIPT not in html
    assert "\u202e" not in html
    assert "\0" not in html
    assert "javascript:" not in html.lower().split('id="data"')[0].replace("javascript:alert(1)</blockquote>", "")
    file = tmp_path / "hostile.html"
    file.write_text(html, encoding="utf-8")
    page, heard = opened(browser, file)
    assert heard == []
    assert page.title().startswith(SCRIPT)
    assert page.locator("h1").inner_text() == SCRIPT
    assert page.locator("img, svg, iframe").count() == 0
    page.close()
