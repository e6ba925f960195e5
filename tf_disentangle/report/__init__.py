"""The page about a run: one HTML file, which needs neither network nor other files."""

__all__ = ["write_report"]


def __getattr__(name):
    # Late, because a model needs TensorFlow, and the pages of studies do not.
    if name == "write_report":
        from tf_disentangle.report import report
        return report.write_report
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
