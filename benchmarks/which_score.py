"""Which score to trust: docs/which_score.md.

    python benchmarks/which_score.py --seeds 20 --output docs/which_score
    python benchmarks/which_score.py --seeds 0 --check

Makes codes whose disentanglement is known, scores them with every metric that needs only arrays,
and writes the page, its tables and figures from the recorded scores by the rule in
judging/verdicts.py. What is recorded is not computed again, so a study that was stopped goes on. It
runs on one thread; several processes with different --metrics can record to the same file.
"""
import argparse
import pathlib
import sys

from judging import measuring, pages, table

ROOT = pathlib.Path(__file__).resolve().parents[1]
RECORDED = ROOT / "benchmarks" / "recorded" / "which_score.jsonl"


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20,
                        help="largest number of seeds; slow metrics have fewer")
    parser.add_argument("--points", type=int,
                        help="largest number of points; slow metrics have fewer")
    parser.add_argument("--metrics", nargs="+", choices=tuple(table.METRICS), metavar="NAME",
                        default=tuple(table.METRICS))
    parser.add_argument("--recorded", type=pathlib.Path, default=RECORDED)
    parser.add_argument("--output", type=pathlib.Path,
                        help="the page's path without .md; its parts go in a folder of this name")
    parser.add_argument("--check", action="store_true",
                        help="only says whether the pages are those of the recorded scores")
    flags = parser.parse_args(arguments)
    measuring.measure(flags.recorded, [table.METRICS[name] for name in flags.metrics],
                      flags.seeds, flags.points)
    rows = measuring.read(flags.recorded)
    if flags.check:
        differing = pages.differing(rows, flags.output or ROOT / "docs" / "which_score")
        sys.exit(f"Not as recorded: {', '.join(differing)}" if differing else 0)
    if flags.output:
        pages.write(rows, flags.output)


if __name__ == "__main__":
    main()
