"""The programs in bin/: which Python they use, and what they pass on; what setup.py installs.

Of the programs, no pip and no network: every program that they call is on a PATH of its own. There,
`python3` is a script that notes its calls and answers as the environment says: FAKE_VERSION is its
minor version, FAKE_PACKAGES what it has, PIP_FAILS that its pip fails, RUFF_FAILS that it finds a
fault in the style, NO_VENV that it cannot make an environment.
"""
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import types

import pytest

import tf_disentangle

pytestmark = [pytest.mark.contract,
              pytest.mark.skipif(os.name == "nt", reason="the programs need a POSIX shell")]

ROOT = pathlib.Path(__file__).parent.parent
TOOLS = ["cat", "cksum", "cp", "cut", "dirname", "grep", "mkdir", "readlink", "rm", "sleep", "tail",
         "uname"]
PYTHON = """#!/bin/sh
note() { printf '%s\\n' "$*" >>"$FAKE_NOTES"; }
case "$1 $2" in
    -c*version_info*) exec {python} -IS -c "
import sys
sys.version_info = (3, ${FAKE_VERSION-11}, 0)
$2" ;;
    -c*find_spec*)
        case "$0 $4" in
            */.venv/*) exit 1 ;;
            *xdist) case "$FAKE_PACKAGES" in *xdist*) exit 0 ;; esac ;;
            *) case "$FAKE_PACKAGES" in *tf_disentangle*) exit 0 ;; esac ;;
        esac
        exit 1 ;;
    -c*flock*) exec {python} -IS "$@" ;;
    -c*) ;;
    "-m venv")
        note venv
        [ -z "$NO_VENV" ] || exit 1
        mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
    "-m pip")
        note pip
        for last; do :; done
        printf '%s\\n' "$last" >>"$FAKE_NOTES.pip"
        sleep "${PIP_SECONDS-0}"
        [ -z "$PIP_FAILS" ] || { echo "noise"; echo "ERROR: No space left" >&2; exit 1; } ;;
    "-m ruff")
        note ruff
        [ -z "$RUFF_FAILS" ] ;;
    *)
        note ran
        for argument in "$0" "$PYTHONPATH" "$TF_CPP_MIN_LOG_LEVEL" "$TF_ENABLE_ONEDNN_OPTS" "$@"
        do
            printf '%s\\n' "$argument"
        done
        exit "${FAKE_EXIT-0}" ;;
esac
"""

# Runs setup.py with a stand-in for setuptools, and prints the version that it is given.
VERSION = """
import runpy, sys, types
sys.modules["setuptools"] = types.SimpleNamespace(
    find_packages=lambda **arguments: [], setup=lambda **arguments: print(arguments["version"]))
runpy.run_path("setup.py")
assert "tf_disentangle" not in sys.modules
"""


@pytest.fixture
def clone(tmp_path):
    """A clone in a folder whose name has spaces, and what runs its programs."""
    root = tmp_path / "a clone of it"
    shutil.copytree(ROOT / "bin", root / "bin")
    shutil.copy(ROOT / "setup.py", root)
    path = tmp_path / "path"
    path.mkdir()
    for tool in TOOLS:
        (path / tool).symlink_to(shutil.which(tool))
    fake = path / "python3"
    fake.write_text(PYTHON.replace("{python}", shlex.quote(sys.executable)))
    fake.chmod(0o755)
    notes, pip_notes = tmp_path / "notes", tmp_path / "notes.pip"

    def start(*command, cwd=tmp_path, **variables):
        return subprocess.Popen(
            [str(part) for part in command], cwd=cwd, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"PATH": str(path), "FAKE_NOTES": str(notes), **variables})

    def run(*arguments, program=root / "bin" / "train", **options):
        notes.write_text("")
        pip_notes.write_text("")
        process = start(program, *arguments, **options)
        out, err = process.communicate(timeout=60)
        return types.SimpleNamespace(code=process.returncode, out=out.splitlines(), err=err,
                                     calls=notes.read_text().split(),
                                     installed=pip_notes.read_text().splitlines())
    return types.SimpleNamespace(root=root, venv=root / ".venv", path=path, notes=notes,
                                 start=start, run=run)


