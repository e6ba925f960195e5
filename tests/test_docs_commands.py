"""Commands and gin lines that README.md and docs/ show: programs, flags, files and names exist.

The commands are given to bash, where every program is a script that notes what it is called
with; so loops, braces and quotes count as they do for a reader. PATH holds these scripts alone.
"""
import collections
import functools
import os
import re
import shutil
import subprocess
import sys

import pytest
from gin import config as gin_internals
from helpers import declared, pages

from tf_disentangle import parts
from tf_disentangle.configuration import gin_files, parsing
from tf_disentangle.data import named_data
from tf_disentangle.evaluation.of_models import suite
from tf_disentangle.studies import page as page_lib
from tf_disentangle.studies import selection

pytestmark = pytest.mark.contract

PROGRAMS = ("train", "evaluate", "compare", "study", "visualize", "visualize_dataset", "report",
            "rotate", "prepare_data", "test")
STUB = """#!/bin/sh
printf '%s\\t' "$0" "$@" >>"$CALLS"
echo >>"$CALLS"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What a reader has: the programs, and the files that the pages show."""
    path = tmp_path_factory.mktemp("reader")
    with declared.restored():               # the pages declare metrics, too
        yield _written(path)


def _written(path):
    pages.write_files(path)
    for directory, names in (("bin", PROGRAMS), ("path", ("pip", "python"))):
        path.joinpath(directory).mkdir()
        for name in names:
            path.joinpath(directory, name).write_text(STUB)
            path.joinpath(directory, name).chmod(0o755)
    return path


@pytest.fixture
def here(folder, monkeypatch):
    """The tests work where a reader would."""
    monkeypatch.chdir(folder)
    return folder


def _calls(folder, command):
    """The calls of programs that a shell makes, as lists of words."""
    noted = folder / "calls"
    noted.write_text("")
    subprocess.run([shutil.which("bash"), "-eu", "-c", command], cwd=folder, check=True,
                   env={"PATH": str(folder / "path"), "CALLS": str(noted)})
    return [line.split("\t")[:-1] for line in noted.read_text().splitlines()]


@functools.cache
def _flags(program):
    """The flags of a program, as its help lists them: name -> whether it takes a value."""
    listed = subprocess.run(
        [sys.executable, "-m", f"tf_disentangle.cli.{program}", "--help"], check=True, text=True,
        capture_output=True, env={**os.environ, "PYTHONPATH": str(pages.ROOT)}).stdout
    found = re.findall(r"^  --(\[no\])?(\w+)", listed, re.MULTILINE)
    return {no + name: not switch for switch, name in found for no in ["", "no"][:1 + bool(switch)]}


def _parsed(program, words):
    """({flag: values}, names) of a command's words."""
    values, names = collections.defaultdict(list), []
    words = iter(words)
    for word in words:
        if not word.startswith("--"):
            names.append(word)
            continue
        flag, equals, value = word[2:].partition("=")
        assert flag in _flags(program), f"bin/{program} has no flag --{flag}"
        if _flags(program)[flag]:
            values[flag].append(value if equals else next(words))
    return values, names


def _check_gin(values, names):
    """Gin files and metrics are there, and take the bindings."""
    chosen = ",".join(values["metrics"])
    runs = [values["gin_file"] + values["gin_config"]]
    runs += [[name] for name in names if name.endswith(".gin")]
    runs += [[str(path)] for path in (suite.metric_files(chosen.split(",")) if chosen else [])
             if path.suffix == ".gin"]  # what a page declares has no file
    for files in runs:
        with parts.parsed(files, values["gin_bindings"]):
            pass
    settings = [key for key in values["x"] if not key.startswith("train.")]  # else a final loss
    with parts.parsed(bindings=[f"{key} = None" for key in settings + values["by"]]):
        pass  # an unknown name or parameter would have been an error
    for score in values["y"]:
        assert gin_files.find_gin_file(score.partition(".")[0] + ".gin")


def _check(program, words):
    if program == "test":
        assert not words  # arguments would be pytest's
        return
    values, names = _parsed(program, words)
    if program == "study":
        _check_study(values, names)
        return
    assert program in ("compare", "visualize", "visualize_dataset", "prepare_data") or not names
    if program in ("prepare_data", "visualize_dataset"):
        assert set(names) <= set(named_data.dataset_names())
    _check_gin(values, names)


