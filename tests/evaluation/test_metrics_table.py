"""The page with the table of metrics is true to the declarations."""
import pathlib
import subprocess
import sys

import pytest

from tf_disentangle import errors
from tf_disentangle.evaluation import metrics_table

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "metrics.md"


@pytest.mark.contract
def test_the_page_has_the_table_of_the_declarations(tmp_path):
    page = PAGE.read_text(encoding="utf-8")
    assert metrics_table.replaced(page) == page, (
        f"python -m tf_disentangle.evaluation.metrics_table --write docs/{PAGE.name}")
    wrong = tmp_path / "page.md"
    wrong.write_text(f"before\n{metrics_table.START}\n| old |\n{metrics_table.END}\nafter\n")
    metrics_table.main(["--write", wrong])
    lines = wrong.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "before" and lines[-1] == "after" and "| old |" not in lines
    assert lines[2:-2] == metrics_table.lines()
    with pytest.raises(errors.UserError, match="no lines <!-- table of metrics -->"):
        metrics_table.replaced("no marks")


@pytest.mark.contract
def test_the_program_prints_it_without_tensorflow():
    program = ("import sys, runpy; sys.argv[1:] = []\n"
               "runpy.run_module('tf_disentangle.evaluation.metrics_table', run_name='__main__')\n"
               "heavy = {'tensorflow', 'keras', 'sklearn', 'scipy.stats', 'joblib', 'matplotlib'}\n"
               "sys.exit(', '.join(heavy & set(sys.modules)) or 0)")
    done = subprocess.run([sys.executable, "-c", program], text=True, capture_output=True,
                          check=False, cwd=PAGE.parents[1])
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == metrics_table.lines()
