#!/bin/sh
# coldcase collector 0.1.0: takes a snapshot of the network state of one Kubernetes node.
#
# Reads only. It loads no kernel module, takes no lock, sends no packet of its own (kubectl, crictl and etcdctl
# talk to the services that this node itself is configured for), writes nothing outside one private folder below
# --out, and leaves one archive there. Private keys, tokens and passwords are not taken: files come from an
# allow-list, every text passes a filter that withholds secrets, and what cannot be filtered is left out.
# What is in the archive: docs/bundle-format.md. What this script does to a node: docs/collector.md.
set -u
umask 077
LC_ALL=C
export LC_ALL
unset CDPATH DOCKER_HOST DOCKER_CONTEXT KUBECONFIG CONTAINER_RUNTIME_ENDPOINT

VERSION=0.1.0
DEFAULT_SECONDS=30                # time limit of one capture
KEPT_KIB=16384                    # kept of one log or table ...
DUMP_KIB=65536                    # ... and of one packet filter dump; also the most that any command may print
TOTAL_KIB=262144                  # on disk, all captures together
FLOOR_KIB=32768                   # the file system is never filled beyond this
CONNECTIONS_FULL=50000            # more connections than this: only the first ones are listed
CONNECTIONS_KIB=4096              # about 20,000 of them
RULES_FULL=50000                  # more lines of iptables-save than this: nft does not print them once more
JOURNAL_LINES=50000               # newest messages of one unit
FILES_EACH=1000                   # files taken of one kind

usage() {
  cat <<'END'
usage: sh collect.sh [--out DIR] [--since AGE] [--budget SECONDS] [--root DIR] [--dry-run] [--quiet] [--help]

Collects what `coldcase analyze` needs from this node into DIR/coldcase-<node>-<time>.tar.gz and prints that path.
Run it as root; an ordinary user gets fewer captures, and each gap is named in the archive's manifest.tsv.

  --out DIR         where the archive goes (default: the current folder)
  --since AGE       how far back logs go, in hours or days: 72h (default), 7d
  --budget SECONDS  no capture starts after this time (default 300)
  --root DIR        read /etc, /run, /usr/lib, /var and /root below DIR (default: the node's own); /proc is always the kernel's
  --dry-run         print every capture that would be made, make none
  --quiet           no progress on standard error

exit: 0 complete, 1 partial (the manifest says what is missing), 2 usage, 3 cannot write, 129/130/143 interrupted
END
}

OUT=.
SINCE=72h
BUDGET=300
ROOT=
DRY_RUN=
QUIET=

refuse() { # exit-status message
  printf 'collect.sh: %s\n' "$2" >&2
  exit "$1"
}

while [ $# -gt 0 ]; do
  case $1 in
    --out | --since | --budget | --root) [ $# -gt 1 ] || refuse 2 "$1 needs a value" ;;
  esac
  case $1 in
    --out) OUT=$2 && shift ;;
    --since) SINCE=$2 && shift ;;
    --budget) BUDGET=$2 && shift ;;
    --root) ROOT=${2%/} && shift ;;
    --dry-run) DRY_RUN=yes ;;
    --quiet) QUIET=yes ;;
    --help | -h) usage && exit 0 ;;
    *) refuse 2 "unknown option $1 (try --help)" ;;
  esac
  shift
