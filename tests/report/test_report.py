"""The page about a run: what it shows, of whatever there is, and that user text stays text."""
import html.parser
import json
import pathlib
import re
import shutil

import numpy as np
import pytest
from helpers import tiny_run

from tf_disentangle import errors, json_files, report
from tf_disentangle.data import ground_truth_data
from tf_disentangle.report import curves, facts, latents, scores
from tf_disentangle.report import subject as subject_lib
from tf_disentangle.runs import figures, origin, results

EVIL = '<script>alert("a")</script><b x=\'&amp;'


class Reader(html.parser.HTMLParser):
    """The ids, addresses and headings of a page, and whether its elements are closed in order."""

    EMPTY = {"meta", "link", "img", "input", "br", "use", "path"}

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.addresses, self.tags, self.headings = [], [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        self.tags.append(tag)
        if "id" in named:
            self.ids.append(named["id"])
        self.addresses += [named[name] for name in ("src", "href") if named.get(name)]
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.EMPTY:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "h2":
            self.headings.append(data)


def page_of(model_dir, **options):
    path, missing = report.write_report(model_dir, **options)
    return path.read_text(encoding="utf-8"), missing


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return page_of(tiny_run.finished_run(), output_dir=tmp_path_factory.mktemp("page"))


def explorer_of(text):
    return json.loads(re.search(r'id="explorer-data">(.*?)</script>', text, re.DOTALL)[1])


def test_whole_page(whole):
    text, missing = whole
    assert missing == []
    read = Reader(text)
    assert len(set(read.ids)) == len(read.ids)
    assert read.headings == [
        "Move a slider, see what a latent does", "Traversals", "Jacobian columns",
        "Reconstructions and samples", "Which latent answers to which factor", "Scores", "Losses",
        "What was trained"]
    # Nothing is loaded from elsewhere.
    assert all(address.startswith(("data:", "#")) for address in read.addresses)
    assert {address[1:] for address in read.addresses if address[0] == "#"} <= set(read.ids) | {
        address[1:] for address in read.addresses if len(address) == 12}
    assert "default-src 'none'" in text and len(text) < 2e6
    assert re.search(r"Codes without information\s+reach 0\.0\d by chance", text)


def test_explorer_has_a_slider_for_each_latent(whole):
    data = explorer_of(whole[0])
    assert sorted(data["latents"]) == [0, 1, 2] and data["shape"] == [8, 8, 1]
    order = [int(latent) for latent in re.findall(r'data-latent="(\d+)"', whole[0])]
    assert order == data["latents"]
    assert np.shape(data["starts"]) == (12, 3) and np.shape(data["samples"]) == (64, 3)
    assert data["limit"] >= np.abs(data["starts"]).max()


def test_says_what_was_trained(whole):
    text = whole[0]
    assert "This model (vae) has 3 latents and was trained on tiny for 12 steps of 4" in text
    for name, value in (("Steps", "12 of 12"), ("Penalties", "jacobian_l1 (weight = 0.1)"),
                        ("Estimator of the Jacobian", "sampled (num_directions = 1)")):
        assert f'<th scope="row">{name}</th><td>{value}' in text
    assert f"bin/train --gin_file {tiny_run.finished_run()}/config.gin" in text
    assert text.count('class="curve"') == 6


def test_report_is_in_the_run_by_default_and_replaced(tmp_path):
    model_dir = tiny_run.copy_of_finished_run(tmp_path)
    (model_dir / "report.html").write_text("old")
    path, _ = report.write_report(model_dir)
    assert path == model_dir / "report.html" and path.read_text().startswith("<!DOCTYPE html>")
    assert not list(model_dir.glob(".*unfinished*"))


def evaluated(model_dir, name, values, config):
    folder = model_dir / "evaluation" / name / "results" / "json"
    folder.mkdir(parents=True)
    shutil.copy(results.results_path(model_dir, "train"), folder / "train_results.json")
    json_files.save(values, folder / "evaluation_results.json")
    json_files.save(config, folder / "evaluation_config.json")


def test_scores_with_meaning_range_and_direction(tmp_path):
    model_dir = tiny_run.copy_of_finished_run(tmp_path)
    evaluated(model_dir, "mig", {"discrete_mig": 0.25, "discrete_mig:standard_error": 0.01,
                                 "elapsed_time": 3.0}, {"evaluation.evaluation_fn": "@mig"})
    found, missing = [], []
    found = scores.read_scores(model_dir, missing)
    assert missing == [] and found[0]["scores"] == [("discrete_mig", 0.25, 0.01)]
    assert found[0]["meaning"].startswith("Mutual information gap")
    assert found[0]["direction"] == "discrete_mig: 0 to 1, higher"


def test_text_of_users_is_escaped(tmp_path, monkeypatch):
    """Names of runs, factors, settings, losses, scores, data, warnings, and gin text."""
    model_dir = tiny_run.copy_of_finished_run(tmp_path)
    monkeypatch.setattr(tiny_run.TinyData, "factor_names", ["a" + EVIL, "b" + EVIL])
    evaluated(model_dir, "m" + EVIL.replace("/", ""), {
        "s" + EVIL: 0.5, "notes": ["warning: " + EVIL]}, {"evaluation.evaluation_fn": "@" + EVIL})
    with open(model_dir / "losses.jsonl", "a") as log:
        log.write(json.dumps({"step": 1, "l" + EVIL: 2.0}) + "\n")
    with open(model_dir / "config.gin", "a") as config:
        config.write(f"# {EVIL}\n")
    path = results.config_path(model_dir, "train")
    given = json_files.load(path)
    json_files.save({**given, "encoder.num_latent": repr(EVIL)}, path)
    path = results.results_path(model_dir, "train")
    json_files.save({**json_files.load(path), "data_description": EVIL}, path)
    moved = model_dir.rename(tmp_path / ("r" + EVIL.replace("/", "")))
    text, _ = page_of(moved, ground_truth_data=tiny_run.TinyData())
    assert "<script>alert" not in text and "<b x=" not in text
    read = Reader(text)
    assert read.tags.count("script") == 4
    assert text.count("&lt;script&gt;alert") >= 10
    assert read.tags.count("b") == Reader(page_of(
        tiny_run.finished_run(), output_dir=tmp_path / "other")[0]).tags.count("b") + 1  # a panel


def test_explorer_data_cannot_end_the_script(tmp_path, monkeypatch):
    monkeypatch.setattr(report.report.explorer, "explorer",
                        lambda *args: {"reason": "", "shape": [8, 8, 1], "latents": [0],
                                       "limit": 3, "starts": [], "codes": [],
                                       "x": "</script>" + EVIL, "differenceLimit": 1.0,
                                       "columnLimit": 1.0})
    text, _ = page_of(tiny_run.finished_run(), output_dir=tmp_path)
    assert explorer_of(text)["x"] == "</script>" + EVIL


def test_run_that_has_not_finished(tmp_path):
    model_dir = tiny_run.copy_of_finished_run(tmp_path)
    shutil.rmtree(model_dir / "results")
    (model_dir / "model.keras").unlink()
    with open(model_dir / "losses.jsonl", "a") as log:
        log.write('{"step": 20, "lo')
    text, missing = page_of(model_dir)
    assert missing == ["The run has not finished: this page shows what there is so far.",
                       "Damaged lines of losses.jsonl are left out: 1."]
    assert all(line in text for line in missing)
    assert Reader(text).headings == ["Scores", "Losses", "What was trained"]
    assert "has 3 latents" in text and "12 of 12" in text


def test_model_that_cannot_be_loaded(tmp_path):
    model_dir = tiny_run.copy_of_finished_run(tmp_path)
    (model_dir / "model.keras").write_bytes(b"no zip file")
    text, missing = page_of(model_dir)
    assert len(missing) == 1 and missing[0].startswith("There are no pictures of the model: Cannot")
    assert "Not everything is here." in text and "Losses" in Reader(text).headings


def test_damaged_results_and_scores(tmp_path):
    model_dir = tiny_run.copy_of_finished_run(tmp_path)
    evaluated(model_dir, "mig", {"discrete_mig": 0.25}, {"evaluation.evaluation_fn": "@mig"})
    results.results_path(model_dir, "train").write_text("{")
    results.results_path(model_dir / "evaluation" / "mig", "evaluation").write_text("[]")
    text, missing = page_of(model_dir)
    assert any("train_results.json is not a JSON file" in line for line in missing)
    assert any(line.startswith("The evaluation mig is left out") for line in missing)
    assert "Jacobian columns" in Reader(text).headings


def test_results_of_wrong_kinds(tmp_path):
    model_dir = tiny_run.copy_of_finished_run(tmp_path)
    path = results.results_path(model_dir, "train")
    json_files.save({**json_files.load(path), "loss": "low", "global_step": None}, path)
    found = facts.facts_of(model_dir)
    assert found.missing == [f"{path} is damaged: global_step, loss left out."]
    assert ("Steps", "12 of 12") in found.rows and "loss was" not in found.sentence


def test_scores_of_another_model_are_marked(tmp_path):
    model_dir = tiny_run.copy_of_finished_run(tmp_path)
    evaluated(model_dir, "mig", {"discrete_mig": 0.25}, {"evaluation.evaluation_fn": "@mig"})
    path = results.results_path(model_dir, "train")
    json_files.save({**json_files.load(path), "uuid": "other"}, path)
    assert page_of(model_dir)[1] == [
        "The evaluation mig is not of the model that is here now."]


def test_without_the_data(tmp_path):
    model_dir = tiny_run.copy_of_finished_run(tmp_path)
    path = results.config_path(model_dir, "train")
    json_files.save({**json_files.load(path), "dataset.name": "'gone'"}, path)
    text, missing = page_of(model_dir)
    assert len(missing) == 1 and missing[0].startswith("Pictures of the data are left out")
    assert "\n" not in missing[0] and "In call to" not in missing[0]
    assert explorer_of(text)["starts"] == [] and "Samples" in text


def test_figures_of_an_earlier_model_are_left_out(tmp_path):
    model_dir = tiny_run.copy_of_finished_run(tmp_path)
    names = ["aggregate_posterior.png", "posteriors.png"]
    (model_dir / "figures").mkdir()
    for name in names:
        (model_dir / "figures" / name).write_bytes(b"\x89PNG\r\n\x1a\n" + name.encode())
    figures.note(model_dir, names)
    text, missing = page_of(model_dir)
    assert missing == [] and "Figures of the run" in Reader(text).headings
    assert all(f"<b>{title}.</b>" in text for title in ("Aggregate posterior", "Posteriors"))
    path = results.results_path(model_dir, "train")
    json_files.save({**json_files.load(path), "uuid": "that of more steps"}, path)
    text, missing = page_of(model_dir)
    assert missing == ["Figures that are older than the model are left out; bin/visualize draws "
                       "new ones."]
    assert missing[0] in text and "Figures of the run" not in Reader(text).headings


def test_no_run(tmp_path):
    with pytest.raises(errors.UserError, match="There is no run in"):
        report.write_report(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_output_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "page" / "report.html").mkdir(parents=True)
    for folder in ("file", "page"):
        with pytest.raises(errors.UserError, match="Cannot write"):
            report.write_report(tiny_run.finished_run(), tmp_path / folder)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "page", "report.html"]


