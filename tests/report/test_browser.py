"""The pages in a real browser: needs Chromium and, from PyPI, playwright; skipped without them."""
import contextlib
import json
import shutil

import numpy as np
import pytest
from helpers import tiny_run
from studies import made_up

from tf_disentangle import report, trained

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


@pytest.fixture(scope="module")
def study_path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study") / "made_up"
    made = made_up.make(compare_with="vae.beta = 1", boxes=[{"y": "mig.discrete_mig"}])
    made_up.run(made, folder, made_up.Scheduler(
        {("beta_4-seed_2", "train"): [(1, "The disk is full.")]}))
    return folder / "report.html"


@pytest.fixture(scope="module")
def table_path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("table")
    np.save(folder / "rows.npy", np.random.RandomState(0).standard_normal((40, 4)) * [1, 1, 9, 1e3])
    tiny_run.train(folder / "run", "dataset.name = 'table'", f"table.path = '{folder}/rows.npy'",
                   "model.training_steps = 2", "train.steps_per_call = 2", "train.log_every = 2",
                   "vae.penalties = []", "encoder.encoder_fn = @dense_encoder",
                   "decoder.decoder_fn = @dense_decoder", "dense_decoder.num_hidden = 4")
    return report.write_report(folder / "run")[0]


@contextlib.contextmanager
def opened(browser, path, width):
    """A page that must neither complain nor load anything."""
    context = browser.new_context(viewport={"width": width, "height": 900})
    shown = context.new_page()
    shown.set_default_timeout(120_000)
    complaints, requests = [], []
    shown.on("console", lambda message: complaints.append(message.text))
    shown.on("pageerror", lambda error: complaints.append(str(error)))
    shown.on("request", lambda asked: requests.append(asked.url))
    shown.goto(path.as_uri())
    yield shown
    assert complaints == []
    assert [url for url in requests if not url.startswith("data:")] == [path.as_uri()]
    context.close()


@pytest.fixture(params=[1280, 390])
def page(request, browser, path):
    """The page of a run at a desk's and at a phone's width."""
    with opened(browser, path, request.param) as shown:
        shown.wait_for_function("window.latentExplorer")
        yield shown


@pytest.fixture(params=[1280, 390])
def study_page(request, browser, study_path):
    """The page of a study at both widths."""
    with opened(browser, study_path, request.param) as shown:
        yield shown


def now(page):
    """The pixels of the current picture, `[height, width]` from 0 to 255."""
    values = page.evaluate(
        "() => { const copy = document.createElement('canvas');"
        " const context = copy.getContext('2d', { willReadFrequently: true });"
        " context.drawImage(document.querySelector('[data-part=now]'), 0, 0);"
        " return Array.from(context.getImageData(0, 0, 8, 8).data); }")
    return np.reshape(values, (8, 8, 4))[..., 0]


def test_sliders_change_the_picture_to_that_of_tensorflow(page):
    model = trained.load_model(tiny_run.finished_run())
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
    model = trained.load_model(tiny_run.finished_run())
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


def violations(page):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright",
                              reason="axe-playwright-python is not installed")
    return [(each["id"], each["help"]) for each in axe.Axe().run(page).response["violations"]]


def test_accessibility(page):
    assert violations(page) == []


@pytest.mark.parametrize("width", [1280, 390])
def test_a_row_of_a_table_follows_the_sliders(browser, table_path, width):
    model = trained.load_model(table_path.parent)
    with opened(browser, table_path, width) as shown:
        shown.wait_for_function("window.latentExplorer")
        slider = shown.locator("input[type=range]").first
        slider.focus()
        shown.keyboard.press("End")
        shown.evaluate("latentExplorer.drawNow()")
        code = np.array([shown.evaluate("latentExplorer.code()")], np.float32)
        expected = model.mean_image(model.decode(code)).numpy()[0]
        rows = shown.locator("[data-part=now] tbody tr")
        values = [float(rows.nth(i).locator("td").last.text_content()) for i in range(4)]
        np.testing.assert_allclose(values, expected, rtol=1e-3)     # four digits
        columns = json.loads(shown.locator("#explorer-data").text_content())["columns"]
        for i, column in enumerate(columns):
            share = (expected[i] - column["low"]) / (column["high"] - column["low"])
            found = rows.nth(i).evaluate("row => Number(row.style.getPropertyValue('--now'))")
            assert found == pytest.approx(np.clip(share, 0, 1), abs=1e-3)
        assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert violations(shown) == []


def test_page_of_a_study(study_page):
    assert violations(study_page) == []
    assert study_page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    score = study_page.locator("summary", has_text="discrete_mig")
    table = study_page.get_by_role("group", name="Table of mig.discrete_mig")
    assert table.is_visible()
    score.focus()
    study_page.keyboard.press("Enter")
    assert not table.is_visible()
    study_page.keyboard.press("Enter")
    study_page.keyboard.press("Tab")
    assert table.evaluate("element => element === document.activeElement")
    # The mark of the highest mean is further to the right than that of the lowest.
    marks = [study_page.locator(".range span").nth(i).evaluate(
        "element => parseFloat(getComputedStyle(element, '::after').left)") for i in (0, 1)]
    assert marks[0] > marks[1] + 20