done
case ${SINCE%[hd]} in '' | *[!0-9]* | "$SINCE") refuse 2 '--since wants hours or days, as in 72h or 7d' ;; esac
case $BUDGET in '' | *[!0-9]* | ??????*) refuse 2 '--budget wants seconds' ;; esac
case $ROOT in *[!A-Za-z0-9._/+@:,=~-]*) refuse 2 '--root: plain characters only' ;; esac
case $OUT in /*) ;; *) OUT=./$OUT ;; esac

# The node's own tools first; then those that k3s and rke2 carry with them, for nodes that have none of their own.
RANCHER=$ROOT/var/lib/rancher
BUNDLED=$RANCHER/k3s/data/current/bin:$RANCHER/k3s/data/current/bin/aux:$RANCHER/rke2/bin
PATH=${COLDCASE_PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/bin:/run/current-system/sw/bin}
OWN_PATH=$PATH
PATH=$PATH:$BUNDLED
export PATH

# ---------------------------------------------------------------------------------------------------------------
# Small helpers
# ---------------------------------------------------------------------------------------------------------------

say() { [ "$QUIET" ] || printf '%s\n' "$*" >&2; }

have() { command -v "$1" >/dev/null 2>&1; }

# Milliseconds since boot, into NOW. Read without a process, and no clock step can bend it.
clock() {
  read -r NOW _ </proc/uptime || NOW=0.00
  NOW=$((${NOW%.*} * 1000 + 1${NOW#*.} * 10 - 1000))
}

# Whether a kernel module is there already: asking a tool for its state would load it otherwise.
# A kernel that has no /proc/modules cannot load any.
loaded() { # module
  [ -s /proc/modules ] || return 0
  grep -q "^$1 " /proc/modules || grep -q "/$1\.ko" "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null
}

# KiB that may still be written, into ROOM: the file system keeps its floor, and room for the archive itself.
measure_room() {
  free=$(df -Pk "$WORK" 2>/dev/null | awk 'END { print $(NF - 2) }')
  ROOM=$((TOTAL_KIB - TAKEN_KIB))
  [ $((${free:-$TOTAL_KIB} - FLOOR_KIB - TAKEN_KIB)) -ge "$ROOM" ] || ROOM=$((free - FLOOR_KIB - TAKEN_KIB))
}

# SHA-256 of standard input, by the first tool that can.
sha256() {
  if have sha256sum; then sha256sum
  elif have shasum; then shasum -a 256
  elif have openssl; then openssl dgst -sha256 -r
  elif have busybox; then busybox sha256sum
  fi 2>/dev/null | {
    read -r sum _
    echo "${sum:--}"
  }
}

decode_base64() {
  if have base64; then base64 -d; else openssl base64 -d -A; fi 2>/dev/null
}

# ---------------------------------------------------------------------------------------------------------------
# Time limits
# ---------------------------------------------------------------------------------------------------------------

# `timeout` speaks three dialects (coreutils; BusyBox; BusyBox before 1.30), and some nodes have none.
find_timeout() {
  TIMEOUT=
  for TIMEOUT in 'timeout -k 2' timeout 'timeout -t'; do
    $TIMEOUT 5 true 2>/dev/null && return
  done
  TIMEOUT=
}

# Stands in for `timeout`: ends a process that outlives its time, and itself when told to.
watch_over() { # seconds process
  nap=
  trap '[ -z "$nap" ] || kill "$nap"; exit 0' TERM
  sleep "$1" &
  nap=$!
  wait "$nap"
  kill -TERM "$2"
  sleep 2
  kill -KILL "$2"
}

# Runs a command with a time limit and a limit on what it writes. It runs beside the shell, so that a signal to the
# script is heard at once. CODE is its exit status, TIMED_OUT is set where the limit ended it, MS is how long it took.
limited() { # seconds command...
  limit=$1
  shift
  clock
  began=$NOW
  if [ "$TIMEOUT" ]; then
    (ulimit -f "$BLOCKS" 2>/dev/null; exec $TIMEOUT "$limit" "$@") </dev/null &
    CHILD=$!
    WATCHER=
  else
    (ulimit -f "$BLOCKS" 2>/dev/null; exec "$@") </dev/null &
    CHILD=$!
    (watch_over "$limit" "$CHILD") >/dev/null 2>&1 </dev/null &
    WATCHER=$!
  fi
  wait "$CHILD" 2>/dev/null
  CODE=$?
  CHILD=
  [ -z "$WATCHER" ] || kill "$WATCHER" 2>/dev/null
  clock
  MS=$((NOW - began))
  TIMED_OUT=
  # The dialects report 124, 137 or 143; a command may end so by itself, but not at that very moment.
  case $CODE in 124 | 137 | 143 | 271 | 265) [ "$MS" -lt $((limit * 1000 - 100)) ] || TIMED_OUT=yes ;; esac
}

# ---------------------------------------------------------------------------------------------------------------
# Filters: what leaves the node. Written for every awk (mawk, gawk, BusyBox), so without {n} repetitions.
# ---------------------------------------------------------------------------------------------------------------

# Functions that both text filters share. `conceal` keeps a line and withholds the secrets in it: blocks of private
# keys (to their END, or to the end of the file), values with telling names, tokens with telling shapes.
AWK_CONCEAL='
  BEGIN {
    WITHHELD = "<withheld>"
    WORDS = "passw|passphrase|pwd|token|secret|psk|credential|api[_-]?key|access[_-]?key|account[_-]?key|" \
      "encryption[_-]?key|private[_-]?key|preshared[_-]?key|shared[_-]?key|auth[_-]?key|key-data|certificate-key|" \
      "etcd-s3-|community"
    NAME = "([a-z0-9_.-]*(" WORDS ")[a-z0-9_.-]*|auth|authorization|bootstrap|sig)"
    QUOTE = "[\\\\]*[\"\047]?"
    NAMED = NAME QUOTE "[ \t]*[:=]+[ \t]*" QUOTE "|--?" NAME "[ \t]+" QUOTE "|bearer[ \t]+|basic[ \t]+"
    SHAPED = "(eyJ|LS0tLS1|AKIA|ASIA|AIza|gh[pousr]_|xox[abeprs]-|glpat-|hv[sb][.]|K10[0-9a-f]*::)[A-Za-z0-9_.:/+=-]+"
    for (i = 0; i < 60; i++) LONG = LONG "[A-Za-z0-9+/_=-]"
    LONG = LONG "+"
    for (i = 0; i < 6; i++) BOOTSTRAP = BOOTSTRAP "[a-z0-9]"
    BOOTSTRAP = BOOTSTRAP "[.]"
    for (i = 0; i < 16; i++) BOOTSTRAP = BOOTSTRAP "[a-z0-9]"
    BOOTSTRAP = "(^|[^A-Za-z0-9.-])" BOOTSTRAP "([^A-Za-z0-9.-]|$)"
    NUMBER4 = "[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+(/[0-9]+)?"
    HOST = "([a-z]+://)?(" NUMBER4 "|\\[?[0-9a-f]*:[0-9a-f:]*:[0-9a-f.]*\\]?(/[0-9]+)?|([a-z0-9-]+[.])+[a-z]+)(:[0-9]+)?/?"
    ADDRESSES = "^(true|false|" HOST "(," HOST ")*)?$"
  }
  function conceal(line,    tail) {
    if (in_key) {
      if (line !~ /-----END [A-Z0-9 ]*PRIVATE KEY/) return WITHHELD
      in_key = 0
      sub(/.*-----END [A-Z0-9 ]*PRIVATE KEY-*/, WITHHELD, line)
    }
    while (match(line, /-----BEGIN [A-Z0-9 ]*PRIVATE KEY/)) {
      tail = substr(line, RSTART + RLENGTH)
      line = substr(line, 1, RSTART - 1) WITHHELD
      if (match(tail, /-----END [A-Z0-9 ]*PRIVATE KEY-*/)) line = line substr(tail, RSTART + RLENGTH)
      else in_key = 1
    }
    if (line ~ /@/) gsub(/:\/\/[^\/ "\047\\]*@/, "://" WITHHELD "@", line)
    line = conceal_named(line)
    if (length(line) > 15) line = conceal_shaped(line)
    return line
  }
  function conceal_named(line,    done, low, name, value, quote, end) {
    low = tolower(line)
    while (match(low, NAMED)) {
      end = RSTART + RLENGTH
      name = substr(low, RSTART, RLENGTH)
      done = done substr(line, 1, end - 1)
      line = substr(line, end)
      quote = substr(name, RLENGTH)
      if (quote == "\"" || quote == "\047") match(line, "^[^" quote "\\\\]*")
      else match(line, /^[^ \t"\047,;&)}\]\\]*/)
      value = substr(line, 1, RLENGTH)
      line = substr(line, RLENGTH + 1)
      done = done (is_harmless(name, value) ? value : WITHHELD)
      low = tolower(line)
    }
    return done line
  }
  # Switches, durations, paths in options that name files; and in logs the words of a sentence ("token: invalid").
  function is_harmless(name, value) {
    if (value ~ /^(true|false|null|none|\[|\{|\||>|[0-9]+[smhd]|<withheld>)?$/) return 1
    if (name ~ /(file|path|dir|ca|kubeconfig|config)["\047]?[ \t]*[:= \t]/ && value ~ /^\//) return 1
    if (name ~ /^(bearer|basic)/) return length(value) < 16
    return !strict && name !~ /["\047=-]/ && value ~ /^[a-z]+$/
  }
  function conceal_shaped(line,    done, found) {
    if (match(line, /eyJ|LS0t|AKIA|ASIA|AIza|gh[pousr]_|xox|glpat|hv[sb][.]|K10/)) {
      while (match(line, SHAPED)) {
        found = RLENGTH < 14 ? substr(line, RSTART, RLENGTH) : WITHHELD
        done = done substr(line, 1, RSTART - 1) found
        line = substr(line, RSTART + RLENGTH)
      }
      line = done line
    }
    while (match(line, BOOTSTRAP)) line = substr(line, 1, RSTART) WITHHELD substr(line, RSTART + RLENGTH - 1)
    if (length(line) < 60) return line
    done = ""
    # A line of a key whose BEGIN was cut off; container ids are hexadecimal and stay.
    while (match(line, LONG)) {
      found = substr(line, RSTART, RLENGTH)
      if (found ~ /[A-Z]/ && found ~ /[a-z]/ && found ~ /[0-9]/) found = WITHHELD
      done = done substr(line, 1, RSTART - 1) found
      line = substr(line, RSTART + RLENGTH)
    }
    return done line
  }
'

# Logs and the output of tools.
AWK_TEXT=$AWK_CONCEAL'{ print conceal($0) }'

# Configuration: also what lies below a telling name, and what follows a telling flag; `value:` of an environment
# variable stays where it is an address or a host name. A kubeconfig is refused whole.
AWK_CONFIG=$AWK_CONCEAL'
  BEGIN { strict = 1; deeper = -1 }
  /^kind: *"?Config"? *$/ || /client-key-data/ { exit 9 }
  {
    match($0, /^[ \t]*/)
    depth = RLENGTH
    low = tolower($0)
    if (deeper >= 0 && depth <= deeper && low !~ /^[ \t]*(- |#|$)/) deeper = -1
    if (deeper >= 0 || after_flag) { after_flag = 0; print substr($0, 1, depth) WITHHELD; next }
    if (low ~ ("^[ \t-]*[\"\047]?" NAME "[\"\047]?: *([|>][0-9+-]*)?$")) deeper = depth
    after_flag = low ~ ("^[ \t]*- *[\"\047]?--?" NAME "[\"\047]?$")
    if (match($0, /^[ \t-]*value:[ \t]*/)) {
      value = substr($0, RLENGTH + 1)
      gsub(/^["\047]|["\047]$/, "", value)
      if (value !~ ADDRESSES) { print substr($0, 1, RLENGTH) WITHHELD; if (value ~ /^[|>]/) deeper = depth; next }
    }
    print conceal($0)
  }
'

# JSON as kubectl and crictl print it, one key or item a line; any other shape is refused whole. Values of
# environment variables stay where they are addresses or host names, annotations where their owner is known.
AWK_JSON=$AWK_CONCEAL'
  BEGIN {
    strict = 1
    KEY = "^ *\"([^\"\\\\]|\\\\.)*\": *"
    SHAPE = "(\"([^\"\\\\]|\\\\.)*\"|-?[0-9][0-9.eE+-]*|true|false|null|[[{]|[{] *[}]|[[] *[]]),?$"
  }
  $0 !~ ("^ *" SHAPE) && $0 !~ (KEY SHAPE) && !/^ *[]}],?$/ { exit 9 }
  { key = ""; lead = "" }
  match($0, KEY) { lead = substr($0, 1, RLENGTH); key = lead; sub(/^ *"/, "", key); sub(/": *$/, "", key) }
  key == "annotations" && /[{]$/ { notes = 1; print; next }
  notes && /^ *[}],?$/ { notes = 0 }
  !/",?$/ { after_flag = 0; print; next }
  {
    rest = substr($0, length(lead) + 1)
    match(rest, /^ *"/)
    lead = lead substr(rest, 1, RLENGTH)
    tail = rest ~ /,$/ ? "\"," : "\""
    text = substr(rest, RLENGTH + 1, length(rest) - RLENGTH - length(tail))
    print lead permitted(key, text) tail
    after_flag = key == "" && tolower(text) ~ ("^--?" NAME "$")
    if (key == "name") variable = tolower(text)
  }
  function permitted(key, text,    kept) {
    if (after_flag) return WITHHELD
    if (notes && key !~ /k8s\.io|kubernetes\.io|flannel|calico|cilium|k3s\.|rke2\.|cni\.|kube-router|metallb/) return WITHHELD
    if (key ~ /last-applied-configuration$/) return WITHHELD
    if (key == "value") return text ~ ADDRESSES && variable !~ ("^" NAME "$") ? text : WITHHELD
    if (tolower(key) ~ ("^" NAME "$") && key !~ /[nN]ame$/) return WITHHELD
    kept = conceal(text)
    if (in_key) kept = WITHHELD
    in_key = 0
    return kept
  }
'

# Whole CERTIFICATE blocks of plain base64, and nothing else of the file.
AWK_CERTIFICATES='
  { sub(/\r$/, "") }
  /^-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----$/ { block = $0; inside = 1; next }
  !inside { next }
  /^-----END (TRUSTED |X509 )?CERTIFICATE-----$/ { print block; print; inside = 0; next }
  /^[A-Za-z0-9+\/=]+$/ { block = block "\n" $0; next }
  { inside = 0 }
'

filter() { # file
  case $FILTER in
    text) awk "$AWK_TEXT" "$1" ;;
    config) awk "$AWK_CONFIG" "$1" ;;
    json) awk "$AWK_JSON" "$1" ;;
    certificates) awk "$AWK_CERTIFICATES" "$1" ;;
    bytes) cat "$1" ;;
  esac 2>/dev/null
}

# ---------------------------------------------------------------------------------------------------------------
# Captures: every one ends in exactly one row of the manifest
# ---------------------------------------------------------------------------------------------------------------

row() { # source path status exit ms bytes dropped sha256 command
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$@" >>"$TOP/manifest.tsv"
  case $3 in denied | timeout | truncated | failed) PARTIAL=yes ;; esac
  say "$(printf '%-9s %s' "$3" "$2")"
}

missing() { # source path status command [why]
  if [ "$DRY_RUN" ]; then printf '%s <- %s (%s)\n' "$2" "$4" "$3"; return; fi
  row "$1" "$2" "$3" - 0 0 0 - "$4${5:+ # $5}"
}

# Whether a capture may start; says why not.
may_start() { # source path command
  if [ "$DRY_RUN" ]; then printf '%s <- %s\n' "$2" "$3"; return 1; fi
  case $2 in *[!A-Za-z0-9._/@:+,=~-]*) missing "$1" "${2%/*}" failed 'a file' 'its name holds unusual characters'; return 1 ;; esac
  [ ! -e "$TOP/$2" ] || return 1
  clock
  LEFT=$((BUDGET - (NOW - STARTED_MS) / 1000))
  if [ "$LEFT" -le 0 ]; then missing "$1" "$2" timeout "$3" "not started: $BUDGET s are over"; return 1; fi
  measure_room
  if [ "$ROOM" -lt 128 ]; then missing "$1" "$2" failed "$3" 'not started: too little free space'; return 1; fi
  case $2 in */*) mkdir -p "$TOP/${2%/*}" ;; esac
  # Filtered and unfiltered text lie side by side for a moment: half the room each. Blocks of 512 bytes.
  BLOCKS=$((PRINT_KIB * 2))
  [ "$BLOCKS" -le "$ROOM" ] || BLOCKS=$ROOM
}

# Runs a command and keeps what it prints.
take() { # source path command...
  source=$1 path=$2
  shift 2
  if ! have "$1"; then missing "$source" "$path" absent "$*"; return; fi
  may_start "$source" "$path" "$*" || return 0
  [ "$SECONDS_EACH" -le "$LEFT" ] || SECONDS_EACH=$LEFT
  limited "$SECONDS_EACH" "$@" >"$RAW" 2>"$ERRORS"
  settle "$source" "$path" "$*"
}

# Keeps what one of this script's own functions prints.
compose() { # source path function what-it-does
  may_start "$1" "$2" "$4" || return 0
  clock
  composing=$NOW
  TIMED_OUT=
  CODE=0
  "$3" >"$RAW" 2>"$ERRORS"
  clock
  MS=$((NOW - composing)) CODE=-
  settle "$1" "$2" "$4"
}

copy() { # source path file
  if [ -f "$ROOT$3" ] && [ -r "$ROOT$3" ]; then take "$1" "$2" cat "$ROOT$3"
  elif [ -d "$ROOT$3" ] || [ -p "$ROOT$3" ]; then missing "$1" "$2" failed "cat $ROOT$3" 'not a regular file'
  elif [ -e "$ROOT$3" ]; then missing "$1" "$2" denied "cat $ROOT$3"
  else missing "$1" "$2" absent "cat $ROOT$3"; fi
}

kernel() { # source path file-below-/proc: never below --root
  if [ -r "$3" ]; then take "$1" "$2" cat "$3"
  elif [ -e "$3" ]; then missing "$1" "$2" denied "cat $3"
  else missing "$1" "$2" absent "cat $3"; fi
}

# Copies every file that is there; the bundle keeps their paths below a folder of its own.
copy_all() { # source folder file...
  kind=$1 folder=$2 count=0
  shift 2
  for file in "$@"; do
    [ -e "$file" ] || continue
    count=$((count + 1))
    [ "$count" -le "$FILES_EACH" ] || { missing "$kind" "${folder}more" truncated "cat $file" "more than $FILES_EACH files"; return; }
    copy "$kind" "$folder${file#"$ROOT"/}" "${file#"$ROOT"}"
  done
}

# Filters, cuts and files away what a capture printed into $RAW and $ERRORS, and writes its row.
settle() { # source path command
  status=ok dropped=0 sum=- bytes=0 refused=
  if [ -s "$ERRORS" ]; then awk "$AWK_TEXT"' NR == 200 { exit }' "$ERRORS" >"$TOP/$2.stderr" 2>/dev/null || rm -f "$TOP/$2.stderr"; fi
  filter "$RAW" >"$TOP/$2"
  case $? in
    0) ;;
    9) refused=withheld why='# holds secrets that cannot be cut out' ;;
    *) refused=failed why='# could not be filtered' ;;
  esac
  if [ "$refused" ]; then
    rm -f "$TOP/$2"
    row "$1" "$2" "$refused" "$CODE" "$MS" 0 0 - "$3 $why"
    return
  fi
  bytes=$(($(wc -c <"$TOP/$2")))
  if [ "$bytes" -gt $((CAP_KIB * 1024)) ]; then cut_short "$TOP/$2"; fi
  if [ "$TIMED_OUT" ]; then status=timeout
  elif [ "$CODE" = 153 ] || [ "$CODE" = 281 ] || [ "$dropped" -gt 0 ]; then status=truncated
  elif [ "$CODE" != 0 ] && [ "$CODE" != - ]; then
    status=failed
    if is_denied; then status=denied; fi
  elif [ "$bytes" -eq 0 ] || [ "$(head -n 1 "$TOP/$2")" = '-- No entries --' ]; then
    status=empty
    if is_denied; then status=denied; fi
  fi
  : >"$RAW"
  case $status in denied | failed | timeout) if [ "$bytes" -eq 0 ] || [ $status = denied ]; then rm -f "$TOP/$2"; bytes=0; fi ;; esac
  if [ -e "$TOP/$2" ]; then sum=$(sha256 <"$TOP/$2"); fi
  TAKEN_KIB=$((TAKEN_KIB + bytes / 1024 + 4))
  row "$1" "$2" "$status" "$CODE" "$MS" "$bytes" "$dropped" "$sum" "$3"
}

is_denied() {
  grep -Eiq 'permission denied|not permitted|must be root|not seeing messages|no permission|forbidden|are you root' "$ERRORS" 2>/dev/null
}

# Whole lines only: the newest of a log, the first of a table.
cut_short() { # file
  if [ "$KEEP" = newest ]; then tail -c $((CAP_KIB * 1024)) "$1" | sed 1d >"$RAW"
  else dd if="$1" bs=1024 count="$CAP_KIB" 2>/dev/null | sed '$d' >"$RAW"; fi
  dropped=$bytes
  mv "$RAW" "$1"
  bytes=$(($(wc -c <"$1")))
  dropped=$((dropped - bytes))
}

# How a capture differs from the usual: `within 60 take …`, `as config copy …`.
within() { SECONDS_EACH=$1; shift; "$@"; SECONDS_EACH=$DEFAULT_SECONDS; }
as() { FILTER=$1; shift; "$@"; FILTER=text; }
up_to() { CAP_KIB=$1 PRINT_KIB=$1; shift; "$@"; CAP_KIB=$KEPT_KIB PRINT_KIB=$DUMP_KIB; }
newest() { KEEP=newest; "$@"; KEEP=first; }

# ---------------------------------------------------------------------------------------------------------------
# The node itself
# ---------------------------------------------------------------------------------------------------------------

first_line() { # file
  read -r line 2>/dev/null <"$1" && printf '%s\n' "$line"
}

hashed() { # file: two nodes with the same number were cloned, and the hash says so as well
  number=$(first_line "$1") && printf %s "$number" | sha256
}

# The kernel's own view, as systemd reports it; `unknown` where nobody can say.
ntp_state() {
  have timedatectl && limited 5 timedatectl >"$WORK/clock" 2>/dev/null
  state=$(awk '/synchronized:/ { print $NF }' "$WORK/clock" 2>/dev/null)
  echo "${state:-unknown}"
}

node_facts() {
  read -r uptime _ </proc/uptime
  shell=$(ls -l /proc/$$/exe 2>/dev/null)
  ntp=$(ntp_state)
  cat <<END
hostname=$HOST
collector_version=$VERSION
collector_sha256=$(sha256 <"$0" 2>/dev/null)
started_utc=$STARTED_UTC
finished_utc=$(date -u +%s)
timezone=$(date +%z)
boot_id=$(first_line /proc/sys/kernel/random/boot_id)
machine_id_hash=$(hashed "$ROOT/etc/machine-id")
product_uuid_hash=$(hashed /sys/class/dmi/id/product_uuid)
uptime_seconds=${uptime%.*}
user=$(id -un 2>/dev/null || id -u)
shell=${shell##*/}
ntp_synchronized=$ntp
END
}

# First line of each component's version. Tools that would ask the kernel, and so load a module, are not among them.
versions() {
  while read -r name command; do
    # shellcheck disable=SC2086 # the words of the table are meant to be split
    set -- $command
    have "$1" || continue
    limited 5 "$@" >"$WORK/version" 2>&1
    printf '%s: %s\n' "$name" "$(first_line "$WORK/version")"
  done <<END
iptables iptables -V
ip6tables ip6tables -V
iptables-legacy iptables-legacy -V
iptables-nft iptables-nft -V
bundled-iptables $BUNDLED_IPTABLES -V
nft nft -v
iproute2 ip -V
conntrack conntrack -V
kubelet kubelet --version
kube-proxy kube-proxy --version
kubectl kubectl version --client
k3s k3s --version
rke2 rke2 --version
containerd containerd --version
runc runc --version
crictl crictl --version
docker docker --version
crio crio --version
etcdctl etcdctl version
flanneld flanneld --version
systemd systemctl --version
END
}

capture_node() {
  if [ -e "$ROOT/etc/os-release" ]; then os=/etc/os-release; else os=/usr/lib/os-release; fi
  copy os-release meta/os-release.txt $os
  take uname meta/uname.txt uname -a
  kernel cmdline meta/cmdline.txt /proc/cmdline
  kernel modules meta/modules.txt /proc/modules
  compose versions meta/versions.txt versions 'the first line of each tool'"'"'s version'
}

# ---------------------------------------------------------------------------------------------------------------
# Network: the volatile state first
# ---------------------------------------------------------------------------------------------------------------

capture_network() {
  take ip-neigh        net/ip-neigh.txt     ip -s neigh show nud all
  compose conntrack-counts conntrack/counts.txt connection_counts 'nf_conntrack count, max, buckets'
  kernel arp-cache-stat   net/arp-cache-stat.txt   /proc/net/stat/arp_cache
  kernel ndisc-cache-stat net/ndisc-cache-stat.txt /proc/net/stat/ndisc_cache
  kernel softnet-stat     net/softnet-stat.txt     /proc/net/softnet_stat
  kernel netstat          net/netstat.txt          /proc/net/netstat
  kernel snmp             net/snmp.txt             /proc/net/snmp
  kernel dev              net/dev.txt              /proc/net/dev
  take ip-addr         net/ip-addr.txt      ip -d addr show
  take ip-link         net/ip-link.txt      ip -s -s -d link show
  take ip-route        net/ip-route.txt     ip -4 route show table all
  take ip6-route       net/ip6-route.txt    ip -6 route show table all
  take ip-rule         net/ip-rule.txt      ip -4 rule show
  take ip6-rule        net/ip6-rule.txt     ip -6 rule show
  take bridge-fdb      net/bridge-fdb.txt   bridge fdb show
  take bridge-link     net/bridge-link.txt  bridge -d link show
  take ss-listen       net/ss-listen.txt    ss -tulpn
  take ss-summary      net/ss-summary.txt   ss -s
  copy resolv-conf     net/resolv-conf.txt  /etc/resolv.conf
  copy hosts           net/hosts.txt        /etc/hosts
  copy nsswitch        net/nsswitch.txt     /etc/nsswitch.conf
  for device in $(devices); do
    take ethtool "net/ethtool/$device.txt" ethtool -k "$device"
  done
}

connection_counts() {
  for name in count max buckets; do
    value=$(first_line /proc/sys/net/netfilter/nf_conntrack_$name) && echo "$name=$value"
  done
}

# Tunnels, bridges and network cards, but not the pods' ends of their veth pairs, of which there are hundreds.
devices() {
  awk -F: 'NR > 2 { gsub(/ /, "", $1); if ($1 !~ /^(lo|veth|cali|lxc|dummy|kube-ipvs)/ && n++ < 64) print $1 }' /proc/net/dev
}

# ---------------------------------------------------------------------------------------------------------------
# Packet filter, IPVS, connections. Only `-save`: it takes no lock and loads no table, unlike `iptables -L`.
# ---------------------------------------------------------------------------------------------------------------

# One iptables dump, where its backend is in the kernel already.
dump() { # source path backend command
  case $3 in
    legacy) if ! [ -s /proc/net/ip_tables_names ] && ! [ -s /proc/net/ip6_tables_names ]; then present=; else present=yes; fi ;;
    *) if loaded nf_tables; then present=yes; else present=; fi ;;
  esac
  if [ "$present" ]; then within 60 up_to "$DUMP_KIB" take "$1" "$2" "$4" -c
  else missing "$1" "$2" absent "$4 -c" "no tables of the $3 backend in the kernel"; fi
}