def trained(tmp_path, *bindings):
    tiny_run.train(tmp_path / "run", "model.training_steps = 2", "train.steps_per_call = 2",
                   "train.log_every = 2", *bindings)
    return page_of(tmp_path / "run")


def test_two_latents_have_a_plane(tmp_path):
    text, missing = trained(tmp_path, "encoder.num_latent = 2")
    assert missing == [] and 'data-part="plane"' in text
    assert np.shape(explorer_of(text)["codes"]) == (256, 2)


def test_many_latents_are_folded_away(tmp_path):
    text, missing = trained(tmp_path, "model.model = @pca()", "encoder.num_latent = 22",
                            "encoder.encoder_fn = @fc_encoder", "model.batch_size = 30")
    assert missing == [] and Reader(text).headings[0].startswith("Move a slider")
    before, _, after = text.partition("<summary>2 further latents</summary>")
    assert (before.count('type="range"'), after.count('type="range"')) == (20, 2)
    assert "<summary>2 further traversals</summary>" in text
    assert "<summary>2 further columns</summary>" in text and text.count("11 pictures, in") == 22


def test_colour_and_student_t(tmp_path):
    text, missing = trained(tmp_path, "dataset.name = 'tiny_colour'",
                            "vae.prior = @student_t_prior()", "student_t_prior.df = 3.0",
                            "student_t_prior.kl_mode = 'monte_carlo'")
    assert missing == [] and explorer_of(text)["shape"] == [8, 8, 3]
    assert "student_t_prior (df = 3.0, " in text and "KL" in text


