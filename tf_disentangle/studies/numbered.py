"""Studies under disentanglement_lib's interface: a number stands for a run.

The numbers are those of the study's page: settings in order, seeds fastest. For
`unsupervised_study_v1` they are disentanglement_lib's, 1800 * data set + 50 * model + seed.
"""
from tf_disentangle.studies import page, scoring

__all__ = ["STUDIES", "NumberedStudy"]


class NumberedStudy:
    """A study of a page; the methods are those of disentanglement_lib's `Study`.

    Args:
        name: name of the page in `gin_configs/study`.
    """

    def __init__(self, name):
        self._study = page.read(name)

    def get_model_config(self, model_num=0):
        """The gin bindings, a list of strings, and the gin file of a run.

        Args:
            model_num: from 0 to the number of runs - 1.
        """
        run = self._study.run_numbered(model_num)
        return list(run.bindings), run.setting.files[-1]

    def print_model_config(self, model_num=0):
        """Prints the gin file and the bindings of a run."""
        bindings, file = self.get_model_config(model_num)
        print("Training model with:", f"-- {file}", *(f"---- {line}" for line in bindings),
              sep="\n")

    def get_postprocess_config_files(self):
        """Gin files of the representations that are scored."""
        return sorted(map(scoring.postprocessing_file, self._study.postprocessing))

    def print_postprocess_config(self):
        """Prints the gin files of the representations."""
        print("Post-processing configs:", *self.get_postprocess_config_files(), sep="\n")

    def get_eval_config_files(self):
        """Gin files of the metrics."""
        return sorted(map(scoring.file_of, self._study.metrics))

    def print_eval_config(self):
        """Prints the gin files of the metrics."""
        print("Evaluation configs:", *self.get_eval_config_files(), sep="\n")


class _Studies(dict):
    def __missing__(self, name):
        self[name] = NumberedStudy(name)
        return self[name]


# Name of a page -> its study, read when it is first asked for.
STUDIES = _Studies()