backend_of() { # iptables
  if ! have "$1"; then echo none; return; fi
  limited 5 "$1" -V >"$WORK/version" 2>&1
  case $(first_line "$WORK/version") in *nf_tables*) echo nft ;; *) echo legacy ;; esac
}

capture_netfilter() {
  backend=$(backend_of iptables)
  dump iptables-save netfilter/iptables-save.txt "$backend" iptables-save
  dump ip6tables-save netfilter/ip6tables-save.txt "$backend" ip6tables-save
  for other in legacy nft; do
    [ $other != "$backend" ] || continue
    dump iptables-$other-save netfilter/iptables-$other-save.txt $other iptables-$other-save
    dump ip6tables-$other-save netfilter/ip6tables-$other-save.txt $other ip6tables-$other-save
  done
  if [ "$BUNDLED_IPTABLES" != none ]; then
    dump bundled-iptables-save netfilter/bundled/iptables-save.txt "$(backend_of "$BUNDLED_IPTABLES")" "$BUNDLED_IPTABLES-save"
  fi
  kernel ip-tables-names netfilter/ip-tables-names.txt /proc/net/ip_tables_names

  rules=$(wc -l <"$TOP/netfilter/iptables-save.txt" 2>/dev/null)
  if ! loaded nf_tables; then missing nft-ruleset netfilter/nft-ruleset.txt absent 'nft -a list ruleset' 'nf_tables is not loaded'
  elif [ $((${rules:-0})) -gt "$RULES_FULL" ]; then
    missing nft-ruleset netfilter/nft-ruleset.txt failed 'nft -a list ruleset' "left out: iptables-save printed $((rules)) lines already"
  else within 60 up_to "$DUMP_KIB" take nft-ruleset netfilter/nft-ruleset.txt nft -a list ruleset; fi
  if loaded ip_set; then up_to "$DUMP_KIB" take ipset-save netfilter/ipset-save.txt ipset save
  else missing ipset-save netfilter/ipset-save.txt absent 'ipset save' 'ip_set is not loaded'; fi
}