def test_points(tmp_path):
    text, missing = trained(
        tmp_path, "dataset.name = 'pinwheel'", "encoder.encoder_fn = @fc_encoder",
        "decoder.decoder_fn = @mlp_decoder", "mlp_decoder.num_hidden = 4",
        "reconstruction_loss.loss_fn = @normal_loss", "vae.penalties = []",
        "reconstruction_loss.activation = 'linear'", "encoder.num_latent = 2")
    assert missing == []
    data = explorer_of(text)
    assert data["shape"] == [2] and np.shape(data["observations"]) == (256, 2)
    assert text.count("<svg") == 2 + text.count('class="curve"')


def test_linear_model_shows_its_columns(tmp_path):
    text, missing = trained(tmp_path, "model.model = @pca()", "encoder.encoder_fn = @fc_encoder")
    assert missing == [] and "Columns of the linear model" in text
    weights = [float(norm) for norm in re.findall(r"<span>column norm ([\d.]+)", text)]
    assert weights == sorted(weights, reverse=True) and len(weights) == 3


def test_rows_of_a_table(tmp_path):
    np.save(tmp_path / "rows.npy", np.random.RandomState(0).standard_normal((40, 4)))
    text, missing = trained(
        tmp_path, "dataset.name = 'table'", f"table.path = '{tmp_path}/rows.npy'",
        "train.validation_fraction = 0.25", "train.validate_every = 2", "vae.penalties = []",
        "vae.annealing_steps = 0",
        "encoder.encoder_fn = @dense_encoder", "decoder.decoder_fn = @dense_decoder",
        "dense_encoder.num_hidden = 4", "dense_decoder.num_hidden = 4")
    data = explorer_of(text)
    assert missing == [] and [column["name"] for column in data["columns"]] == [
        f"column_{i}" for i in range(4)]
    rows = np.load(tmp_path / "rows.npy")
    for column, values in zip(data["columns"], rows.T):
        assert column["low"] <= values.min() + 1e-6 and column["high"] >= values.max() - 1e-6
    assert ">row 3</span>" in text and text.count('<i class="dot">') == 4
    assert "was trained on table rows.npy for" in text
    assert ">of step 2, with the lowest loss of held-out observations (" in text
    assert "Dashed: those that are held out" in text and "#e76300" in text