def test_environment_that_has_the_package_is_used(clone):
    done = clone.run(FAKE_PACKAGES="tf_disentangle")
    assert done.calls == ["ran"] and done.err == ""
    assert done.out[0] == str(clone.path / "python3")
    assert not clone.venv.exists()


@pytest.mark.parametrize("variable", ["VIRTUAL_ENV", "CONDA_PREFIX"])
def test_active_environment_comes_before_path(clone, tmp_path, variable):
    active = tmp_path / "active"
    (active / "bin").mkdir(parents=True)
    shutil.copy(clone.path / "python3", active / "bin" / "python")
    done = clone.run(FAKE_PACKAGES="tf_disentangle", **{variable: str(active)})
    assert done.out[0] == str(active / "bin" / "python")


def test_environment_is_made_once(clone):
    first = clone.run()
    assert first.code == 0
    assert first.err.splitlines() == ["Setting up .venv (once, a few minutes) ..."]
    assert first.calls.count("venv") == 1 and first.installed == [f"{clone.root}[test]"]
    assert first.out[0] == str(clone.venv / "bin" / "python")
    second = clone.run()
    assert second.calls == ["ran"] and second.err == "" and second.out == first.out


def test_active_environment_without_the_package_is_named(clone, tmp_path):
    active = tmp_path / "active"
    first = clone.run(VIRTUAL_ENV=str(active))
    assert first.code == 0 and first.err.splitlines() == [
        f"The active environment {active} does not have the package: "
        f"pip install '{clone.root}' adds it.", "Setting up .venv (once, a few minutes) ..."]
    assert clone.run(VIRTUAL_ENV=str(active)).err == ""


def test_changed_requirements_are_installed_into_the_same_environment(clone):
    clone.run()
    with open(clone.root / "setup.py", "a", encoding="utf-8") as file:
        file.write("\n")
    done = clone.run()
    assert "pip" in done.calls and "venv" not in done.calls
    assert clone.run().calls == ["ran"]


def test_environment_of_a_clone_that_moved_is_made_anew(clone, tmp_path):
    clone.run()
    moved = clone.root.rename(tmp_path / "elsewhere")
    done = clone.run(program=moved / "bin" / "train")
    assert "venv" in done.calls and done.out[0] == str(moved / ".venv" / "bin" / "python")


def test_cuda_is_added_where_a_gpu_has_come(clone):
    if os.uname().sysname != "Linux" or os.uname().machine != "x86_64":
        pytest.skip("CUDA comes with TensorFlow for Linux on x86_64 only")
    clone.run()
    (clone.path / "nvidia-smi").write_text("#!/bin/sh\n")
    (clone.path / "nvidia-smi").chmod(0o755)
    done = clone.run()
    assert "venv" not in done.calls and done.installed == [f"{clone.root}[test,gpu]"]
    assert clone.run().calls == ["ran"]
    (clone.path / "nvidia-smi").unlink()
    assert clone.run().calls == ["ran"]


@pytest.mark.parametrize("marker", ["", "1 2 cpu {root}\n"])
def test_environment_that_is_incomplete_or_of_an_older_version_is_made_anew(clone, marker):
    clone.run()
    (clone.venv / ".tf_disentangle").write_text(marker.format(root=clone.root))
    (clone.venv / "old").touch()
    done = clone.run()
    assert "venv" in done.calls and done.calls[-1] == "ran"
    assert not (clone.venv / "old").exists()


def test_environment_that_someone_else_made_is_kept(clone):
    (clone.venv / "bin").mkdir(parents=True)
    shutil.copy(clone.path / "python3", clone.venv / "bin" / "python")
    (clone.venv / "theirs").touch()
    done = clone.run()
    assert "venv" not in done.calls and done.calls[-2:] == ["pip", "ran"]
    assert (clone.venv / "theirs").exists()


