#!/bin/sh
# coldcase collector: takes a snapshot of the network state of one Kubernetes node.
#
# It only reads. It loads no kernel module, takes no lock, sends no packet of its own (kubectl, crictl and etcdctl ask
# the services that this node itself is configured for), writes into one private folder below --out, and leaves one
# archive there. Private keys, tokens and passwords stay on the node: files come from an allow-list, every text passes
# a filter that withholds secrets, and what cannot be filtered is left out.
# What is in the archive: docs/bundle-format.md. What this script does to a node: docs/collector.md.
# shellcheck disable=SC2015,SC2016 # awk programs stand in single quotes; `a && b || c` is meant where it stands
set -u
umask 077
LC_ALL=C HOME=/nonexistent
export LC_ALL HOME
unset CDPATH DOCKER_HOST DOCKER_CONTEXT KUBECONFIG

VERSION=0.1.0
PRINT_KIB=65536      # the most that any command may print
LOG_KIB=16384        # of each log, the newest
TOTAL_KIB=262144     # of all captures together, on disk
FLOOR_KIB=32768      # the file system is never filled beyond this
JOURNAL_LINES=50000  # of each unit, the newest
MANY_FILES=1000      # of one kind, the first
MANY_FLOWS=50000     # connections; where there are more, the first FEW_FLOWS_KIB of them (about 20,000)
FEW_FLOWS_KIB=4096
MANY_RULES=50000     # lines of iptables-save; where there are more, nft does not print them a second time

usage() {
  cat <<'END'
usage: sh collect.sh [--out DIR] [--since AGE] [--timeout SECONDS] [--root DIR] [--dry-run] [--quiet] [--help]

Collects what `coldcase analyze` needs from this node into DIR/coldcase-<node>-<time>.tar.gz and prints that path.
Run it as root; an ordinary user gets fewer captures, and the archive's manifest.tsv names each gap.

  --out DIR          where the archive goes (default: the current folder)
  --since AGE        how far back the journal is read: hours or days, as in 72h (default) or 7d
  --timeout SECONDS  for one capture (default 60); no capture starts after five times that
  --root DIR         read /etc, /run, /usr, /opt, /var and /root below DIR; /proc stays the kernel's
  --dry-run          print every capture that would be made, and make none
  --quiet            no progress on standard error

exit: 0 complete, 1 partial (the manifest says what is missing), 2 usage, 3 cannot write, 129/130/143 interrupted
END
}

refuse() { # exit-status message
  printf 'collect.sh: %s\n' "$2" >&2
  exit "$1"
}

OUT=. SINCE=72h SECONDS_EACH=60 ROOT='' DRY_RUN='' QUIET=''
while [ $# -gt 0 ]; do
  case $1 in
    --out | --since | --timeout | --root) [ $# -gt 1 ] || refuse 2 "$1 needs a value" ;;
  esac
  case $1 in
    --out) OUT=$2 && shift ;;
    --since) SINCE=$2 && shift ;;
    --timeout) SECONDS_EACH=$2 && shift ;;
    --root) ROOT=${2%/} && shift ;;
    --dry-run) DRY_RUN=yes ;;
    --quiet) QUIET=yes ;;
    --help | -h) usage && exit 0 ;;
    *) refuse 2 "unknown option $1 (try --help)" ;;
  esac
  shift