def test_two_columns_of_a_table_are_no_points(tmp_path):
    rows = np.random.RandomState(0).uniform(1, 2, (40, 2)) * [1e-6, 1e6]
    np.savetxt(tmp_path / "rows.csv", rows, delimiter=",", header="length,load", comments="")
    text, missing = trained(
        tmp_path, "dataset.name = 'table'", f"table.path = '{tmp_path}/rows.csv'",
        "vae.penalties = []", "vae.annealing_steps = 0", "encoder.num_latent = 2",
        "encoder.encoder_fn = @dense_encoder", "decoder.decoder_fn = @dense_decoder",
        "dense_encoder.num_hidden = 4", "dense_decoder.num_hidden = 4")
    data = explorer_of(text)
    assert missing == [] and text.count('<i class="dot">') == 2
    assert [column["name"] for column in data["columns"]] == ["length", "load"]
    for column, values in zip(data["columns"], rows.T):
        assert column["low"] <= values.min() * (1 + 1e-6)
        assert values.max() * (1 - 1e-6) <= column["high"] < 10 * values.max()
    assert np.shape(data["codes"]) == (256, 2) and data["observations"] == []


def test_points_are_as_exact_in_any_unit():
    assert report.report.explorer._rounded(np.array([[1.23456789e-6, -1234567.89]])) == [
        [1.23457e-6, -1234570.0]]


def test_says_why_a_run_has_stopped_early(tmp_path):
    model_dir = tiny_run.copy_of_finished_run(tmp_path)
    path = results.results_path(model_dir, "train")
    because = "no lower validation loss in 5 evaluations, one every 200 steps"
    json_files.save({**json_files.load(path), "stopped_early": True, "stopped_because": because,
                     "best_step": 1800, "validation_loss": 16.958}, path)
    rows = dict(facts.facts_of(model_dir).rows)
    assert rows["Stopped early"] == because
    assert rows["Weights"] == (
        "of step 1,800, with the lowest loss of held-out observations (16.96)")
    json_files.save({**json_files.load(path), "stopped_early": False, "validation_loss": "x"},
                    path)
    found = facts.facts_of(model_dir)
    assert not {"Stopped early", "Weights"} & set(dict(found.rows))
    assert found.missing == [f"{path} is damaged: validation_loss left out."]


def test_held_out_losses_are_a_curve_of_their_own():
    losses = {"loss": [(1, 3.0), (2, 2.0)], "x": [(1, 1.0), (2, 1.0)]}
    held_out = {"loss": [(1, 9.0), (2, float("nan")), (3, 8.0)], "x": [(1, float("nan"))]}
    alone, beside = curves.loss_curves(losses, {}), curves.loss_curves(losses, {}, held_out)
    assert [curve["points"] for curve in alone] == [curve["points"] for curve in beside]
    assert beside[0]["y"][1] > 9 > 3.5 > alone[0]["y"][1] and beside[0]["x"][1] > 3
    assert "#e76300" in beside[0]["svg"] and "#e76300" not in alone[0]["svg"]
    assert beside[1]["svg"] == alone[1]["svg"]


