# Read by the programs beside this file, which set $bin to this folder. POSIX sh.
#
# `choose_python` sets $python to a Python that has the package: that of an active environment or
# on PATH, or else that of .venv, which is made once if there is none. `launch` runs a module in it.

root=$(CDPATH= cd "$bin/.." && pwd -P)
venv=$root/.venv
# Stands in a .venv made here. Empty until the set-up is complete, then one line: the checksum of
# setup.py, the extras that were installed, the folder of the clone.
marker=$venv/.tf_disentangle

say() { printf '%s\n' "$*" >&2; }
die() { say "$@"; exit 1; }

launch() { # module, arguments
    # As in tf_disentangle/cli/program.py, and so for the tests, too.
    export TF_CPP_MIN_LOG_LEVEL="${TF_CPP_MIN_LOG_LEVEL-3}"
    export TF_ENABLE_ONEDNN_OPTS="${TF_ENABLE_ONEDNN_OPTS-1}"
    export PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}"
    # A keras.py or json.py in the working folder is not the library. From Python 3.11 on; before,
    # the programs see to it themselves as far as they can.
    case $1 in tf_disentangle.*) export PYTHONSAFEPATH=1 ;; esac
    exec "$python" -m "$@"
}

choose_python() { # [an extra, the modules that it brings]
    extra=$1
    [ $# -eq 0 ] || shift
    for python in ${VIRTUAL_ENV:+"$VIRTUAL_ENV/bin/python"} \
                  ${CONDA_PREFIX:+"$CONDA_PREFIX/bin/python"} \
                  python3 python "$venv/bin/python"; do
        has_package "$python" || continue
        [ -z "$extra" ] || has_package "$python" "$@" || install "tf_disentangle[$extra]" ||
            continue
        return
    done
    python=$venv/bin/python
    is_ready || set_up
}

# Adds an extra to the .venv made here, once; an environment of one's own is left as it is.
add_to_venv() { # an extra, the modules that it brings
    [ "$python" = "$venv/bin/python" ] && [ -e "$marker" ] || return 0
    extra=$1
    shift
    "$python" -c 'import importlib.util, sys
sys.exit(not all(map(importlib.util.find_spec, sys.argv[1:])))' "$@" 2>/dev/null ||
        { say "Adding $* to .venv (once) ..." && install "tf_disentangle[$extra]"; }
}

# Whether the Python has the package, TensorFlow (from any distribution, as tensorflow-cpu) and the
# modules. Not so in the .venv made here: that has the marker. The working folder is no place to
# find them in.
has_package() { # Python, modules
    candidate=$1
    shift
    "$candidate" -c '
import importlib.metadata, importlib.util, os, sys
marker = sys.argv[1]
if os.path.exists(marker) and os.path.samefile(sys.prefix, os.path.dirname(marker)):
    sys.exit(1)
sys.path = [folder for folder in sys.path if folder]
importlib.metadata.distribution("tf_disentangle")
sys.exit(not all(importlib.util.find_spec(name) for name in ["tensorflow", *sys.argv[2:]]))
' "$marker" "$@" >/dev/null 2>&1
}

# Whether .venv is complete, of this setup.py and clone, and can use this machine's GPU.
is_ready() {
    sum=$(cksum <"$root/setup.py")
    is_complete || return 1
    case $made in
        "$sum test,gpu $root") ;;
        "$sum test $root") ! has_gpu ;;
        *) return 1 ;;
    esac
}

# Whether .venv was made here, for this clone, to the end; $made is then what the marker says.
is_complete() {
    [ -x "$python" ] && [ -e "$marker" ] || return 1
    made=
    IFS= read -r made <"$marker"
    case $made in *" test $root" | *" test,gpu $root") ;; *) return 1 ;; esac
}

has_gpu() {
    [ "$(uname -sm)" = "Linux x86_64" ] && nvidia-smi -L >/dev/null 2>&1
}

set_up() {
    [ -w "$root" ] || die "No .venv can be made in $root, and no other Python has the package."
    find_base
    # The lock goes with this process, however it ends. Some file systems have none.
    exec 9>>"$root/setup.py"
    "$base" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)' 2>/dev/null || :
    if ! is_ready; then
        if is_complete; then
            say "Updating .venv for a changed setup.py or a new GPU ..."
        else
            make_venv
        fi
        extras=test
        if has_gpu; then extras=test,gpu; fi
        install --use-pep517 --editable "$root[$extras]" || exit 1
        printf '%s\n' "$sum $extras $root" >"$marker"
    fi
    exec 9>&-
}

# TensorFlow has wheels for Python 3.10 to 3.13; a newer one is tried where there is none of them.
find_base() {
    for base in python3 python python3.13 python3.12 python3.11 python3.10; do
        "$base" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' \
            2>/dev/null && return
    done
    for base in python3 python; do
        "$base" -c 'import sys; sys.exit(sys.version_info < (3, 14))' 2>/dev/null && return
    done
    die "Python 3.10 or newer is needed, and none was found: install one (python.org/downloads)."
}

make_venv() {
    active=${VIRTUAL_ENV:-${CONDA_PREFIX-}}
    [ -z "$active" ] || [ "$active" = "$venv" ] ||
        say "The active environment $active does not have the package: pip install '$root' adds it."
    say "Setting up .venv (once, a few minutes) ..."
    if [ -e "$marker" ]; then
        rm -rf "$venv"
        hash -r
        find_base
    elif [ -x "$python" ]; then # made by someone else: it keeps what it has.
        "$python" -m pip --version >/dev/null 2>&1 || "$python" -m ensurepip >/dev/null 2>&1 || :
        return
    fi
    mkdir -p "$venv" && : >"$marker" || exit 1
    { "$base" -m venv "$venv" || {
        "$base" -m venv --without-pip "$venv" &&
            "$base" -m pip --python "$python" install --quiet pip
      } || virtualenv --quiet -p "$base" "$venv"; } >/dev/null 2>&1 ||
        die "$base cannot make a virtual environment: install its venv module" \
            "(Debian, Ubuntu: apt install python3-venv), or virtualenv."
}

# Installs what pip is asked for into $python, or says in short why it cannot. pip would compile all
# modules, half a minute for TensorFlow and what it needs; Python does it for the few it imports.
install() {
    output=$(PIP_USER=0 "$python" -m pip install --quiet --no-compile \
        --disable-pip-version-check "$@" 2>&1) && return
    say "pip could not install what is needed:"
    { printf '%s\n' "$output" | grep -E '^ *(ERROR|error|WARNING: Retrying)' ||
        printf '%s\n' "$output"; } | tail -n 4 | cut -c 1-300 >&2
    return 1
}