def test_failing_pip_is_told_and_tried_again(clone):
    for _ in range(2):
        failed = clone.run(PIP_FAILS="1")
        assert failed.code == 1 and "venv" in failed.calls and "ran" not in failed.calls
        assert "ERROR: No space left" in failed.err and "noise" not in failed.err
    again = clone.run()
    assert again.code == 0 and "venv" in again.calls


def test_old_python_is_told(clone):
    done = clone.run(FAKE_VERSION="9")
    assert done.code == 1 and done.calls == []
    assert "Python 3.10 or newer is needed" in done.err and len(done.err.splitlines()) == 1


def test_other_python_is_found(clone):
    script = (clone.path / "python3").read_text()
    (clone.path / "python3.12").write_text(script.replace("FAKE_VERSION-11", "OTHER_VERSION-12"))
    (clone.path / "python3.12").chmod(0o755)
    assert clone.run(FAKE_VERSION="8").code == 0


def test_python_without_venv_is_told(clone):
    done = clone.run(NO_VENV="1")
    assert done.code == 1 and "python3-venv" in done.err
    assert clone.run().code == 0


@pytest.mark.parametrize("how", ["direct", "link", "folder"])
def test_any_way_of_calling(clone, tmp_path, how):
    program, cwd = clone.root / "bin" / "evaluate", tmp_path
    if how == "link":
        program = tmp_path / "a link"
        program.symlink_to(clone.root / "bin" / "evaluate")
    elif how == "folder":
        program, cwd = "./evaluate", clone.root / "bin"
    done = clone.run(program=program, cwd=cwd)
    assert done.code == 0 and done.out[4:] == ["-m", "tf_disentangle.cli.evaluate"]


def test_arguments_settings_and_exit_code_pass_through(clone):
    arguments = ["--gin_file", "a b.gin", "--gin_param=x = '$HOME'", "", "*"]
    done = clone.run(*arguments, FAKE_EXIT="7", PYTHONPATH="theirs")
    assert done.code == 7
    assert done.out[1:] == [f"{clone.root}:theirs", "3", "1", "-m", "tf_disentangle.cli.train",
                            *arguments]
    assert clone.run(TF_CPP_MIN_LOG_LEVEL="0").out[2:4] == ["0", "1"]
    assert clone.run(TF_ENABLE_ONEDNN_OPTS="0").out[2:4] == ["3", "0"]


def test_two_at_once_make_one_environment(clone):
    program = clone.root / "bin" / "train"
    started = [clone.start(program, PIP_SECONDS="0.3") for _ in range(3)]
    for process in started:
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert clone.notes.read_text().split().count("venv") == 1


def test_tests_bring_pytest_to_the_environment(clone):
    program = clone.root / "bin" / "test"
    done = clone.run("-k", "x", program=program, FAKE_PACKAGES="tf_disentangle")
    assert done.calls == ["pip", "ran"]
    assert done.out[4:] == ["-m", "pytest", "--rootdir", str(clone.root), "-n", "auto",
                            "--maxprocesses", "4", "--dist", "worksteal", "-k", "x"]
    assert done.installed == ["tf_disentangle[test]"]
    has_all = {"program": program, "FAKE_PACKAGES": "tf_disentangle xdist"}
    assert clone.run("-k", "x", **has_all).calls == ["ran"]


def test_a_study_brings_ray_to_the_environment_made_here_and_to_no_other(clone, tmp_path):
    study = clone.root / "bin" / "study"
    first = clone.run("page.gin", program=study)
    assert first.installed == [f"{clone.root}[test]", "tf_disentangle[study]"]
    assert first.out[-1] == "page.gin"
    for argument in ("--no_ray", "--list", "--summarize", "--help", "-h", "--helpshort",
                     "--helpfull", "-help"):
        assert clone.run("page.gin", argument, program=study).installed == []
    assert clone.run("page.gin", program=study, FAKE_PACKAGES="tf_disentangle").installed == []
    without = clone.run("page.gin", program=study, PIP_FAILS="1")
    assert without.calls == ["pip", "ran"] and "No space left" in without.err


