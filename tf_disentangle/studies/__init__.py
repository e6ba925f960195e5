"""Studies: many runs that are planned, carried out, resumed, compared and drawn together.

A study never knows how a run works; a run never knows that it is in a study.
"""
from tf_disentangle.studies import numbered, sweeps
from tf_disentangle.studies.html_report import write_report
from tf_disentangle.studies.page import read
from tf_disentangle.studies.running import run
from tf_disentangle.studies.study import Study

__all__ = ["Study", "numbered", "read", "run", "sweeps", "write_report"]
