"""Pages about a run or a study: one HTML file each, which needs neither network nor other files."""

__all__ = ["write_report", "write_study_report"]


def __getattr__(name):
    # Late, because a model needs TensorFlow, and reading a run or a study does not.
    if name == "write_report":
        from tf_disentangle.report import report
        return report.write_report
    if name == "write_study_report":
        from tf_disentangle.report import study_report
        return study_report.write_study_report
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