capture_ipvs() {
  kernel proc-ip-vs ipvs/proc-ip-vs.txt /proc/net/ip_vs
  while read -r source path options; do
    if [ -e /proc/net/ip_vs ]; then take "$source" "ipvs/$path" ipvsadm -Ln $options
    else missing "$source" "ipvs/$path" absent "ipvsadm -Ln${options:+ $options}" 'ip_vs is not loaded'; fi
  done <<END
ipvsadm ipvsadm.txt
ipvsadm-stats ipvsadm-stats.txt --stats
ipvsadm-timeouts ipvsadm-timeouts.txt --timeout
END
}

# /proc/net/nf_conntrack is never read: it walks the whole table under load.
capture_connections() {
  count=$(first_line /proc/sys/net/netfilter/nf_conntrack_count)
  if [ -z "$count" ] || ! loaded nf_conntrack_netlink; then
    missing conntrack-stats conntrack/stats.txt absent 'conntrack -S' 'connection tracking, or its netlink module, is not loaded'
    missing conntrack-list conntrack/list.txt absent 'conntrack -L' 'connection tracking, or its netlink module, is not loaded'
    return
  fi
  take conntrack-stats conntrack/stats.txt conntrack -S
  if [ "$count" -le $CONNECTIONS_FULL ]; then up_to "$KEPT_KIB" take conntrack-list conntrack/list.txt conntrack -L
  else up_to "$CONNECTIONS_KIB" take conntrack-list conntrack/list.txt conntrack -L; fi
}