def test_the_whole_suite_begins_with_the_style(clone):
    has_all = {"program": clone.root / "bin" / "test", "FAKE_PACKAGES": "tf_disentangle xdist"}
    assert clone.run(**has_all).calls == ["ruff", "ran"]
    failed = clone.run(**has_all, RUFF_FAILS="1")
    assert failed.code == 1 and failed.calls == ["ruff"]


def test_tests_do_without_an_environment_that_pip_may_not_change(clone):
    script = (clone.path / "python3").read_text()
    refusing = script.replace('-z "$PIP_FAILS"', '"${0%/.venv/*}" != "$0"')
    (clone.path / "python3").write_text(refusing)
    done = clone.run(program=clone.root / "bin" / "test", FAKE_PACKAGES="tf_disentangle")
    assert done.code == 0 and done.out[0] == str(clone.venv / "bin" / "python")


@pytest.mark.parametrize("modules, found", [
    (["tensorflow"], True), (["tensorflow", "xdist"], True), ([], False), (["xdist"], False)])
def test_what_an_environment_has(tmp_path, modules, found):
    """The real question to a real Python: TensorFlow is a module, from whatever distribution."""
    site = tmp_path / "site"
    for folder in [*modules, "tf_disentangle-0.2.0.dist-info", "tensorflow_cpu-2.21.0.dist-info"]:
        (site / folder).mkdir(parents=True)
    for module in modules:
        (site / module / "__init__.py").write_text("raise ImportError('not to be imported')")
    (site / "tf_disentangle-0.2.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: tf_disentangle\nVersion: 0.2.0\n")
    # -S: nothing is found but what lies in `site`.
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -S "$@"\n')
    python.chmod(0o755)
    code = f'bin={shlex.quote(str(ROOT / "bin"))}; . "$bin/_launch.sh"; has_package "$@"'
    asked = [str(python), *(["xdist"] if "xdist" in modules else [])]
    done = subprocess.run(["sh", "-c", code, "sh", *asked], cwd=tmp_path, timeout=60,
                          env={**os.environ, "PYTHONPATH": str(site)})
    assert (done.returncode == 0) == found


def test_what_is_installed(tmp_path):
    """A wheel has the package and, within it, every gin file and pretrained model; nothing else."""
    for name in ("setup.py", "tf_disentangle", "gin_configs", "tests/helpers"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        (tmp_path / name).parent.mkdir(exist_ok=True)
        copy(ROOT / name, tmp_path / name)
    subprocess.run([sys.executable, "setup.py", "-q", "build_py", "--build-lib", "built"],
                   cwd=tmp_path, check=True, capture_output=True, timeout=120)
    built = tmp_path / "built"
    assert [path.name for path in built.iterdir()] == ["tf_disentangle"]
    files, installed = (
        {path.relative_to(folder) for path in folder.rglob("*.gin")}
        for folder in (ROOT / "gin_configs", built / "tf_disentangle" / "gin_configs"))
    assert files and installed == files
    files, installed = (
        {path.relative_to(folder) for path in (folder / "tf_disentangle/pretrained").rglob("*")
         if path.is_file() and path.suffix != ".pyc"} for folder in (ROOT, built))
    assert sum(path.suffix == ".keras" for path in files) >= 6 and installed == files
    # There they are found.
    code = ("from tf_disentangle.configuration import gin_files; "
            "print(gin_files.find_gin_file('mig.gin'))")
    done = subprocess.run([sys.executable, "-c", code], cwd=built, check=True, timeout=60,
                          env={**os.environ, "PYTHONPATH": str(built)}, capture_output=True,
                          text=True)
    assert done.stdout.strip() == str(built / "tf_disentangle/gin_configs/metric/mig.gin")


def test_version():
    """setup.py reads the package's, without importing it; the notes for people name it, too."""
    done = subprocess.run([sys.executable, "-S", "-c", VERSION], cwd=ROOT, check=True, timeout=60,
                          capture_output=True, text=True)
    assert done.stdout.strip() == tf_disentangle.__version__
    for name, line in (("CHANGELOG.md", f"## {done.stdout}"),
                       ("CITATION.cff", f"version: {done.stdout}")):
        assert line in (ROOT / name).read_text(encoding="utf-8"), name