done
case ${SINCE%[hd]} in '' | "$SINCE" | *[!0-9]*) refuse 2 '--since wants hours or days, as in 72h or 7d' ;; esac
case $SECONDS_EACH in '' | 0* | *[!0-9]* | ?????*) refuse 2 '--timeout wants seconds' ;; esac
case $ROOT in *[!A-Za-z0-9._/-]*) refuse 2 '--root wants letters, digits and ._/- only' ;; esac
case $OUT in /*) ;; *) OUT=./$OUT ;; esac

# The node's own tools first; then those that k3s and rke2 carry along, for a node that has none of its own.
RANCHER=$ROOT/var/lib/rancher
PATH=${COLDCASE_PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/bin:/run/current-system/sw/bin}
PATH=$PATH:$RANCHER/k3s/data/current/bin:$RANCHER/k3s/data/current/bin/aux:$RANCHER/rke2/bin
export PATH

# ---- Helpers --------------------------------------------------------------------------------------------------------

say() { [ "$QUIET" ] || printf '%s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }

# The file of a tool, into TOOL: a BusyBox shell would run its own `ip` before the node's.
find_tool() {
  TOOL=$1 IFS=:
  for folder in $PATH; do
    if [ -f "$folder/$1" ] && [ -x "$folder/$1" ]; then TOOL=$folder/$1 && break; fi
  done
  unset IFS
}

# Not the shell's `read`: it asks for single bytes, and numbers below /proc/sys answer the first one only.
first_line() { head -n 1 "$1" 2>/dev/null; }

# Milliseconds since boot, into NOW: costs no process, and no clock step can bend it.
clock() {
  read -r NOW _ </proc/uptime
  NOW=$((${NOW%.*} * 1000 + 1${NOW#*.} * 10 - 1000))
}

# What a capture needs: `-` nothing, a file, or a kernel module, which asking for its state would otherwise load.
# A kernel without /proc/modules cannot load any.
is_there() {
  case $1 in
    -) ;;
    /proc/*) [ "$(first_line "$1")" ] ;;
    /*) [ -e "$1" ] ;;
    *) ! [ -e /proc/modules ] || grep -q "^$1 " /proc/modules ||
      grep -q "/$1[.]ko" "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null ;;
  esac
}

# KiB that may still be written, into ROOM: the file system keeps its floor, and room for the archive.
measure_room() {
  free=$(df -Pk "$WORK" 2>/dev/null | awk 'END { print $(NF - 2) }')
  ROOM=$((TOTAL_KIB - TAKEN_KIB)) free=$((${free:-$TOTAL_KIB} - FLOOR_KIB - TAKEN_KIB))
  [ "$free" -gt "$ROOM" ] || ROOM=$free
}

sha256() { # of standard input
  if have sha256sum; then sha256sum
  elif have shasum; then shasum -a 256
  elif have openssl; then openssl dgst -sha256 -r
  elif have busybox; then busybox sha256sum
  fi 2>/dev/null | awk '{ sum = $1 } END { print sum == "" ? "-" : sum }'
}

decode_base64() { if have base64; then base64 -d; else openssl base64 -d -A; fi 2>/dev/null; }

# ---- Time limits ----------------------------------------------------------------------------------------------------

# `timeout` speaks three dialects (coreutils; BusyBox; BusyBox before 1.30), and some nodes have none.
find_timeout() {
  for TIMEOUT in 'timeout -k 2' timeout 'timeout -t' ''; do
    [ "$TIMEOUT" ] || return 0
    $TIMEOUT 5 true 2>/dev/null && return
  done
}

# Stands in for `timeout`: ends a process that outlives its time. It looks every second and then goes by itself: one that
# had to be told could miss the word, and would end whatever process has that number by then.
watch_over() { # seconds process
  watched=0
  while kill -0 "$2"; do
    [ $((watched += 1)) -le "$1" ] || kill "$2"
    [ "$watched" -le $(($1 + 2)) ] || kill -KILL "$2"
    sleep 1
  done
}

# Runs a command, limited in time and in what it writes. It runs beside the shell, so that a signal is heard at once.
# Leaves its exit status in CODE, its milliseconds in MS, and TIMED_OUT set where the limit ended it.
limited() { # seconds command...
  limit=$1 TIMED_OUT=''
  find_tool "$2"
  shift 2
  clock
  began=$NOW
  (
    command ulimit -f "$BLOCKS" 2>/dev/null
    [ -z "$TIMEOUT" ] || exec $TIMEOUT "$limit" "$TOOL" "$@"
    exec "$TOOL" "$@"
  ) </dev/null &
  CHILD=$!
  [ "$TIMEOUT" ] || watch_over "$limit" $CHILD >/dev/null 2>&1 </dev/null &
  wait $CHILD 2>/dev/null
  CODE=$? CHILD=''
  clock
  MS=$((NOW - began))
  # The dialects answer 124, 137 or 143 (ksh: 256 + signal). A command may end so by itself, but not at that moment.
  case $CODE in 124 | 137 | 143 | 265 | 271) [ $MS -lt $((limit * 1000 - 100)) ] || TIMED_OUT=yes ;; esac
}

# ---- Filters: what may leave the node. Written for every awk, so without {n} repetitions ------------------------------

# Keeps a line and withholds the secrets in it: private keys (from BEGIN to END or to the end of the file), values with
# telling names, tokens of telling shapes, passwords in addresses, and long base64 such as the rest of a key cut in two.
CONCEAL='
  BEGIN {
    HID = "<withheld>"
    WORD = "(passw|passphrase|pwd|token|secret|psk|credential|api_?-?key|access_?-?key|account_?-?key|encryption_?-?key|" \
      "private_?-?key|preshared_?-?key|shared_?-?key|auth_?-?key|key_?-?data|certificate-key|etcd-s3-)[a-z0-9_.-]*"
    NAME = "(" WORD "|auth|authorization|bootstrap|sig)"
    QUOTE = "[\\\\]*[\"\047]?"
    NAMED = NAME QUOTE "[ \t]*[:=]+[ \t]*" QUOTE "((bearer|basic)[ \t]+)?|--?[a-z0-9-]*" WORD "[ \t]+" QUOTE "|(bearer|basic)[ \t]+"
    SUSPECT = "passw|passphrase|pwd|token|secret|psk|cred|key|s3-|auth|bootstrap|bearer|basic|sig="
    SHAPED = "(eyJ|LS0tLS1|AKIA|ASIA|AIza|gh[pousr]_|xox[abeprs]-|glpat-|hv[sb][.]|K10[0-9a-f]*::)" \
      times(8, "[A-Za-z0-9_.:/+=-]") "+"
    JOIN = times(6, "[a-z0-9]") "[.]" times(16, "[a-z0-9]")
    IP4 = "[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+(/[0-9]+)?"
    IP6 = "\\[?[0-9a-f]*:[0-9a-f:]*:[0-9a-f.]*\\]?(/[0-9]+)?"
    HOST = "([a-z]+://)?(" IP4 "|" IP6 "|([a-z0-9-]+[.])+[a-z]+)(:[0-9]+)?/?"
    ADDRESSES = "^(true|false|" HOST "(," HOST ")*)?$"
  }
  function times(n, text,    all) { while (n-- > 0) all = all text; return all }
  function conceal(line,    low) {
    low = tolower(line)
    if (in_key || low ~ /private key/) line = conceal_key(line)
    if (line ~ /:\/\/.*@/) gsub(/:\/\/[^\/ "\047\\]*@/, "://" HID "@", line)
    if (low ~ SUSPECT) { line = conceal_named(line); if (low ~ /token|bootstrap/) gsub(JOIN, HID, line) }
    gsub(SHAPED, HID, line)
    return length(line) < 60 ? line : conceal_long(line)
  }
  function conceal_key(line,    rest) {
    if (in_key && line !~ /-----END [A-Z0-9 ]*PRIVATE KEY/) return HID
    if (in_key) { in_key = 0; sub(/.*-----END [A-Z0-9 ]*PRIVATE KEY-*/, HID, line) }
    while (match(line, /-----BEGIN [A-Z0-9 ]*PRIVATE KEY/)) {
      rest = substr(line, RSTART + RLENGTH)
      line = substr(line, 1, RSTART - 1) HID
      if (match(rest, /-----END [A-Z0-9 ]*PRIVATE KEY-*/)) line = line substr(rest, RSTART + RLENGTH)
      else in_key = 1
    }
    return line
  }
  function conceal_named(line,    done, name, value, last) {
    while (match(tolower(line), NAMED)) {
      name = tolower(substr(line, RSTART, RLENGTH))
      last = substr(name, RLENGTH)
      done = done substr(line, 1, RSTART + RLENGTH - 1)
      line = substr(line, RSTART + RLENGTH)
      match(line, last == "\"" || last == "\047" ? "^[^" last "\\\\]*" : "^[^] \t\"\047,;&)}\\\\]*")
      value = substr(line, 1, RLENGTH)
      line = substr(line, RLENGTH + 1)
      done = done (is_harmless(name, value) ? value : HID)
    }
    return done line
  }
  # Switches, durations, paths in options that name files; in logs also the words of a sentence ("token: invalid").
  function is_harmless(name, value) {
    if (value ~ /^(true|false|null|none|[[{|>]|[0-9]+[smhd]|<withheld>)?$/) return 1
    if (value ~ /^\// && name ~ /(file|path|dir|ca|config)["\047]?[ \t:=]/) return 1
    if (name ~ /^(bearer|basic)/) return length(value) < 16
    return !strict && name !~ /["\047=-]/ && value ~ /^[a-z]+$/
  }
  function conceal_long(line,    word, i) {   # container ids are long as well, but hexadecimal
    for (i = split(line, word, /[^A-Za-z0-9+\/_=-]+/); i > 0; i--)
      if (length(word[i]) > 59 && word[i] ~ /[A-Z]/ && word[i] ~ /[a-z]/ && word[i] ~ /[0-9]/)
        line = substr(line, 1, index(line, word[i]) - 1) HID substr(line, index(line, word[i]) + length(word[i]))
    return line
  }
'

# Output of tools, and logs.
TEXT=$CONCEAL'{ print conceal($0) }'

# Configuration: also what lies below a telling name or follows a telling flag; the `value:` of an environment variable
# stays where it is an address or a host name. A kubeconfig is refused whole (exit status 9).
CONFIG=$CONCEAL'
  BEGIN { strict = 1; below = -1; KEY = "^[ \t-]*[\"\047]?[a-z0-9_.-]*" NAME "[\"\047]?: *([|>][0-9+-]*)?$" }
  /^kind: *"?Config"? *$/ || /client-key-data/ { exit 9 }
  {
    match($0, /^[ \t]*/)
    depth = RLENGTH
    low = tolower($0)
    if (depth <= below && low !~ /^[ \t]*(- |#|$)/) below = -1
    if (below >= 0 || flag) { flag = 0; print substr($0, 1, depth) HID; next }
    if (low ~ KEY) below = depth
    flag = low ~ ("^[ \t]*- *[\"\047]?--?[a-z0-9-]*" WORD "[\"\047]?$")
    if (match($0, /^[ \t-]*value:[ \t]*/)) {
      value = substr($0, RLENGTH + 1)
      gsub(/^["\047]|["\047]$/, "", value)
      if (value ~ /^[|>]/) below = depth
      if (value !~ ADDRESSES) { print substr($0, 1, RLENGTH) HID; next }
    }
    print conceal($0)
  }
'

# JSON as kubectl and crictl print it, one key or item a line; any other shape is refused whole. Values of environment
# variables stay where they are addresses or host names, annotations where a known component owns them.
JSON=$CONCEAL'
  BEGIN {
    strict = 1
    KEY = "\"([^\"\\\\]|\\\\.)*\": *"
    VALUE = "(\"([^\"\\\\]|\\\\.)*\"|-?[0-9][0-9.eE+-]*|true|false|null|[[{]|[{] *[}]|[[] *[]]),?"
    LINE = "^ *((" KEY ")?" VALUE "|[]}],?)$"
    OWNER = "k8s[.]io|kubernetes[.]io|flannel|calico|cilium|k3s[.]|rke2[.]|cni[.]|kube-router|metallb"
  }
  $0 !~ LINE { exit 9 }
  notes && /^ *[}],?$/ { notes = 0 }
  !/",?$/ { flag = 0; if ($0 ~ /"annotations": [{]$/) notes = 1; print; next }
  {
    match($0, "^ *(" KEY ")?\"")
    head = substr($0, 1, RLENGTH)
    key = tolower(head)
    gsub(/^ *"|": *"$/, "", key)
    text = rest = substr($0, RLENGTH + 1)
    sub(/",?$/, "", text)
    print head permitted(key, text) substr(rest, length(text) + 1)
    flag = key == "" && tolower(rest) ~ ("^--?[a-z0-9-]*" WORD "\",?$")
    if (key == "name") variable = tolower(rest)
  }
  function permitted(key, text) {
    if (flag || key ~ /last-applied-configuration$/ || notes && key !~ OWNER) return HID
    if (key == "value") return text ~ ADDRESSES && variable !~ WORD ? text : HID
    if (key ~ WORD && key !~ /name$/) return HID
    text = conceal(text)
    if (in_key) text = HID
    in_key = 0
    return text
  }
'

# Whole CERTIFICATE blocks of plain base64, and nothing else of a file.
CERTIFICATES='
  { sub(/\r$/, "") }
  /^-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----$/ { block = $0; inside = 1; next }
  /^-----END (TRUSTED |X509 )?CERTIFICATE-----$/ { if (inside) print block "\n" $0; inside = 0; next }
  /^[A-Za-z0-9+\/=]+$/ { block = block "\n" $0; next }
  { inside = 0 }
'

# ---- Captures: each ends in one row of the manifest -------------------------------------------------------------------

row() { # source path status exit ms bytes dropped sha256 command
  case $3 in denied | timeout | truncated | failed) PARTIAL=yes ;; esac
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$@" >>"$TOP/manifest.tsv" || refuse 3 'cannot write the manifest'
  say "$3 $2"
}

missing() { # source path status command [why]
  if [ "$DRY_RUN" ]; then printf '%s <- %s (%s)\n' "$2" "$4" "$3"; else row "$1" "$2" "$3" - 0 0 0 - "$4${5:+ # $5}"; fi
}

may_start() { # source path command
  case $2 in
    *[!A-Za-z0-9._/@:+,=~-]*) missing "$1" "${2%%[!A-Za-z0-9._/@:+,=~-]*}" failed 'cat' 'unusual characters in its name' && return 1 ;;
  esac
  if [ "$DRY_RUN" ]; then printf '%s <- %s\n' "$2" "$3" && return 1; fi
  ! [ -e "$TOP/$2" ] || return 1
  clock
  LEFT=$((SECONDS_EACH * 5 - (NOW - STARTED_MS) / 1000))
  [ $LEFT -lt "$SECONDS_EACH" ] || LEFT=$SECONDS_EACH
  [ "$LEFT" -gt 0 ] || { missing "$1" "$2" timeout "$3" 'not started: the time is up' && return 1; }
  measure_room
  [ $ROOM -ge 128 ] || { missing "$1" "$2" failed "$3" 'not started: too little free space' && return 1; }
  mkdir -p "$TOP/${2%/*}"
  # The raw and the filtered text lie side by side for a moment: half the room each, in blocks of 512 bytes.
  BLOCKS=$((PRINT_KIB * 2))
  [ $BLOCKS -lt $ROOM ] || BLOCKS=$ROOM
}

# Keeps what a command prints, or a file.
take() { # source path needs command... (or `file` and its path)
  name=$1 target=$2 needs=$3
  shift 3
  if [ "$1" = file ]; then copy "$name" "$target" "$2"
  elif ! is_there "$needs"; then missing "$name" "$target" absent "$*" "$needs is not there"
  elif ! have "$1"; then missing "$name" "$target" absent "$*" "no $1"
  elif may_start "$name" "$target" "$*"; then
    limited "$LEFT" "$@" >"$RAW" 2>"$ERRORS"
    settle "$name" "$target" "$*"
  fi
}

# A table of such captures.
captures() {
  # shellcheck disable=SC2086 # the words of a table are meant to be split
  while read -r row; do take $row; done
}

# Keeps what a function of this script prints.
compose() { # source path what-it-does function...
  may_start "$1" "$2" "$3" || return 0
  name=$1 target=$2 made=$3 start=$NOW
  shift 3
  "$@" >"$RAW" 2>"$ERRORS"
  clock
  CODE=- TIMED_OUT='' MS=$((NOW - start))
  settle "$name" "$target" "$made"
}

copy() { # source path file
  if ! [ -e "$3" ]; then missing "$1" "$2" absent "cat $3"
  elif ! [ -f "$3" ]; then missing "$1" "$2" failed "cat $3" 'not a regular file'
  elif ! [ -r "$3" ]; then missing "$1" "$2" denied "cat $3"
  else take "$1" "$2" - cat "$3"; fi
}

# Names of the files that are there, of a list of patterns below the root. No name with a space in it is of interest.
list_files() { # patterns
  set -f
  # shellcheck disable=SC2086 # a list
  set -- $1
  set +f
  for pattern in "$@"; do
    for file in $ROOT$pattern; do [ ! -e "$file" ] || echo "$file"; done
  done
}

first_of() { # patterns: the first file that this user may read; where there is none, the first pattern
  for file in $(list_files "$1"); do [ -r "$file" ] && echo "$file" && return; done
  echo "$ROOT${1%%[!!-~]*}"
}

# Copies them; in the bundle they keep their paths, below a folder of their own.
copy_all() { # source folder patterns
  for file in $(list_files "$3"); do copy "$1" "$2${file#"$ROOT"/}" "$file"; done
}

# `as "$CONFIG" copy …`: with another filter. `newest take …`: of a long text, the end.
as() { FILTER=$1 && shift && "$@"; FILTER=$TEXT; }
newest() { NEWEST=yes && "$@"; NEWEST=''; }

# Filters, cuts and files away what a capture printed, and writes its row.
settle() { # source path command
  kept=$TOP/$2 status=ok dropped=0 why=''
  if [ -s "$ERRORS" ]; then awk "$TEXT"' NR == 200 { exit }' "$ERRORS" >"$kept.stderr" 2>/dev/null; fi
  if [ "$FILTER" = bytes ]; then cat "$RAW"; else awk "$FILTER" "$RAW"; fi >"$kept" 2>/dev/null
  case $? in 0) ;; 9) status=withheld why=' # a secret could not be cut out' ;; *) status=failed why=' # not filtered' ;; esac
  bytes=$(($(wc -c <"$kept")))
  if [ "$NEWEST" ] && [ $bytes -gt $((LOG_KIB * 1024)) ]; then
    tail -c $((LOG_KIB * 1024)) "$kept" | sed 1d >"$RAW" && mv "$RAW" "$kept"
    dropped=$((bytes - $(wc -c <"$kept"))) bytes=$((bytes - dropped))
  fi
  if [ $status != ok ]; then bytes=0
  elif [ "$TIMED_OUT" ]; then status=timeout
  elif [ $dropped -gt 0 ] || [ "$CODE" = 153 ] || [ "$CODE" = 281 ]; then status=truncated   # 153, 281: SIGXFSZ
  elif [ "$CODE" != 0 ] && [ "$CODE" != - ]; then status=failed
  elif [ $bytes -eq 0 ] || [ "$(first_line "$kept")" = '-- No entries --' ]; then status=empty; fi
  case $status in failed | empty) ! grep -Eiq "$DENIED" "$ERRORS" || status=denied bytes=0 ;; esac
  if [ $bytes -gt 0 ] || [ $status = empty ]; then sum=$(sha256 <"$kept"); else rm -f "$kept" && sum=-; fi
  TAKEN_KIB=$((TAKEN_KIB + bytes / 1024 + 4))
  row "$1" "$2" $status "$CODE" $MS $bytes $dropped "$sum" "$3$why"
}
DENIED='permission denied|not permitted|must be root|are you root|not seeing messages|no permission|forbidden'

# ---- What is captured, the most volatile first --------------------------------------------------------------------------

# Of the packet filter only `-save`: unlike `iptables -L` it takes no lock and loads no table. /proc/net/nf_conntrack is
# never read: that walks the whole table under load.
capture_network() {
  compose conntrack-counts conntrack/counts.txt 'nf_conntrack_count, _max and _buckets' flow_counts
  backend=$(backend_of iptables)
  case $backend in legacy) other=nft ;; *) other=legacy ;; esac
  captures <<END