# ---------------------------------------------------------------------------------------------------------------
# Kernel settings: named keys only. `sysctl -a` would print IPv6 stable_secret and tcp_fastopen_key.
# ---------------------------------------------------------------------------------------------------------------

SYSCTL_KEYS='
  net/ipv4/ip_forward net/ipv4/ip_local_port_range net/ipv4/ip_local_reserved_ports net/ipv4/ip_nonlocal_bind
  net/ipv4/ip_no_pmtu_disc net/ipv4/fib_multipath_hash_policy net/ipv4/icmp_ratelimit
  net/ipv4/tcp_tw_reuse net/ipv4/tcp_tw_recycle net/ipv4/tcp_timestamps net/ipv4/tcp_syncookies
  net/ipv4/tcp_keepalive_* net/ipv4/tcp_mtu_probing net/ipv4/tcp_max_* net/ipv4/tcp_fin_timeout
  net/ipv4/tcp_retries[12] net/ipv4/tcp_rmem net/ipv4/tcp_wmem net/ipv4/tcp_mem net/ipv4/vs/*
  net/ipv4/conf/*/forwarding net/ipv4/conf/*/rp_filter net/ipv4/conf/*/src_valid_mark
  net/ipv4/conf/*/arp_ignore net/ipv4/conf/*/arp_announce net/ipv4/conf/*/arp_filter net/ipv4/conf/*/arp_notify
  net/ipv4/conf/*/accept_local net/ipv4/conf/*/route_localnet net/ipv4/conf/*/log_martians net/ipv4/conf/*/proxy_arp
  net/ipv4/conf/*/send_redirects net/ipv4/conf/*/accept_redirects net/ipv4/conf/*/promote_secondaries
  net/ipv6/conf/*/forwarding net/ipv6/conf/*/disable_ipv6 net/ipv6/conf/*/accept_ra net/ipv6/conf/*/accept_dad
  net/ipv4/neigh/default/gc_* net/ipv6/neigh/default/gc_* net/ipv6/route/gc_thresh net/ipv6/route/max_size
  net/bridge/* net/netfilter/nf_conntrack_* net/nf_conntrack_max
  net/core/somaxconn net/core/netdev_max_backlog net/core/netdev_budget net/core/rmem_max net/core/wmem_max
  net/core/bpf_jit_enable net/core/default_qdisc net/unix/max_dgram_qlen
  fs/file-max fs/file-nr fs/nr_open fs/inotify/* vm/swappiness vm/overcommit_memory vm/max_map_count vm/panic_on_oom
  vm/min_free_kbytes kernel/panic kernel/panic_on_oops kernel/pid_max kernel/threads-max user/max_user_namespaces'

# Written as sysctl writes: a dot in an interface's name becomes a slash.
sysctl_values() {
  for pattern in $SYSCTL_KEYS; do
    for file in /proc/sys/$pattern; do
      [ -f "$file" ] && read -r value 2>/dev/null <"$file" && printf '%s = %s\n' "${file#/proc/sys/}" "$value"
    done
  done | awk '{ end = index($0, " = "); key = substr($0, 1, end - 1)
    gsub(/[.]/, "\001", key); gsub(/\//, ".", key); gsub(/\001/, "/", key); print key substr($0, end) }'
}

capture_sysctl() {
  compose sysctl sysctl/values.txt sysctl_values 'read the allow-listed keys below /proc/sys'
  copy_all sysctl-file sysctl/files/ "$ROOT"/etc/sysctl.conf "$ROOT"/etc/sysctl.d/* "$ROOT"/run/sysctl.d/* \
    "$ROOT"/usr/lib/sysctl.d/* "$ROOT"/etc/sysconf.d/*
}

# ---------------------------------------------------------------------------------------------------------------
# Certificates: the public half
# ---------------------------------------------------------------------------------------------------------------

# The containerd image store lies below agent/ as well, so no recursion there. Names of keys are not even opened.
certificate_files() {
  set --
  for folder in "$ROOT"/etc/kubernetes/pki "$ROOT"/etc/kubernetes/ssl "$ROOT"/var/lib/kubelet/pki "$ROOT"/etc/etcd \
    "$ROOT"/etc/ssl/etcd "$ROOT"/opt/etcd/ssl "$ROOT"/opt/kubernetes/ssl "$ROOT"/etc/cni/net.d/calico-tls "$RANCHER"/*/server/tls; do
    [ ! -d "$folder" ] || set -- "$@" "$folder"
  done
  for file in "$RANCHER"/*/agent/*.crt "$RANCHER"/*/agent/*.pem; do
    [ ! -e "$file" ] || set -- "$@" "$file"
  done
  [ $# -eq 0 ] || limited 20 find "$@" \( -name '*.crt' -o -name '*.pem' -o -name '*.cert' \) ! -name '*key*' \( -type f -o -type l \)
}

capture_certificates() {
  certificate_files >"$WORK/files" 2>"$WORK/find-errors"
  sort "$WORK/files" | head -n "$FILES_EACH" >"$WORK/sorted"
  while read -r file; do
    as certificates copy certificate "certs/${file#"$ROOT"/}" "${file#"$ROOT"}"
  done <"$WORK/sorted"
  for folder in "$RANCHER"/*/server "$ROOT"/etc/kubernetes/pki "$ROOT"/var/lib/kubelet/pki; do
    if [ -d "$folder" ] && ! [ -x "$folder" ]; then missing certificate "certs/${folder#"$ROOT"/}" denied "find $folder"; fi
  done
}

