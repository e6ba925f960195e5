"""`bin/rotate`: turns the latents of a trained model to a sparse Jacobian.

    bin/rotate --model_dir runs/beta_vae

The rotated model becomes a run of its own, runs/beta_vae_rotated, which is evaluated, drawn and
loaded as any other. The first run stays as it is. If it names no data set, because it was trained
from Python, --gin_bindings "dataset.name = 'three_dots'" does.
"""
from absl import flags

from tf_disentangle.cli import program, runs

__all__ = ["main"]

program.define_output_dir()
program.define_trust_modules()
flags.DEFINE_string("criterion", "l1", "What is made small: l1, log_cosh, quartimax or varimax.")
flags.DEFINE_integer("num_images", 256, "Images at whose codes the Jacobians are taken.")
flags.DEFINE_integer("random_seed", 0, "Seed of their choice and of the solver.")

_PARTS = ("criterion", "reconstruction_loss", "kl_loss", "elbo")


def main():
    """The program."""
    program.run(_rotate, __doc__)


def _rotate():
    # Imported late, so that --help and errors about flags appear at once.
    from tf_disentangle import errors
    from tf_disentangle.rotation import run

    flags_ = program.FLAGS
    if flags_.model_dir is None:
        raise errors.UserError("No --model_dir was given. Give the directory of a finished run.")
    for name in ("gin_file", "gin_config"):
        if flags_[name].present:
            raise errors.UserError(f"--{name} does nothing here. Give --criterion, --num_images "
                                   "or --random_seed.")
    model_dir = runs.read(flags_.model_dir, flags_.output_dir)
    output_dir = flags_.output_dir or str(run.default_output_dir(model_dir))
    program.check_output_dir(output_dir)
    report, figure = run.rotate_run(model_dir, output_dir, flags_.criterion,
                                    flags_.num_images, flags_.random_seed, flags_.overwrite,
                                    flags_.trust_modules,
                                    runs.bound_data(model_dir, flags_.gin_bindings))
    program.say(*_lines(report), f"Run       {output_dir}")
    if figure:
        program.say(f"Figure    {figure}")


def _lines(report):
    active, count = report["active_latents"], len(report["kl_of_latents"])
    yield (f"Rotated {len(active)} of {count} latents: Jacobians of {report['num_images']} images "
           f"in {report['collection_seconds']:.1f} s, rotation in "
           f"{report['solving_seconds']:.1f} s.")
    yield f"{'':28} {'before':>10} {'after':>10}"
    for name in _PARTS:
        label = f"{name} ({report['criterion']})" if name == "criterion" else name
        yield f"{label:28} {report[name + '_before']:10.4f} {report[name + '_after']:10.4f}"
    yield f"Losses and ELBO are means over these {report['num_images']} images."


if __name__ == "__main__":
    main()