def _check_study(values, names):
    """The study is there, in a folder of a study's own perhaps, and has runs like these."""
    name, = names
    if name.startswith("studies/"):
        name = os.path.basename(name)
    made = page_lib.read(name)
    selection.Selection(values["only"], "only").check(made)
    assert all(made.run_numbered(int(number)) for number in values["model_num"])


def _check_script(words):
    """A call of Python: the script is there and knows the flags."""
    script = pages.ROOT.joinpath(words[0])
    assert script.is_file(), f"There is no {words[0]}"
    for flag in [word for word in words[1:] if word.startswith("--")]:
        assert f'"{flag}"' in script.read_text(encoding="utf-8")


COMMANDS = [pytest.param(page, command, id=f"{page}-{number}") for page in pages.PAGES
            for number, command in enumerate(pages.commands(page))]


@pytest.mark.skipif(not shutil.which("bash"), reason="the commands need bash")
@pytest.mark.parametrize("page, command", COMMANDS)
def test_commands_are_right(page, command, here):
    calls = _calls(here, command)
    assert calls
    for path, *words in calls:
        program = os.path.basename(path)
        if program == "python":
            _check_script(words)
        elif program == "pip":
            assert words[0] == "install" and words[1:] in (
                ["."], [".[gpu]"], [".[mlflow]"], [".[study]"], [".[tables]"], [".[tfds]"])
        else:
            _check(program, words)


def test_no_command_escapes():
    for page in pages.PAGES:
        assert not re.search(r"^( {4}|\t)\s*bin/", pages.prose(page), re.MULTILINE), page
        assert "bin/" not in "".join(pages.blocks(page, "") + pages.blocks(page, "text")), page


def test_every_flag_is_in_the_table():
    rows = re.findall(r"^\| (`--.*?`) \| ([^|]+) \|", pages.text("docs/running.md"), re.MULTILINE)
    listed = {program: set() for program in PROGRAMS if program != "test"}
    for flags, programs in rows:
        for program in listed if programs == "all" else programs.split(", "):
            listed[program] |= set(re.findall(r"--(\w+)", flags))
    flags_of = {program: set(_flags(program)) for program in listed}
    # Every program has these; the table names those that do not refuse them.
    common = set.intersection(*flags_of.values())
    for program, names in listed.items():
        there = flags_of[program]
        assert names <= there, program
        assert not _unlisted(there - common, names), program
    assert not _unlisted(common, set().union(*listed.values()))


def _unlisted(flags, names):
    # A switch, which has a form with "no", may be listed by that form.
    return {flag for flag in flags if not {flag, f"no{flag}"} & names
            and not (flag.startswith("no") and flag[2:] in flags)}


@pytest.mark.parametrize("page", [page for page in pages.PAGES if pages.blocks(page, "gin")])
def test_gin_blocks_parse(page, here):
    for index, code in enumerate(pages.blocks(page, "gin")):
        here.joinpath(f"block_{index}.gin").write_text(code)
        with parts.parsed([f"block_{index}.gin"]):
            assert parsing.current_config()


NAMES = sorted({name for page in pages.PAGES for span in pages.code_spans(page)
                for name in re.findall(r"@(\w+)", span)})


@pytest.mark.parametrize("name", NAMES)
def test_gin_names_are_registered(name, folder):
    assert gin_internals._REGISTRY.get_match(name) is not None


SETTINGS = sorted({span for page in pages.PAGES for span in pages.code_spans(page)
                   if re.fullmatch(r"[a-z_]+\.[a-z_]\w* = .+", span)})
KEYS = sorted({span for span in pages.code_spans("docs/settings.md")
               if re.fullmatch(r"(model|encoder|decoder|reconstruction_loss|vae_optimizer|dataset|"
                               r"evaluation|discretizer|local_sample_factors|train)\.\w+", span)})


@pytest.mark.parametrize("binding", SETTINGS + [f"{key} = None" for key in KEYS])
def test_settings_exist(binding, folder):
    with parts.parsed(bindings=[binding]):
        assert parsing.current_config()


FILES = sorted({span for page in pages.PAGES for span in pages.code_spans(page)
                if re.fullmatch(r"[\w/]+\.gin", span)})


@pytest.mark.parametrize("name", FILES)
def test_gin_files_exist(name, here):
    assert gin_files.find_gin_file(name).is_file()