# What a kubeconfig says of itself: tab-separated server, authority and client certificate (base64), authority's
# file, and the kind of its user. Neither its tokens nor its keys are printed, not even to a variable.
AWK_KUBECONFIG='
  function value() { sub(/^[^:]*:[ \t]*/, ""); gsub(/^["\047]|["\047 \t\r]+$/, ""); return $0 }
  { sub(/^[ \t-]+/, "") }
  /^server:/ && server == "" { server = value() }
  /^certificate-authority-data:/ && ca == "" { ca = value() }
  /^certificate-authority:/ && file == "" { file = value() }
  /^client-certificate-data:/ && client == "" { client = value(); kind = "client-certificate" }
  /^client-certificate:/ { kind = "client-certificate" }
  /^(token|tokenFile):/ { kind = "token" }
  /^exec:/ { kind = "exec" }
  /^auth-provider:/ { kind = "auth-provider" }
  /^username:/ { kind = "password" }
  END { sub(/:\/\/.*@/, "://<withheld>@", server)
    print server; print ca; print client; print file; print kind == "" ? "none" : kind }
'

kubeconfig_files() {
  for file in "$ROOT"/etc/rancher/k3s/k3s.yaml "$ROOT"/etc/rancher/rke2/rke2.yaml "$ROOT"/etc/kubernetes/*.conf \
    "$ROOT"/etc/kubernetes/*.kubeconfig "$ROOT"/var/lib/kubelet/kubeconfig "$ROOT"/var/lib/kube-proxy/*kubeconfig* "$RANCHER"/*/agent/*.kubeconfig \
    "$RANCHER"/*/server/cred/*.kubeconfig "$ROOT"/etc/cni/net.d/*kubeconfig* "$RANCHER"/*/agent/etc/cni/net.d/*kubeconfig* "$ROOT"/root/.kube/config; do
    [ ! -e "$file" ] || echo "$file"
  done
}

# SHA-256 of the first certificate's DER bytes, as `openssl x509 -fingerprint -sha256` has it, without colons.
fingerprint() { # file of certificates
  awk '/^-----END/ { exit } !/^-----/' "$1" | tr -d '\n' | decode_base64 | sha256
}

kubeconfig_table() {
  printf 'path\tserver\tca_sha256\tuser_kind\n'
  while read -r file; do
    [ -f "$file" ] && [ -r "$file" ] || continue
    awk "$AWK_KUBECONFIG" "$file" >"$WORK/kubeconfig" || continue
    { read -r server; read -r ca; read -r _; read -r ca_file; read -r kind; } <"$WORK/kubeconfig"
    case $ca_file in /*) ca_file=$ROOT$ca_file ;; esac
    if [ "$ca" ]; then printf %s "$ca" | decode_base64 | awk "$AWK_CERTIFICATES"
    elif [ -f "$ca_file" ]; then awk "$AWK_CERTIFICATES" "$ca_file"
    fi >"$WORK/authority"
    if [ -s "$WORK/authority" ]; then ca=$(fingerprint "$WORK/authority"); else ca=-; fi
    printf '%s\t%s\t%s\t%s\n' "${file#"$ROOT"}" "$server" "$ca" "$kind"
  done <"$WORK/kubeconfigs"
}

embedded_authority() { sed -n 2p "$WORK/kubeconfig" | decode_base64; }
embedded_client() { sed -n 3p "$WORK/kubeconfig" | decode_base64; }

capture_kubeconfigs() {
  kubeconfig_files >"$WORK/kubeconfigs"
  compose kubeconfigs kube/kubeconfigs.tsv kubeconfig_table 'server, CA fingerprint and user kind of every kubeconfig'
  while read -r file; do
    if ! [ -r "$file" ]; then missing kubeconfig "certs/${file#"$ROOT"/}.client.crt" denied "certificates of $file"; continue; fi
    [ -f "$file" ] && awk "$AWK_KUBECONFIG" "$file" >"$WORK/kubeconfig" || continue
    for part in authority client; do
      line=2 name=ca
      [ $part = authority ] || line=3 name=client
      [ "$(sed -n ${line}p "$WORK/kubeconfig")" ] || continue
      as certificates compose certificate "certs/${file#"$ROOT"/}.$name.crt" embedded_$part "the $name certificate of $file"
    done
  done <"$WORK/kubeconfigs"
}

# ---------------------------------------------------------------------------------------------------------------
# CNI: configuration, address reservations, state
# ---------------------------------------------------------------------------------------------------------------

cni_plugins() {
  for folder in "$ROOT"/opt/cni/bin "$RANCHER"/k3s/data/cni "$RANCHER"/k3s/data/current/bin "$ROOT"/usr/libexec/cni "$ROOT"/usr/lib/cni; do
    [ ! -d "$folder" ] || ls "$folder"
  done | sort -u
}

flannel_state() {
  [ ! -d "$ROOT/var/lib/cni/flannel" ] || ls "$ROOT/var/lib/cni/flannel"
}

capture_cni() {
  for file in "$ROOT"/etc/cni/net.d/* "$RANCHER"/*/agent/etc/cni/net.d/*; do
    case ${file##*/} in
      \*) ;;
      *kubeconfig*) missing cni-conf "cni/net.d/${file##*/}" withheld "cat $file" ;;
      *.conf | *.conflist | *.json) as config copy cni-conf "cni/net.d/${file##*/}" "${file#"$ROOT"}" ;;
    esac
  done
  compose cni-bin cni/bin.txt cni_plugins 'ls of the plugin folders'
  copy flannel-subnet-env cni/flannel-subnet.env /run/flannel/subnet.env
  for network in "$ROOT"/var/lib/cni/networks/*; do
    [ -d "$network" ] || continue
    as bytes copy_reservations "$network"
  done
  compose flannel-state cni/flannel-state.txt flannel_state 'ls /var/lib/cni/flannel'
  take netns cni/netns.txt ip netns list-id
}

copy_reservations() { # folder of a network: files named by address, and the last address given
  for file in "$1"/*[0-9.:a-f] "$1"/last_reserved_ip.*; do
    case ${file##*/} in lock | *.lock | *\**) continue ;; esac
    [ ! -f "$file" ] || copy ipam "cni/ipam/${1##*/}/${file##*/}" "${file#"$ROOT"}"
  done
}

