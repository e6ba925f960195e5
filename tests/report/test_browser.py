"""The page in a real browser: needs Chromium and, from PyPI, playwright; skipped without them."""
import json
import shutil

import numpy as np
import pytest
from helpers import tiny_run

from tf_disentangle import report
from tf_disentangle.runs import model as model_lib

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return report.write_report(tiny_run.finished_run(), tmp_path_factory.mktemp("page"))[0]


@pytest.fixture(params=[1280, 390])
def page(request, browser, path):
    """The page at a desk's and at a phone's width, and the complaints and requests so far."""
    context = browser.new_context(viewport={"width": request.param, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(120_000)
    opened.complaints, opened.requests = [], []
    opened.on("console", lambda message: opened.complaints.append(message.text))
    opened.on("pageerror", lambda error: opened.complaints.append(str(error)))
    opened.on("request", lambda asked: opened.requests.append(asked.url))
    opened.goto(path.as_uri())
    opened.wait_for_function("window.latentExplorer")
    yield opened
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith("data:")] == [path.as_uri()]
    context.close()


def now(page):
    """The pixels of the current picture, `[height, width]` from 0 to 255."""
    values = page.evaluate(
        "() => { const copy = document.createElement('canvas');"
        " const context = copy.getContext('2d', { willReadFrequently: true });"
        " context.drawImage(document.querySelector('[data-part=now]'), 0, 0);"
        " return Array.from(context.getImageData(0, 0, 8, 8).data); }")
    return np.reshape(values, (8, 8, 4))[..., 0]


def test_sliders_change_the_picture_to_that_of_tensorflow(page):
    model = model_lib.load_model(tiny_run.finished_run())
    before = now(page)
    first = json.loads(page.locator("#explorer-data").text_content())["latents"][0]
    slider = page.locator(f"#z{first}")
    slider.focus()
    page.keyboard.press("End")
    other = page.locator("input[type=range]").nth(1)
    other.focus()
    page.keyboard.press("Home")
    page.evaluate("latentExplorer.drawNow()")
    code = np.array([page.evaluate("latentExplorer.code()")], np.float32)
    assert code[0, first] == pytest.approx(float(slider.get_attribute("max")))
    expected = 255 * model.mean_image(model.decode(code)).numpy()[0, ..., 0]
    np.testing.assert_allclose(now(page), expected, atol=0.51)  # 1/255 and rounding
    assert np.abs(now(page) - before).max() >= 1

    page.keyboard.press("Backspace")
    slider.dblclick()
    page.evaluate("latentExplorer.drawNow()")
    np.testing.assert_array_equal(now(page), before)


def test_buttons_start_from_elsewhere_and_reset(page):
    starts = json.loads(page.locator("#explorer-data").text_content())
    page.locator("input[name=start]").nth(2).check(force=True)
    assert page.evaluate("latentExplorer.code()") == starts["starts"][2]
    page.get_by_role("button", name="random sample").click()
    assert page.evaluate("latentExplorer.code()") == starts["samples"][0]
    slider = page.locator("input[type=range]").first
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("latentExplorer.code()") != starts["samples"][0]
    page.get_by_role("button", name="Reset").click()
    assert page.evaluate("latentExplorer.code()") == starts["samples"][0]


def test_column_is_the_derivative(page):
    latent = json.loads(page.locator("#explorer-data").text_content())["latents"][0]
    model = model_lib.load_model(tiny_run.finished_run())
    code = np.tile(np.array(page.evaluate("latentExplorer.code()"), np.float32), (2, 1))
    code[:, latent] += [0.01, -0.01]
    above, below = model.mean_image(model.decode(code)).numpy()
    np.testing.assert_allclose(page.evaluate(f"Array.from(latentExplorer.column({latent}))"),
                               (above - below).ravel() / 0.02, atol=1e-3)


def test_page_fits_and_losses_are_read_off_by_keyboard(page):
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    plot = page.get_by_role("slider", name="kl_loss by step")
    plot.focus()
    page.keyboard.press("Home")
    assert plot.get_attribute("aria-valuetext").startswith("step 4: ")


def test_accessibility(page):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright",
                              reason="axe-playwright-python is not installed")
    found = axe.Axe().run(page).response["violations"]
    assert [(each["id"], each["help"]) for each in found] == []