ip-neigh              net/ip-neigh.txt          - ip -s neigh show nud all
arp-cache-stat        net/arp-cache-stat.txt    - file /proc/net/stat/arp_cache
ndisc-cache-stat      net/ndisc-cache-stat.txt  - file /proc/net/stat/ndisc_cache
softnet-stat          net/softnet-stat.txt      - file /proc/net/softnet_stat
netstat               net/netstat.txt           - file /proc/net/netstat
snmp                  net/snmp.txt              - file /proc/net/snmp
dev                   net/dev.txt               - file /proc/net/dev
ip-addr               net/ip-addr.txt           - ip -d addr show
ip-link               net/ip-link.txt           - ip -s -s -d link show
ip-route              net/ip-route.txt          - ip -4 route show table all
ip6-route             net/ip6-route.txt         - ip -6 route show table all
ip-rule               net/ip-rule.txt           - ip -4 rule show
ip6-rule              net/ip6-rule.txt          - ip -6 rule show
bridge-fdb            net/bridge-fdb.txt        - bridge fdb show
bridge-link           net/bridge-link.txt       - bridge -d link show
ss-listen             net/ss-listen.txt         - ss -tulpn
ss-summary            net/ss-summary.txt        - ss -s
iptables-save         netfilter/iptables-save.txt  $(in_kernel 4 "$backend") iptables-save -c
ip6tables-save        netfilter/ip6tables-save.txt $(in_kernel 6 "$backend") ip6tables-save -c
iptables-$other-save  netfilter/iptables-$other-save.txt  $(in_kernel 4 $other) iptables-$other-save -c
ip6tables-$other-save netfilter/ip6tables-$other-save.txt $(in_kernel 6 $other) ip6tables-$other-save -c
bundled-iptables-save netfilter/bundled/iptables-save.txt $BUNDLED $BUNDLED-save -c
ip-tables-names       netfilter/ip-tables-names.txt - file /proc/net/ip_tables_names
ipset-save            netfilter/ipset-save.txt  ip_set ipset save
proc-ip-vs            ipvs/proc-ip-vs.txt       - file /proc/net/ip_vs
ipvsadm               ipvs/ipvsadm.txt          /proc/net/ip_vs ipvsadm -Ln
ipvsadm-stats         ipvs/ipvsadm-stats.txt    /proc/net/ip_vs ipvsadm -Ln --stats
ipvsadm-timeouts      ipvs/ipvsadm-timeouts.txt /proc/net/ip_vs ipvsadm -Ln --timeout
resolv-conf           net/resolv-conf.txt       - file $ROOT/etc/resolv.conf
hosts                 net/hosts.txt             - file $ROOT/etc/hosts
nsswitch              net/nsswitch.txt          - file $ROOT/etc/nsswitch.conf
END
  rules=$(wc -l <"$TOP/netfilter/iptables-save.txt" 2>/dev/null)
  if [ "${rules:-0}" -le $MANY_RULES ]; then take nft-ruleset netfilter/nft-ruleset.txt nf_tables nft -a list ruleset
  else missing nft-ruleset netfilter/nft-ruleset.txt failed 'nft -a list ruleset' "iptables-save was load enough: $rules lines"; fi
  # Without the netlink module `conntrack` would load it.
  flows=$(first_line /proc/sys/net/netfilter/nf_conntrack_count) netlink=nf_conntrack_netlink
  [ "$flows" ] || netlink=/proc/sys/net/netfilter/nf_conntrack_count
  [ "${flows:-0}" -le $MANY_FLOWS ] || PRINT_KIB=$FEW_FLOWS_KIB
  take conntrack-list conntrack/list.txt $netlink conntrack -L
  PRINT_KIB=65536
  take conntrack-stats conntrack/stats.txt $netlink conntrack -S
  # Tunnels, bridges and network cards, not the pods' ends of their veth pairs, of which there are hundreds.
  for device in $(awk -F: 'NR > 2 { gsub(/ /, "", $1); print $1 }' /proc/net/dev | grep -Ev '^(lo|veth|cali|lxc|dummy)' | head -n 64); do
    take ethtool "net/ethtool/$device.txt" - ethtool -k "$device"
  done
}

