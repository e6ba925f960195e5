"""Trackers: hooks that tell another program about a run, such as MLflow."""
import abc
import importlib.util
import os
import time

from tf_disentangle import errors, json_files
from tf_disentangle.configuration import gin_text, registry
from tf_disentangle.runs import directory as directory_lib
from tf_disentangle.training import hooks, loop

__all__ = ["MLflowHook", "Tracker"]


class Tracker(loop.Hook):
    """A hook that reports a run elsewhere; if that fails, a warning says so and the run continues.

    Only the process that writes the run's files reports it.

    Args:
        every_steps: period.
    """

    def __init__(self, every_steps=100):
        super().__init__(every_steps)
        self._run = None

    @abc.abstractmethod
    def start(self, settings, directory):
        """Called before the first step, also when a run is resumed.

        Args:
            settings: dictionary, `name.parameter` -> its value, as gin text.
            directory: `pathlib.Path` of the run, or None if it writes no files.
        """

    @abc.abstractmethod
    def log(self, step, terms):
        """Called with the number of steps made, and the mean loss terms since the last call."""

    @abc.abstractmethod
    def finish(self, results):
        """Called at the end; the argument is that of `Hook.end`."""

    def begin(self, run, directory):
        """Starts the report in the process that writes the run's files."""
        if run.place.is_chief:
            self._run = run
            self._try(lambda: self.start(gin_text.gin_dict(run.spec.gin_text()), directory))

    def __call__(self, step, logs):
        self._try(lambda: self.log(step, logs))

    def end(self, results):
        """Finishes the report."""
        self._try(lambda: self.finish(results))
        self._run = None

    def _try(self, function):
        if self._run is None:
            return
        try:
            function()
        except Exception as error:  # a report is not worth losing the run
            self._run.say(f"Warning: {type(self).__name__} reports no more of this run: "
                          f"{hooks.why(error)}.")
            self._run = None


@registry.register("mlflow_hook")
class MLflowHook(Tracker):
    """Reports a run to MLflow: settings as parameters, mean loss terms and results as metrics.

    Results are metrics named `results/...`, or tags if they are not numbers. The directory of the
    run remembers MLflow's run in `mlflow.json`, and a resumed run goes on in it.

    Args:
        every_steps: period.
        tracking_uri: MLflow's server, database (`sqlite:///mlflow.db`) or directory of files; if
            None, the environment's MLFLOW_TRACKING_URI, or MLflow's default.
        experiment: name of MLflow's experiment, which is created if it does not exist.
    Raises:
        UserError: MLflow is not installed.
    """

    def __init__(self, every_steps=100, tracking_uri=None, experiment="tf_disentangle"):
        super().__init__(every_steps)
        for name, value in (("tracking_uri", tracking_uri), ("experiment", experiment)):
            if not (isinstance(value, str) and value or (name, value) == ("tracking_uri", None)):
                raise errors.InvalidArgumentError(name, "a string that is not empty", value)
        if importlib.util.find_spec("mlflow") is None:
            raise errors.UserError("mlflow_hook needs MLflow, which is not installed: "
                                   "pip install 'tf_disentangle[mlflow]'.")
        self._uri, self._experiment = tracking_uri, experiment
        self._client = self._id = self._last_step = None

    def start(self, settings, directory):
        """Continues the run that `directory` remembers, or creates one."""
        # Before the import, which otherwise reports the use of MLflow to its makers.
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        import mlflow

        self._client = mlflow.MlflowClient(self._uri or mlflow.get_tracking_uri())
        file = directory and directory / directory_lib.MLFLOW
        where = {"tracking_uri": self._client.tracking_uri, "experiment": self._experiment}
        known = json_files.load(file) if file and file.exists() else {}
        if where.items() <= known.items():
            self._id = known["run_id"]
            self._client.update_run(self._id, status="RUNNING")
            history = self._client.get_metric_history(self._id, "loss")
            self._last_step = max((metric.step for metric in history), default=0)
            return
        run = self._client.create_run(self._experiment_id(),
                                      run_name=directory and directory.name)
        self._id, self._last_step = run.info.run_id, 0
        if file:
            json_files.save({**where, "run_id": self._id}, file)
        for name, value in settings.items():
            self._client.log_param(self._id, name, value)

    def _experiment_id(self):
        found = self._client.get_experiment_by_name(self._experiment)
        if found is not None:
            return found.experiment_id
        try:
            return self._client.create_experiment(self._experiment)
        except Exception:  # another run of a study may have created it in the meantime
            found = self._client.get_experiment_by_name(self._experiment)
            if found is None:
                raise
            return found.experiment_id

    def log(self, step, terms):
        """Logs the terms, unless a run that was killed has already logged this step."""
        if step > self._last_step:
            self._metrics(step, terms)

    def _metrics(self, step, values):
        import mlflow

        now = int(1000 * time.time())
        self._client.log_batch(self._id, [mlflow.entities.Metric(name, value, now, step)
                                          for name, value in values.items()])

    def finish(self, results):
        """Logs the results, and whether the run is finished, was stopped, or failed."""
        status = "FAILED" if results is None else "FINISHED" if "loss" in results else "KILLED"
        if status == "FINISHED":
            numbers = {name: value for name, value in results.items()
                       if isinstance(value, (int, float)) and not isinstance(value, bool)}
            self._metrics(results["global_step"],
                          {f"results/{name}": value for name, value in numbers.items()})
            for name in results.keys() - numbers.keys():
                self._client.set_tag(self._id, f"results/{name}", str(results[name]))
        self._client.set_terminated(self._id, status)