# ---------------------------------------------------------------------------------------------------------------
# Kubernetes and the container runtime
# ---------------------------------------------------------------------------------------------------------------

capture_config() {
  as config copy_all kube-config kube/config/ "$ROOT"/etc/rancher/*/config.yaml "$ROOT"/etc/rancher/*/config.yaml.d/*.yaml \
    "$ROOT"/var/lib/kubelet/config.yaml "$ROOT"/var/lib/kubelet/kubeadm-flags.env "$ROOT"/etc/kubernetes/manifests/*.yaml \
    "$RANCHER"/*/agent/pod-manifests/*.yaml "$RANCHER"/*/agent/etc/kubelet.conf.d/* "$ROOT"/var/lib/kube-proxy/*.yaml \
    "$ROOT"/etc/default/kubelet "$ROOT"/etc/sysconfig/kubelet "$ROOT"/etc/default/k3s* "$ROOT"/etc/default/rke2* \
    "$ROOT"/etc/systemd/system/k3s*.service* "$ROOT"/etc/systemd/system/rke2*.service*
  for unit in kubelet kube-proxy flanneld docker containerd k3s k3s-agent rke2-server rke2-agent; do
    for folder in /usr/lib/systemd/system /lib/systemd/system /usr/local/lib/systemd/system /etc/systemd/system /run/systemd/system; do
      as config copy_all kube-config kube/config/ "$ROOT$folder/$unit".service "$ROOT$folder/$unit".service.d/*
    done
  done
  as config copy_all runtime-config runtime/config/ "$ROOT"/etc/containerd/config.toml "$ROOT"/etc/containerd/certs.d/*/hosts.toml \
    "$ROOT"/etc/docker/daemon.json "$ROOT"/etc/crio/crio.conf "$ROOT"/etc/crio/crio.conf.d/* "$ROOT"/etc/crictl.yaml \
    "$ROOT"/etc/rancher/*/registries.yaml "$RANCHER"/*/agent/etc/containerd/config.toml
}

capture_runtime() {
  socket=
  for path in /run/k3s/containerd/containerd.sock /run/containerd/containerd.sock /run/crio/crio.sock /run/cri-dockerd.sock; do
    [ ! -S "$ROOT$path" ] || socket=${socket:-$ROOT$path}
  done
  for what in pods ps; do
    if [ "$socket" ]; then
      as json take crictl-$what runtime/crictl-$what.json crictl --runtime-endpoint "unix://$socket" --timeout 10s $what \
        $([ $what = pods ] || echo -a) -o json
    else missing crictl-$what runtime/crictl-$what.json absent "crictl $what -o json" 'no runtime socket'; fi
  done
  # A socket without a running daemon would start it.
  if [ -S "$ROOT/run/docker.sock" ] && [ -e "$ROOT/run/docker.pid" ]; then
    take docker-ps runtime/docker-ps.txt docker -H "unix://$ROOT/run/docker.sock" ps -a
  else missing docker-ps runtime/docker-ps.txt absent 'docker ps -a' 'docker is not running'; fi
}

# The first kubeconfig that this user may read and that runs no program of its own.
capture_api() {
  config=
  for file in /etc/rancher/k3s/k3s.yaml /etc/rancher/rke2/rke2.yaml /etc/kubernetes/admin.conf \
    /etc/kubernetes/kubelet.conf /var/lib/rancher/k3s/agent/kubelet.kubeconfig /var/lib/rancher/rke2/agent/kubelet.kubeconfig; do
    [ -z "$config" ] && [ -f "$ROOT$file" ] && [ -r "$ROOT$file" ] || continue
    grep -Eq '^ *(exec|auth-provider):' "$ROOT$file" || config=$ROOT$file
  done
  for resource in nodes pods services endpoints endpointslices events networkpolicies; do
    if [ -z "$config" ]; then missing kube-$resource kube/api/$resource.json absent "kubectl get $resource" 'no kubeconfig to use'; continue; fi
    as json up_to "$DUMP_KIB" take kube-$resource kube/api/$resource.json kubectl --kubeconfig="$config" --cache-dir="$WORK/kubectl" \
      --request-timeout=10s get $resource -A -o json
  done
}

capture_etcd() {
  for tls in "$ROOT/etc/kubernetes/pki/etcd/ca.crt healthcheck-client" "$RANCHER/k3s/server/tls/etcd/server-ca.crt client" \
    "$RANCHER/rke2/server/tls/etcd/server-ca.crt client"; do
    ca=${tls% *} client=${tls% *}
    client=${client%/*}/${tls##* }
    [ -r "$ca" ] && [ -r "$client.key" ] || continue
    for query in 'member list' 'endpoint status'; do
      # shellcheck disable=SC2086 # two words
      take etcd "etcd/${query% *}-${query#* }.json" etcdctl --endpoints=https://127.0.0.1:2379 --cacert="$ca" --cert="$client.crt" \
        --key="$client.key" --command-timeout=5s -w json $query
    done
    return
  done
}

# ---------------------------------------------------------------------------------------------------------------
# Logs
# ---------------------------------------------------------------------------------------------------------------

capture_logs() {
  if have dmesg && ! { dmesg 2>&1 >/dev/null | grep -q .; }; then newest take dmesg kernel/dmesg.txt dmesg
  else newest take dmesg kernel/dmesg.txt journalctl --no-pager -k -o short-monotonic -n "$JOURNAL_LINES"; fi
  take boots kernel/boots.txt journalctl --no-pager --list-boots
  for unit in k3s k3s-agent rke2-server rke2-agent kubelet containerd docker crio etcd kube-proxy flanneld \
    NetworkManager systemd-networkd firewalld ufw keepalived systemd-timesyncd chronyd; do
    newest take journal journal/$unit.txt journalctl --no-pager -u $unit -o short-iso-precise --utc --since "-$SINCE" -n "$JOURNAL_LINES"
  done
  for file in /var/log/syslog /var/log/messages /var/log/k3s.log /var/log/k3s-service.log; do
    name=${file##*/}
    if ! have journalctl && [ -r "$ROOT$file" ]; then newest take journal "journal/${name%.log}.txt" tail -c $((KEPT_KIB * 1024)) "$ROOT$file"; fi
  done
  for folder in "$ROOT"/var/log/pods/*kube-proxy*/*/ "$ROOT"/var/log/pods/*flannel*/*/ "$ROOT"/var/log/pods/*calico*/*/ \
    "$ROOT"/var/log/pods/*canal*/*/ "$ROOT"/var/log/pods/*cilium*/*/ "$ROOT"/var/log/pods/*coredns*/*/; do
    latest=-1
    for file in "$folder"[0-9]*.log; do
      number=${file##*/}
      number=${number%.log}
      case $number in *[!0-9]*) continue ;; esac
      [ "$number" -le $latest ] || latest=$number
    done
    [ $latest -ge 0 ] || continue
    pod=${folder#"$ROOT"/var/log/pods/}
    pod=${pod%/}
    newest take journal "journal/pod-${pod%%/*}-${pod#*/}.txt" tail -c $((KEPT_KIB * 1024)) "$folder$latest.log"
  done
}

