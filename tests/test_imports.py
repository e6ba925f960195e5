"""Who may import whom, and what every module has."""
import ast
import importlib
import inspect
import pathlib
import subprocess
import sys

import pytest

PACKAGE = pathlib.Path(__file__).parent.parent / "tf_disentangle"
FILES = sorted(PACKAGE.rglob("*.py"))

# A module has the level of its longest prefix here, and imports from lower levels or from its
# own package.
LEVELS = {
    "": 0, "aliases": 0, "errors": 0, "interrupts": 0, "atomic": 0.1, "json_files": 0.15,
    "keras_files": 0.15, "progress_line": 0.15,
    "patterns": 0.1,
    "configuration": 0.2, "tables": 0.2,
    "factors": 0.5, "runs": 0.5,
    "data": 1, "losses": 1, "replicas": 1, "jacobian": 1.2,
    "evaluation": 1, "evaluation.metrics": 1,
    "annealing": 1.5, "reconstruction": 1.5,
    "priors": 2, "networks": 2, "penalties": 2, "optimizers": 2,
    "models": 3, "rotation": 3.5,
    "training": 4, "export": 4, "postprocessing": 4, "visualize": 4, "parts": 4.5,
    "trained": 4.7, "pretrained": 4.8,
    "training.train": 5, "training.run": 5, "training.outcome": 5, "training.initial": 5,
    "rotation.run": 5, "visualize.visualize_model": 5,
    "evaluation.of_models.model_functions": 4, "evaluation.of_models": 5,
    "evaluation.evaluate": 5, "evaluation.validate": 5,
    "report": 5.5, "studies": 6, "cli": 7,
}

# A package's __init__ names its entry points too, which lie above the rest of it.
RE_EXPORTS = {("training", "training.train"), ("visualize", "visualize.visualize_model")}

pytestmark = pytest.mark.contract


def module_name(path):
    """Dotted name within the package; "" for the package itself."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in FILES}


def level(module):
    while module not in LEVELS:
        module = module.rpartition(".")[0]
        assert module, "a module without a level"
    return LEVELS[module]


def package_of(module):
    """The top package; the files of level 0 count as one."""
    return module.split(".")[0] if level(module) else ""


def imported(path):
    """Absolute names of all modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                is_module = inner.removeprefix("tf_disentangle.") in MODULES
                yield inner if is_module else node.module


def own_imports(path):
    return sorted({name.removeprefix("tf_disentangle").removeprefix(".")
                   for name in imported(path) if name.split(".")[0] == "tf_disentangle"})


def is_allowed(module, target):
    if (module, target) in RE_EXPORTS or level(target) < level(module):
        return True
    return package_of(target) == package_of(module) and level(target) <= level(module)


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down(module):
    wrong = [target for target in own_imports(MODULES[module])
             if not is_allowed(module, target)]
    assert wrong == []


def test_the_rule_itself():
    assert own_imports(PACKAGE / "training" / "train.py")[:2] == [
        "configuration.parsing", "configuration.registry"]
    assert not is_allowed("penalties.penalty", "models")
    assert not is_allowed("losses", "models") and not is_allowed("training.loop", "training.train")
    assert is_allowed("configuration", "errors")
    assert is_allowed("evaluation.evaluate", "postprocessing")
    assert RE_EXPORTS <= {(module, target) for module in MODULES
                          for target in own_imports(MODULES[module])}


def test_gin_is_known_to_the_files_that_read_it_alone():
    knowing = [module for module, path in MODULES.items()
               if any(name.split(".")[0] == "gin" for name in imported(path))]
    assert knowing == [
        "configuration.gin_errors", "configuration.parsing", "configuration.references",
        "configuration.registry"]


# What needs a model, or TensorFlow's pipelines: all else in these packages goes without.
WITH_TENSORFLOW = ("data.tf_data", "evaluation.evaluate", "evaluation.of_models",
                   "evaluation.validate", "trained")
WITHOUT_TENSORFLOW = [
    module for module in MODULES if not module.startswith(WITH_TENSORFLOW) and (
        level(module) < 1
        or package_of(module) in ("data", "evaluation", "runs", "studies", "tables", "pretrained")
        or module in ("cli.program", "cli.compare", "cli.evaluate", "cli.prepare_data",
                      "cli.report", "cli.study"))]


def test_data_metrics_and_scores_of_arrays_do_without_tensorflow():
    assert {"evaluation.of_arrays", "evaluation.catalog", "evaluation.scores", "data.npz",
            "evaluation.comparison", "evaluation.array_file", "evaluation.uncertainty",
            "evaluation.metrics.mig", "runs.settings", "atomic"} <= set(WITHOUT_TENSORFLOW)
    program = ("import importlib, sys\n"
               "for name in sys.argv[1:]:\n"
               "    importlib.import_module(f'tf_disentangle.{name}'.rstrip('.'))\n"
               "    found = {'tensorflow', 'keras', 'matplotlib'} & set(sys.modules)\n"
               "    assert not found, f'{name} imports {found}'\n")
    subprocess.run([sys.executable, "-c", program, *WITHOUT_TENSORFLOW], cwd=PACKAGE.parent,
                   check=True)


@pytest.mark.parametrize("module", MODULES)
def test_files_are_short_and_say_what_they_are(module):
    text = MODULES[module].read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    assert ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("module", MODULES)
def test_public_names_exist_and_say_what_they_are(module):
    loaded = importlib.import_module(f"tf_disentangle.{module}".rstrip("."))
    names = getattr(loaded, "__all__", [])
    assert sorted(set(names)) == sorted(names)
    for name in names:
        value = getattr(loaded, name)
        if inspect.isclass(value) or inspect.isroutine(value) or inspect.ismodule(value):
            # A class without a docstring has its base's: only its own counts.
            own = vars(value).get("__doc__") if inspect.isclass(value) else value.__doc__
            assert own, name
