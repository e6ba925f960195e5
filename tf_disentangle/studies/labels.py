"""A setting of a study in words."""
from tf_disentangle.studies import study as study_lib

__all__ = ["label"]


def label(study, values, without=()):
    """A setting in words, such as "jl1, jacobian_l1.weight = 0.1".

    What all settings of a method share is left out, because its name stands for it.

    Args:
        study: `Study`.
        values: column -> value of the setting or of one of its runs.
        without: columns that are left out.
    """
    parts = []
    for name in study.varying:
        if name in values and name not in without and name not in study.within:
            value = values[name]
            if name == study_lib.METHOD:
                parts.append(str(value))
            elif _differs(study, name, values.get(study_lib.METHOD)):
                parts.append(f"{name} = {value}")
    return ", ".join(parts) or study.name


def _differs(study, name, method):
    """Whether the settings of a method have more than one value of a column."""
    return len({repr(setting.values.get(name)) for setting in study.settings
                if setting.values.get(study_lib.METHOD) == method}) > 1