flow_counts() {
  for key in count max buckets; do
    value=$(first_line /proc/sys/net/netfilter/nf_conntrack_$key) && [ "$value" ] && echo "$key=$value"
  done
}

backend_of() { # iptables
  limited 5 "$1" -V >"$WORK/version" 2>/dev/null
  case $(first_line "$WORK/version") in *nf_tables*) echo nft ;; *) echo legacy ;; esac
}

in_kernel() { # 4|6 backend: what a dump needs
  case $1$2 in *nft) echo nf_tables ;; 4*) echo /proc/net/ip_tables_names ;; *) echo /proc/net/ip6_tables_names ;; esac
}

# Not asked: what would load a kernel module to answer (ipset, ipvsadm), or call the API server (some builds of kubectl).
versions() {
  for tool in "$BUNDLED -V" 'iptables -V' 'ip6tables -V' 'iptables-legacy -V' 'iptables-nft -V' 'nft -v' 'ip -V' 'conntrack -V' \
    'k3s --version' 'rke2 --version' 'kubelet --version' 'kube-proxy --version' 'flanneld --version' \
    'containerd --version' 'runc --version' 'crictl --version' 'docker --version' 'crio --version' 'etcdctl version' 'systemctl --version'; do
    have "${tool%% *}" || continue
    # shellcheck disable=SC2086 # tool and argument
    limited 5 $tool >"$WORK/version" 2>&1
    case $tool in /*) tool=bundled-iptables ;; esac
    echo "${tool%% *}: $(first_line "$WORK/version")"
  done
}

# Named keys only: `sysctl -a` would print stable_secret and tcp_fastopen_key. A dot in an interface's name becomes a
# slash, as sysctl has it.
sysctl_values() {
  cd /proc/sys || return
  # shellcheck disable=SC2086 # patterns
  grep -s '' /dev/null $SYSCTL_KEYS | awk '{ colon = index($0, ":"); key = substr($0, 1, colon - 1)
    gsub(/[.]/, "\001", key); gsub(/\//, ".", key); gsub(/\001/, "/", key); print key " = " substr($0, colon + 1) }'
  cd "$WORK" || return
}
EACH='net/ipv4/conf/*'
SYSCTL_KEYS="net/ipv4/ip_forward net/ipv4/ip_local_* net/ipv4/ip_no* net/ipv4/vs/* net/bridge/* net/netfilter/nf_conntrack_*
  $EACH/forwarding $EACH/rp_filter $EACH/src_valid_mark $EACH/arp_ignore $EACH/arp_announce $EACH/arp_filter $EACH/accept_local
  $EACH/route_localnet $EACH/log_martians $EACH/proxy_arp $EACH/send_redirects $EACH/accept_redirects net/nf_conntrack_max
  net/ipv6/conf/*/forwarding net/ipv6/conf/*/disable_ipv6 net/ipv6/conf/*/accept_ra net/ipv6/conf/*/accept_dad
  net/ipv4/neigh/default/gc_* net/ipv6/neigh/default/gc_* net/ipv6/route/gc_thresh net/ipv6/route/max_size
  net/ipv4/tcp_tw_* net/ipv4/tcp_timestamps net/ipv4/tcp_syncookies net/ipv4/tcp_keepalive_* net/ipv4/tcp_mtu_probing
  net/ipv4/tcp_max_* net/ipv4/tcp_fin_timeout net/ipv4/tcp_retries? net/ipv4/tcp_?mem net/ipv4/tcp_mem net/core/somaxconn
  net/core/netdev_* net/core/?mem_max net/core/bpf_jit_enable net/core/default_qdisc fs/file-* fs/inotify/* vm/swappiness
  vm/overcommit_memory vm/max_map_count vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/pid_max kernel/threads-max"

names_in() { for folder in $(list_files "$1"); do ls "$folder"; done | sort -u; }

capture_node() {
  captures <<END
os-release meta/os-release.txt - file $(first_of '/etc/os-release /usr/lib/os-release')
uname      meta/uname.txt      - uname -a
cmdline    meta/cmdline.txt    - file /proc/cmdline
modules    meta/modules.txt    - file /proc/modules
flannel-subnet-env cni/flannel-subnet.env - file $ROOT/run/flannel/subnet.env
netns      cni/netns.txt       - ip netns list-id
END
  compose versions meta/versions.txt 'first line of what each tool calls its version' versions
  compose sysctl-values sysctl/values.txt 'allow-listed keys below /proc/sys' sysctl_values
  copy_all sysctl-files sysctl/files/ '/etc/sysctl.conf /etc/sysctl.d/* /run/sysctl.d/* /usr/lib/sysctl.d/* /etc/sysconf.d/*'
  compose cni-bin cni/bin.txt 'names in the plugin folders' names_in \
    '/opt/cni/bin /usr/libexec/cni /usr/lib/cni /var/lib/rancher/k3s/data/cni /var/lib/rancher/k3s/data/current/bin'
  compose flannel-state cni/flannel-state.txt 'names in /var/lib/cni/flannel' names_in /var/lib/cni/flannel
  for file in $(list_files '/etc/cni/net.d/* /var/lib/rancher/*/agent/etc/cni/net.d/*'); do
    case $file in
      *kubeconfig*) missing cni-conf "cni/net.d/${file##*/}" withheld "cat $file" ;;
      *.conf | *.conflist | *.json) as "$CONFIG" copy cni-conf "cni/net.d/${file##*/}" "$file" ;;
    esac
  done
  # Byte for byte: the carriage return inside them is theirs.
  for file in $(list_files '/var/lib/cni/networks/*/[0-9a-f]*[.:]* /var/lib/cni/networks/*/last_reserved_ip.0' | head -n $MANY_FILES); do
    as bytes copy ipam-reservations "cni/ipam/${file#"$ROOT"/var/lib/cni/networks/}" "$file"
  done
}