def test_own_decoder_falls_back_to_traversals(tmp_path, monkeypatch):
    def refuse(model):
        raise report.report.explorer.decoder.Unsupported("it has a layer of its own")
    monkeypatch.setattr(report.report.explorer.decoder, "carried_over", refuse)
    text, _ = page_of(tiny_run.finished_run(), output_dir=tmp_path)
    assert "cannot run the decoder, because it has a layer of its own." in text
    assert "traversals</a> below show decoded pictures instead" in text
    assert "explorer-data" not in text and "11 pictures" in text


def test_heat_map_finds_the_latent_of_a_factor(monkeypatch):
    class Model:
        num_latent, observation_shape = 2, [2, 1, 1]
        prior = type("Prior", (), {"sample": staticmethod(
            lambda num, seed: np.zeros([num, 2], np.float32))})

        def encode(self, images):
            flat = np.reshape(images, (len(images), 2))
            return flat[:, ::-1], np.zeros_like(flat)

    class Data(ground_truth_data.GroundTruthData):
        observation_shape, factors_num_values = [2, 1, 1], [4, 1, 4]
        factor_names = ["a", "constant", "b"]

        def sample_factors(self, num, random_state):
            return random_state.randint(4, size=(num, 3)) * [1, 0, 1]

        def sample_observations_from_factors(self, factors, random_state):
            return (factors[:, [0, 2]] / 3).astype(np.float32).reshape(-1, 2, 1, 1)

    subject = subject_lib.Subject(Model(), Data())
    found = latents.heat_map(subject)
    assert found.names == ["a", "b"]
    # Latent 0 is factor b and latent 1 factor a; the others are independent.
    np.testing.assert_allclose(found.shares, [[0, 1], [1, 0]], atol=0.005)
    assert found.followed() == ["b", "a"]
    assert found.chance_level.max() < 0.01
    for kl, follows in (([3.0, 0.2], ["b", "a"]), ([3.0, 0.05], ["b", ""])):
        monkeypatch.setattr(latents.model_images, "kl_of_latents",
                            lambda *_, kl=kl: (np.array(kl), "the prior"))
        assert [latent.follows for latent in latents.latents(subject, found)[0]] == follows


def test_loss_curves_are_thinned_and_named():
    losses = {"loss": [(step, 1.0 / step) for step in range(1, 2001)],
              "x": [(1, float("nan")), (2, 1.0)], "nan": [(1, float("nan"))]}
    found = curves.loss_curves(losses, {"x": "x (weight = 2)"})
    assert [curve["name"] for curve in found] == ["loss", "x"]
    assert found[0]["points"][-1] == (2000, 1 / 2000) and len(found[0]["points"]) <= 400
    assert found[0]["points"][0][0] < found[0]["points"][1][0]
    assert found[1]["points"] == [(2, 1.0)] and "x (weight = 2)" in found[1]["meaning"]
    assert "currentColor" in found[0]["svg"] and "#010203" not in found[0]["svg"]
    assert not re.search(r'<g id=|<style|<metadata| width="', found[0]["svg"].split(">")[0])


def test_says_what_a_run_has_started_from(tmp_path):
    model_dir = tiny_run.copy_of_finished_run(tmp_path)
    path = results.results_path(model_dir, "train")
    assert "starting from" not in facts.facts_of(model_dir).sentence
    json_files.save({**json_files.load(path), "init_from": "pretrained:x"}, path)
    found = facts.facts_of(model_dir)
    assert "for 12 steps of 4 observations, starting from the weights of pretrained:x." in (
        found.sentence)
    assert ("Started from", "pretrained:x") in found.rows


@pytest.mark.parametrize("config, data", [
    ("dataset.name = 'npz'\nnpz.path = 'a/mine.npz'", "npz mine.npz"),
    ("dataset.name = 'image_folder'\nimage_folder.path = 'my/photos'", "image_folder photos")])
def test_says_so_of_a_run_on_own_data_that_has_not_finished(tmp_path, config, data):
    (tmp_path / "config.gin").write_text(config)
    origin.note(tmp_path, config, {"place": "/runs/before", "sha256": "0"})
    found = facts.facts_of(tmp_path)
    assert f"trained on {data} for 0 steps, starting from the weights of /runs/before." in (
        found.sentence)
    assert ("Started from", "/runs/before") in found.rows


def test_facts_of_a_run_from_python(tmp_path):
    model_dir = tiny_run.copy_of_finished_run(tmp_path)
    (model_dir / "config.gin").unlink()
    found = facts.facts_of(model_dir)
    assert "config.gin cannot be read" in found.missing[0]
    assert pathlib.Path(model_dir).name == found.name
