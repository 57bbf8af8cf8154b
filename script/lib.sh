# shellcheck shell=bash
# What the scripts share: words for the person who waits, what is needed and how it gets here, and the offline
# endpoint as a child. Sourced, never run.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv="$root/.venv"

say() {
  printf '==> %s\n' "$*"
}

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Swift 6.3 or later, which no Debian package brings.
need_toolchain() {
  command -v swift >/dev/null ||
    fail "there is no 'swift' in PATH. Install the Swift 6.3 toolchain (https://www.swift.org/install/linux/) and try again."
  local version
  version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p')
  [[ -n $version ]] || fail "'swift --version' names no version. Is the toolchain whole?"
  if [[ $(printf '%s\n' 6.3 "$version" | sort -V | head -n 1) != 6.3 ]]; then
    fail "Swift $version is too old: 6.3 or later is needed (https://www.swift.org/install/linux/)."
  fi
}

# need_apt PACKAGE…: installs what is missing, and touches nothing where all is there.
# With DROPSCRIBE_SKIP_APT=1 it trusts that the machine has what they hold, for systems without apt.
need_apt() {
  [[ ${DROPSCRIBE_SKIP_APT:-} != 1 ]] || return 0
  local package missing=() installed=" "
  if command -v dpkg-query >/dev/null; then
    installed=" $(dpkg-query --show --showformat='${Package}=${db:Status-Status} ' "$@" 2>/dev/null || true)"
  fi
  for package in "$@"; do
    [[ $installed == *" $package=installed "* ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0

  if ! command -v apt-get >/dev/null; then
    fail "these Debian packages are needed, and this system has no apt-get: ${missing[*]}. Install what they hold" \
      "by your system's own means, then run this again with DROPSCRIBE_SKIP_APT=1."
  fi
  local as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      fail "these packages are missing, and there is no sudo: ask an administrator for 'apt-get install ${missing[*]}'."
    as_root=(sudo)
  fi
  say "installing with apt: ${missing[*]}"
  local install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends)
  local log
  log=$(mktemp)
  # A fresh machine has no lists, an old one has stale ones; a good one needs no update.
  if ! "${install[@]}" "${missing[@]}" >"$log" 2>&1; then
    "${as_root[@]}" apt-get update -q >>"$log" 2>&1 || true
    if ! "${install[@]}" "${missing[@]}" >>"$log" 2>&1; then
      tail -n 15 "$log" >&2
      rm -f "$log"
      fail "apt-get could not install: ${missing[*]}."
    fi
  fi
  rm -f "$log"
}

# need_venv REQUIREMENTS…: a Python environment that holds what the files pin, which are named from the root. A file
# that was installed before and has not changed costs nothing.
need_venv() {
  if [[ ! -x $venv/bin/python ]] || ! "$venv/bin/python" -c '' 2>/dev/null; then
    local python
    python=$(_python) || fail "Python 3.11 or later is needed for the offline endpoint, and there is none in PATH."
    say "making a Python environment in ${venv#"$root/"}"
    "$python" -m venv --clear "$venv" || fail "$python cannot make a virtual environment."
  fi
  local file sum stamp
  for file in "$@"; do
    sum=$(sha256sum <"$root/$file")
    stamp="$venv/.installed-${file//\//-}"
    [[ -f $stamp && $(<"$stamp") == "$sum" ]] || {
      say "installing Python packages: $file"
      # The files name all that is needed, with hashes, so nothing else may come along.
      "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
        -r "$root/$file" || fail "pip could not install $file."
      printf '%s\n' "$sum" >"$stamp"
    }
  done
}

_python() {
  local candidate
  for candidate in python3.13 python3.12 python3.11 python3; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      if ! "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
        # Debian keeps it in a package of its own; said to stderr, since stdout is this function's answer.
        need_apt python3-venv >&2
      fi
      printf '%s\n' "$candidate"
      return
    fi
  done
  return 1
}

# start_endpoint PORT LOG [ARGUMENT…]: starts the offline endpoint and sets endpoint_pid. It gets a session of its
# own, so that Ctrl-C reaches this script alone, which then stops things in their order.
start_endpoint() {
  local port=$1 log=$2
  shift 2
  PYTHONPATH="$root/local-endpoint" setsid "$venv/bin/python" -m local_endpoint --port "$port" "$@" \
    >"$log" 2>&1 </dev/null &
  endpoint_pid=$!
}

# await_endpoint LOG: waits until it listens, and sets endpoint_url.
await_endpoint() {
  local log=$1
  endpoint_url=""
  while [[ -z $endpoint_url ]]; do
    endpoint_url=$(sed -n 's/.*listening on \(http:[^ ]*\).*/\1/p' "$log" | head -n 1)
    if [[ -z $endpoint_url ]] && ! kill -0 "$endpoint_pid" 2>/dev/null; then
      tail -n 15 "$log" >&2
      fail "the offline endpoint did not start."
    fi
    sleep 0.1
  done
}

# stop PID…: asks each to end, and waits until it has.
stop() {
  local pid
  for pid in "$@"; do
    [[ -n $pid ]] || continue
    kill -TERM "$pid" 2>/dev/null || true
    # The wait is cut short by a signal to this script, so it asks again until the child is gone.
    while kill -0 "$pid" 2>/dev/null; do
      wait "$pid" 2>/dev/null || true
    done
  done
}

# port_is_used PORT
port_is_used() {
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# The system libraries and programs that dropscribe is built from and calls.
# shellcheck disable=SC2034 # For the scripts that source this.
build_packages=(libinotifytools0-dev libseccomp-dev libsndfile1-dev libsoxr-dev libmp3lame-dev libsqlite3-dev pkg-config ffmpeg)