capture_config() {
  as "$CONFIG" copy_all kube-config kube/config/ '/etc/rancher/*/config.yaml /etc/rancher/*/config.yaml.d/*
    /var/lib/rancher/*/agent/pod-manifests/*.y*ml /var/lib/rancher/*/agent/etc/kubelet.conf.d/* /etc/kubernetes/manifests/*.y*ml
    /var/lib/kubelet/config.yaml /var/lib/kubelet/kubeadm-flags.env /var/lib/kube-proxy/*.y*ml /etc/default/kubelet
    /etc/sysconfig/kubelet /etc/systemd/system/*.service.env'
  for unit in k3s k3s-agent rke2-server rke2-agent kubelet kube-proxy flanneld docker containerd; do
    as "$CONFIG" copy_all kube-config kube/config/ "/*/systemd/system/$unit.service /*/systemd/system/$unit.service.d/*
      /usr/lib/systemd/system/$unit.service /usr/lib/systemd/system/$unit.service.d/* /usr/local/lib/systemd/system/$unit.service"
  done
  as "$CONFIG" copy_all runtime-config runtime/config/ '/etc/containerd/config.toml /etc/containerd/certs.d/*/hosts.toml
    /var/lib/rancher/*/agent/etc/containerd/config.toml /etc/rancher/*/registries.yaml /etc/docker/daemon.json /etc/crictl.yaml
    /etc/crio/crio.conf /etc/crio/crio.conf.d/*'
}

# docker only where its daemon runs, because its socket would start it; kubectl only with a kubeconfig that starts no
# program of its own.
capture_services() {
  cri=$(first_of '/run/k3s/containerd/containerd.sock /run/containerd/containerd.sock /run/crio/crio.sock')
  as "$JSON" captures <<END
crictl-pods runtime/crictl-pods.json $cri crictl --runtime-endpoint unix://$cri --timeout 10s pods -o json
crictl-ps   runtime/crictl-ps.json   $cri crictl --runtime-endpoint unix://$cri --timeout 10s ps -a -o json
END
  take docker-ps runtime/docker-ps.txt "$ROOT"/run/docker.pid docker -H "unix://$ROOT/run/docker.sock" ps -a
  config=$(first_of '/etc/rancher/*/k3s.yaml /etc/rancher/*/rke2.yaml /etc/kubernetes/admin.conf
    /var/lib/rancher/*/agent/kubelet.kubeconfig /etc/kubernetes/kubelet.conf')
  ! grep -Eqs '^ *(exec|auth-provider):' "$config" || config=/no/usable/kubeconfig
  for kind in nodes pods services endpoints endpointslices events networkpolicies; do
    as "$JSON" take kube-$kind kube/api/$kind.json "$config" kubectl --kubeconfig="$config" --cache-dir="$WORK/cache" \
      --request-timeout=10s get $kind -A -o json
  done
  ca=$(first_of '/etc/kubernetes/pki/etcd/ca.crt /var/lib/rancher/*/server/tls/etcd/server-ca.crt')
  client=$(first_of '/etc/kubernetes/pki/etcd/healthcheck-client.crt /var/lib/rancher/*/server/tls/etcd/client.crt')
  captures <<END
etcd etcd/member-list.json $client etcdctl --endpoints=https://127.0.0.1:2379 --cacert=$ca --cert=$client --key=${client%crt}key -w json member list
etcd etcd/endpoint-status.json $client etcdctl --endpoints=https://127.0.0.1:2379 --cacert=$ca --cert=$client --key=${client%crt}key -w json endpoint status
END
}

