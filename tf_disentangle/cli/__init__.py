"""The programs: flags, and what is printed."""
import os
import sys

from tf_disentangle import interrupts

# Python is looking for the program that it will run, or a script of the installation is: before any
# library is loaded, Ctrl-C is taken care of, and the working folder loses its place before them.
if sys.argv[:1] == ["-m"] or os.path.basename(sys.argv[0]).startswith("tf_disentangle_"):
    interrupts.install()
    if sys.argv[0] == "-m" and sys.path[0] in ("", os.getcwd()):
        del sys.path[0]
