"""`bin/visualize`: draws what a trained model has learned, or scores of many models.

    bin/visualize --model_dir runs/jl1
    bin/visualize runs/jl1 runs/beta_vae
    bin/visualize paper/jl1_vae/natural_pca.gin paper/jl1_vae/natural_ica.gin

Runs without a flag are drawn side by side, by the columns of their Jacobians. A gin file stands
for its run in runs/, which is trained first unless it is finished; --gin_bindings go to all.

    bin/visualize --scores 'runs/*/' --x mmd_dim.weight --y hoyer --by sparse_prior.gamma
"""
from absl import flags

from tf_disentangle.cli import program, runs

__all__ = ["main"]

program.define_output_dir()
flags.DEFINE_string("scores", None, "Pattern of model_dirs: draws a score of these runs instead.")
flags.DEFINE_string("x", None, "With --scores: the setting on the horizontal axis.")
flags.DEFINE_string("y", None, "With --scores: the score, of an evaluation or a final loss.")
flags.DEFINE_string("by", None, "With --scores: the setting that makes a curve of each value.")
flags.DEFINE_integer("num_columns", None, "Side by side: so many columns of each, the largest.")


def main():
    """The program."""
    program.run(_visualize, __doc__, takes_names=True)


def _visualize(names):
    # Imported late, so that --help and wrong flags answer at once.
    from tf_disentangle import errors
    from tf_disentangle.visualize import score_curves, visualize_model

    flags_ = program.FLAGS
    if names:
        model_dirs = [runs.model_dir_of(name, flags_.gin_bindings) for name in names]
        program.say("Figure    " + visualize_model.visualize_side_by_side(
            model_dirs, flags_.output_dir or "figures", flags_.num_columns))
        return
    if flags_.scores is not None:
        if not flags_.x or not flags_.y:
            raise errors.UserError("--scores needs --x, a setting of the runs such as "
                                   "mmd_dim.weight, and --y, a score such as hoyer.")
        program.say(score_curves.draw_scores(flags_.scores, flags_.x, flags_.y, flags_.by,
                                             flags_.output_dir))
        return
    if flags_.model_dir is None:
        raise errors.UserError("No --model_dir was given. Give the directory of a finished run, "
                               "or --scores.")
    paths = visualize_model.visualize(flags_.model_dir, flags_.output_dir, flags_.overwrite)
    for name, path in paths.items():
        program.say(f"{name:24} {path}")


if __name__ == "__main__":
    main()