# The public halves. No recursion below agent/, where the images lie; files named as keys are not even opened.
capture_certificates() {
  for folder in $(list_files '/etc/kubernetes/pki /etc/kubernetes/ssl /var/lib/kubelet/pki /etc/etcd /etc/ssl/etcd /opt/etcd/ssl
    /opt/kubernetes/ssl /etc/cni/net.d/calico-tls /var/lib/rancher/*/server/tls /var/lib/rancher/*/agent/*.crt'); do
    find "$folder" ! -name '*key*' \( -name '*.crt' -o -name '*.pem' -o -name '*.cert' \)
  done 2>"$ERRORS" | sort | head -n $MANY_FILES >"$LIST"
  for folder in $(list_files '/var/lib/rancher/*/server /var/lib/rancher/*/agent'); do [ -x "$folder" ] || echo "$folder"; done >>"$ERRORS"
  [ ! -s "$ERRORS" ] || missing certificates certs denied find 'some folders are closed to this user'
  while read -r file; do as "$CERTIFICATES" copy certificates "certs/${file#"$ROOT"/}" "$file"; done <"$LIST"
}

# What a kubeconfig says of itself, a line each: server, authority (base64), authority's file, client certificate
# (base64), kind of its user. Its tokens and keys are not even read into a variable.
KUBECONFIG_FACTS='
  function value() { sub(/^[^:]*:[ \t]*/, ""); gsub(/^["\047]|["\047 \t\r]+$/, ""); return $0 }
  { sub(/^[ \t-]+/, "") }
  /^server:/ && server == "" { server = value(); sub(/:\/\/.*@/, "://<withheld>@", server) }
  /^certificate-authority-data:/ && ca == "" { ca = value() }
  /^certificate-authority:/ && ca_file == "" { ca_file = value() }
  /^client-certificate-data:/ && client == "" { client = value(); kind = "client-certificate" }
  /^(client-certificate|token|tokenFile|exec|auth-provider|username):/ { kind = substr($0, 1, index($0, ":") - 1) }
  END { print server "\n" ca "\n" ca_file "\n" client "\n" (kind == "" ? "-" : kind) }
