"""One HTML page about a run, which needs neither network nor other files."""

__all__ = ["write_report"]


def __getattr__(name):
    # Late, because a model needs TensorFlow, and reading a run does not.
    if name in __all__:
        from tf_disentangle.report import report
        return report.write_report
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
