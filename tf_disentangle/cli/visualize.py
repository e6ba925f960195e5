"""`bin/visualize`: draws what a trained model has learned, or scores of many models.

    bin/visualize --model_dir runs/jl1
    bin/visualize runs/jl1 runs/beta_vae
    bin/visualize paper/jl1_vae/natural_pca.gin paper/jl1_vae/natural_ica.gin

Runs without a flag are drawn side by side, by the columns of their Jacobians. A gin file stands
for its run in runs/, which is trained first unless it is finished; --gin_bindings go to all.
Without gin files, --gin_bindings "dataset.name = 'three_dots'" chooses the data set that is drawn,
as for a run that names none, because it was trained from Python.

    bin/visualize --scores 'runs/*/' --x mmd_dim.weight --y hoyer --by sparse_prior.gamma
    bin/visualize --scores 'runs/*/' --x reconstruction_loss --y discrete_mig
    bin/visualize --scores 'runs/*/' --y discrete_mig --by model.model
    bin/visualize --scores 'runs/*/' --y 'local_mig(rho=*)' --by model.model

A score against a setting is drawn as curves, against another score as points with names, against
nothing as boxes, and against the number in its own name as curves.
"""
import collections

from absl import flags

from tf_disentangle.cli import program, runs

__all__ = ["main"]

program.define_num_animations()
program.define_output_dir()
program.define_trust_modules()
flags.DEFINE_string("scores", None, "Pattern of model_dirs: draws a score of these runs instead.")
flags.DEFINE_string("x", None, "With --scores: the setting, or the score, on the horizontal axis.")
flags.DEFINE_string("y", None, "With --scores: the score, of an evaluation or a final loss; * "
                    "stands for any number.")
flags.DEFINE_string("by", None, "With --scores: the setting that makes a curve, a box or a point "
                    "of each value.")
flags.DEFINE_integer("num_columns", None, "Side by side: how many of the largest columns.")


def main():
    """The program."""
    program.run(_visualize, __doc__, takes_names=True)


def _visualize(names):
    # Imported late, so that --help and errors about flags appear at once.
    from tf_disentangle import errors
    from tf_disentangle.visualize import score_curves, visualize_model

    flags_ = program.FLAGS
    _refuse_idle_flags(names)
    program.check_output_dir()
    if names:
        model_dirs = [runs.model_dir_of(name, flags_.gin_bindings) for name in names]
        of_data = [] if any(map(runs.is_gin_file, names)) else flags_.gin_bindings
        program.say("Figure    " + visualize_model.visualize_side_by_side(
            model_dirs, flags_.output_dir or "figures", flags_.num_columns,
            trust_modules=flags_.trust_modules,
            ground_truth_data=runs.bound_data(model_dirs[0], of_data)))
        return
    if flags_.scores is not None:
        if not flags_.y:
            raise errors.UserError("--scores needs --y, a score such as hoyer, and for curves --x, "
                                   "a setting of the runs such as mmd_dim.weight.")
        program.say(score_curves.draw_scores(flags_.scores, flags_.x, flags_.y, flags_.by,
                                             flags_.output_dir))
        return
    if flags_.model_dir is None:
        raise errors.UserError("No --model_dir was given. Give the directory of a finished run, "
                               "or --scores.")
    model_dir = runs.read(flags_.model_dir, flags_.output_dir)
    paths = visualize_model.visualize(model_dir, flags_.output_dir, flags_.overwrite,
                                      trust_modules=flags_.trust_modules,
                                      num_animations=flags_.num_animations,
                                      ground_truth_data=runs.bound_data(
                                          model_dir, flags_.gin_bindings))
    _say_paths(paths)


def _say_paths(paths):
    """A line for each picture, and one for all in a folder; the tables beside them go without."""
    num_in = collections.Counter(name.rpartition("/")[0] for name in paths)
    said = set()
    for name, path in paths.items():
        folder = name.rpartition("/")[0]
        if folder and folder not in said:
            said.add(folder)
            program.say(f"{folder + '/':28} {path[:-len(name)]}{folder} ({num_in[folder]} files)")
        elif not folder and not name.endswith(".csv"):
            program.say(f"{name:28} {path}")


def _refuse_idle_flags(names):
    flags_ = program.FLAGS
    refuse = program.refuse_idle_flags
    refuse(["gin_file", "gin_config"], "here; name a gin file without a flag to draw its run.")
    if names or flags_.scores is not None:
        refuse(["overwrite"], f"beside {'names of runs' if names else '--scores'}; a figure that "
               "is there is always replaced.")
    if names:
        refuse(["model_dir", "scores", "x", "y", "by", "num_animations"],
               "beside names of runs; give one or the others.")
    elif flags_.scores is not None:
        refuse(["model_dir", "num_columns", "num_animations", "gin_bindings", "trust_modules",
                "module_dir"],
               "beside --scores.")
    else:
        refuse(["x", "y", "by"], "without --scores.")
        refuse(["num_columns"], "without names of runs to draw side by side.")


if __name__ == "__main__":
    main()