'

capture_kubeconfigs() {
  printf 'path\tserver\tca_sha256\tuser_kind\n' >"$WORK/kubeconfigs"
  for file in $(list_files '/etc/rancher/*/k3s.yaml /etc/rancher/*/rke2.yaml /etc/kubernetes/*.conf /etc/kubernetes/*kubeconfig
    /var/lib/kube*/*kubeconfig* /var/lib/rancher/*/agent/*.kubeconfig /var/lib/rancher/*/server/cred/*.kubeconfig
    /etc/cni/net.d/*kubeconfig* /var/lib/rancher/*/agent/etc/cni/net.d/*kubeconfig* /root/.kube/config'); do
    path=${file#"$ROOT"}
    [ -f "$file" ] || continue
    if ! [ -r "$file" ]; then missing kubeconfigs "certs$path.client.crt" denied "cat $file" && continue; fi
    awk "$KUBECONFIG_FACTS" "$file" >"$WORK/kubeconfig"
    { read -r server && read -r ca && read -r ca_file && read -r client && read -r kind; } <"$WORK/kubeconfig"
    case $ca_file in '') ;; /*) cat "$ROOT$ca_file" ;; *) cat "${file%/*}/$ca_file" ;; esac >"$WORK/ca" 2>/dev/null
    [ -z "$ca" ] || printf %s "$ca" | decode_base64 >"$WORK/ca"
    printf %s "$client" | decode_base64 >"$WORK/client"
    [ -z "$ca" ] || as "$CERTIFICATES" compose certificates "certs$path.ca.crt" "authority in $file" cat "$WORK/ca"
    [ -z "$client" ] || as "$CERTIFICATES" compose certificates "certs$path.client.crt" "client in $file" cat "$WORK/client"
    # As openssl computes it: of the DER bytes of the first certificate.
    sum=$(awk "$CERTIFICATES" "$WORK/ca" | awk '/^-----END/ { exit } !/^-----/' | decode_base64 | sha256)
    [ -s "$WORK/ca" ] || sum=-
    printf '%s\t%s\t%s\t%s\n' "$path" "${server:--}" "$sum" "$kind" >>"$WORK/kubeconfigs"
  done
  compose kubeconfigs kube/kubeconfigs.tsv 'server, CA and user kind of each kubeconfig' cat "$WORK/kubeconfigs"
}

capture_logs() {
  if dmesg 2>/dev/null | grep -q .; then newest take dmesg kernel/dmesg.txt - dmesg
  else newest take dmesg kernel/dmesg.txt - journalctl --no-pager -k -o short-iso-precise --utc -n $JOURNAL_LINES; fi
  take boots kernel/boots.txt - journalctl --no-pager --utc --list-boots
  for unit in k3s k3s-agent rke2-server rke2-agent kubelet containerd docker crio etcd kube-proxy flanneld NetworkManager \
    systemd-networkd firewalld ufw keepalived systemd-timesyncd chronyd; do
    newest take journal journal/$unit.txt - journalctl --no-pager -u $unit -o short-iso-precise --utc --since "-$SINCE" -n $JOURNAL_LINES
  done
  have journalctl || for log in $(list_files '/var/log/syslog /var/log/messages /var/log/k3s*.log'); do
    log=${log##*/}
    newest take journal "journal/${log%.log}.txt" - tail -c $((LOG_KIB * 1024)) "$ROOT/var/log/$log"
  done
  for folder in $(list_files '/var/log/pods/*kube-proxy*/*/ /var/log/pods/*flannel*/*/ /var/log/pods/*calico*/*/
    /var/log/pods/*canal*/*/ /var/log/pods/*cilium*/*/ /var/log/pods/*coredns*/*/'); do
    log=$folder$(find "$folder" -name '[0-9]*.log' 2>/dev/null | sed 's/.*[/]//' | sort -n | tail -n 1)
    pod=${folder#"$ROOT"/var/log/pods/}
    [ ! -f "$log" ] || newest take journal "journal/pod-${pod%%/*}.txt" - tail -c $((LOG_KIB * 1024)) "$log"
  done
}

# ---- Start and end ------------------------------------------------------------------------------------------------------

clean_up() {
  trap '' HUP INT TERM
  trap - EXIT
  [ -z "${CHILD-}" ] || kill "$CHILD" 2>/dev/null
  cd / && rm -rf "$WORK"
}

# All is written into a folder of mode 0700 beside the archive to be, where no other user can plant a link, and the last
# step is a rename. What a run that was killed outright left there a day ago or more is removed.
prepare() {
  OUT=$(cd "$OUT" 2>/dev/null && pwd -P) || refuse 3 'cannot enter the folder of --out'
  find "$OUT"/.coldcase.* -prune -type d -user "$(id -u)" -mtime +0 -exec rm -rf {} + 2>/dev/null
  WORK=$(mktemp -d "$OUT/.coldcase.XXXXXX" 2>/dev/null) || refuse 3 "cannot write to $OUT"
  trap clean_up EXIT
  trap 'clean_up && exit 129' HUP   # mksh would end with 0 if it cleaned up only on EXIT
  trap 'clean_up && exit 130' INT
  trap 'clean_up && exit 143' TERM
  HOME=$WORK
  renice -n 19 -p $$ >/dev/null 2>&1
  ionice -c 3 -p $$ >/dev/null 2>&1
  NAME=coldcase-$(printf %s "${HOST:-node}" | tr -cd 'A-Za-z0-9.-' | cut -c 1-63)-$(date -u +%Y%m%dT%H%M%SZ)
  TOP=$WORK/$NAME RAW=$WORK/raw ERRORS=$WORK/errors LIST=$WORK/list
  mkdir "$TOP" && printf '# coldcase-bundle 1\nsource\tpath\tstatus\texit\tms\tbytes\tdropped\tsha256\tcommand\n' >"$TOP/manifest.tsv" ||
    refuse 3 "cannot write to $OUT"
}

# Two nodes with the same number were cloned; its hash shows that as well.
hashed() { [ -r "$1" ] && first_line "$1" | tr -d '\n' | sha256; }

node_facts() {
  limited 5 timedatectl >"$WORK/ntp" 2>/dev/null
  cat <<END
hostname=$HOST
collector_version=$VERSION
started_utc=$STARTED_UTC
finished_utc=$(date -u +%s)
timezone=$(date +%z)
boot_id=$(first_line /proc/sys/kernel/random/boot_id)
machine_id_hash=$(hashed "$ROOT/etc/machine-id")
product_uuid_hash=$(hashed /sys/class/dmi/id/product_uuid)
uptime_seconds=$((NOW / 1000))
user=$(id -un)
shell=$(readlink /proc/$$/exe 2>/dev/null | sed 's/.*[/]//')
ntp_synchronized=$(awk '/synchronized:/ { state = $NF } END { print state == "" ? "unknown" : state }' "$WORK/ntp")
END
}

# ustar with names in order and no owners where tar knows how, its default where it does not; without gzip a plain tar.
pack() {
  cd "$WORK" || return
  for options in '--format=ustar --sort=name --owner=0 --group=0 --numeric-owner -z' '--format=ustar -z' -z ''; do
    archive=$NAME.tar${options:+.gz}
    # shellcheck disable=SC2086 # options are meant to be split
    if tar $options -cf "$archive.partial" "$NAME" 2>"$ERRORS"; then break; else rm -f "$archive.partial"; fi
  done
  [ -f "$archive.partial" ] || refuse 3 "tar: $(first_line "$ERRORS")"
  ! [ -e "$OUT/$archive" ] && ! [ -L "$OUT/$archive" ] || refuse 3 "$OUT/$archive is there already"
  sync -f "$archive.partial" 2>/dev/null
  mv "$archive.partial" "$OUT/$archive" || refuse 3 "cannot write to $OUT"
}

HOST=$(first_line /proc/sys/kernel/hostname)
[ -z "$ROOT" ] || ! [ -r "$ROOT/etc/hostname" ] || HOST=$(first_line "$ROOT/etc/hostname")
BUNDLED=/no/bundled/iptables
for file in "$RANCHER"/*/data/current/bin/aux/iptables; do
  if [ -x "$file" ] && [ "$(command -v iptables)" != "$file" ]; then BUNDLED=$file; fi
done
FILTER=$TEXT NEWEST='' TAKEN_KIB=0 BLOCKS=2048 PARTIAL=''
[ "$(id -u)" = 0 ] || PARTIAL=yes
find_timeout
prepare
clock
STARTED_MS=$NOW STARTED_UTC=$(date -u +%s)
capture_network
capture_node
capture_services
capture_config
capture_kubeconfigs
capture_certificates
capture_logs
# Without the node's name and clock nothing else is worth much: neither time nor space stops this one.
clock
STARTED_MS=$NOW FLOOR_KIB=0
compose node-meta meta/node.txt 'who, when and on what' node_facts
[ -z "$DRY_RUN" ] || exit 0
pack
printf '%s\n' "$OUT/$archive"
[ -z "$PARTIAL" ]
