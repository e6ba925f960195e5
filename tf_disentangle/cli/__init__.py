"""The programs: their flags and output."""
import os
import sys

from tf_disentangle import interrupts

# A program is starting, by `python -m` or as an installed script. Before any library is loaded,
# handle Ctrl-C, and stop the working folder from taking precedence over the libraries.
if sys.argv[:1] == ["-m"] or os.path.basename(sys.argv[0]).startswith("tf_disentangle_"):
    interrupts.install()
    if sys.argv[0] == "-m" and sys.path[0] in ("", os.getcwd()):
        del sys.path[0]