# ---------------------------------------------------------------------------------------------------------------
# Start and end
# ---------------------------------------------------------------------------------------------------------------

clean_up() {
  [ -z "${CHILD-}" ] || kill "$CHILD" 2>/dev/null
  [ -z "${WATCHER-}" ] || kill "$WATCHER" 2>/dev/null
  cd / && rm -rf "$WORK"
}

stop() { # exit-status
  trap - EXIT
  trap '' HUP INT TERM
  clean_up
  say 'collect.sh: interrupted, nothing is left behind'
  exit "$1"
}

# Everything lies in one folder of mode 0700 beside the archive to be: no other user can plant a link in it, and the
# last step is a rename. What a run that was killed outright left a day ago or more is removed.
prepare() {
  [ -d "$OUT" ] && [ -w "$OUT" ] || refuse 3 "cannot write to $OUT"
  OUT=$(cd "$OUT" && pwd -P) || refuse 3 'cannot enter the folder of --out'
  find "$OUT"/.coldcase.* -prune -type d -user "$(id -u)" -mtime +0 -exec rm -rf {} + 2>/dev/null
  WORK=$(mktemp -d "$OUT/.coldcase.XXXXXX") || refuse 3 "cannot make a folder in $OUT"
  trap clean_up EXIT
  trap 'stop 129' HUP
  trap 'stop 130' INT
  trap 'stop 143' TERM
  HOME=$WORK
  export HOME
  renice -n 19 -p $$ >/dev/null 2>&1
  ionice -c 3 -p $$ >/dev/null 2>&1
  node=$(printf %s "$HOST" | tr -cd 'A-Za-z0-9.-' | cut -c 1-63)
  NAME=coldcase-${node:-node}-$(date -u +%Y%m%dT%H%M%SZ)
  TOP=$WORK/$NAME RAW=$WORK/raw ERRORS=$WORK/errors
  mkdir "$TOP" || refuse 3 "cannot write to $OUT"
  printf '# coldcase-bundle 1\nsource\tpath\tstatus\texit\tms\tbytes\tdropped\tsha256\tcommand\n' >"$TOP/manifest.tsv"
}

# ustar with names in order and no owner where tar knows how; anything that a tar reader takes where it does not.
pack() {
  cd "$WORK" || return 1
  for suffix in .tar.gz .tar; do
    for options in '--format=ustar --sort=name --owner=0 --group=0 --numeric-owner' --format=ustar ''; do
      # shellcheck disable=SC2086 # the options are meant to be split
      tar $options -c"$([ $suffix = .tar ] || echo z)"f "$NAME$suffix.partial" "$NAME" 2>"$ERRORS" && break 2
    done
    rm -f "$NAME$suffix.partial"
  done
  [ -f "$NAME$suffix.partial" ] || refuse 3 "tar failed: $(first_line "$ERRORS")"
  ARCHIVE=$OUT/$NAME$suffix
  ! [ -e "$ARCHIVE" ] && ! [ -L "$ARCHIVE" ] || refuse 3 "$ARCHIVE is there already"
  if sync -f "$NAME$suffix.partial" 2>/dev/null; then :; fi
  mv "$NAME$suffix.partial" "$ARCHIVE" || refuse 3 "cannot write $ARCHIVE"
}

HOST=$(first_line "$ROOT/etc/hostname")
[ "$ROOT" ] && [ "$HOST" ] || HOST=$(first_line /proc/sys/kernel/hostname)
BUNDLED_IPTABLES=none
for file in "$RANCHER"/k3s/data/current/bin/aux/iptables "$RANCHER"/rke2/data/current/bin/aux/iptables; do
  if [ -x "$file" ] && [ "$(command -v iptables)" != "$file" ]; then BUNDLED_IPTABLES=$file; fi
done
SECONDS_EACH=$DEFAULT_SECONDS FILTER=text KEEP=first CAP_KIB=$KEPT_KIB PRINT_KIB=$DUMP_KIB TAKEN_KIB=0 BLOCKS=2048 PARTIAL=
WORK=/nonexistent TOP=/nonexistent
find_timeout
[ "$(id -u)" = 0 ] || PARTIAL=yes
[ "$DRY_RUN" ] || prepare
clock
STARTED_MS=$NOW STARTED_UTC=$(date -u +%s)

capture_network
capture_netfilter
capture_ipvs
capture_connections
capture_node
capture_sysctl
capture_cni
capture_runtime
capture_api
capture_config
capture_kubeconfigs
capture_certificates
capture_etcd
capture_logs
compose node-meta meta/node.txt node_facts 'who, when and on what'
[ "$DRY_RUN" ] && exit 0
pack
say "collect.sh: $([ "$PARTIAL" ] && echo 'partial, see manifest.tsv' || echo complete)"
printf '%s\n' "$ARCHIVE"
[ -z "$PARTIAL" ]
