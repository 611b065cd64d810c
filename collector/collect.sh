#!/bin/sh
# coldcase collector: takes a snapshot of the network state of one Kubernetes node.
# It only reads. It loads no kernel module, takes no lock, sends no packet of its own (kubectl, crictl and etcdctl ask
# the services that this node is configured for), and writes into one private folder below --out. Private keys, tokens
# and passwords stay: files come from an allow-list, every text passes a filter, what cannot be filtered is left out.
# What is in the archive: docs/bundle-format.md. What this script does to a node: docs/collector.md.
# shellcheck disable=SC2015,SC2016,SC2046,SC2086,SC2295 # programs in single quotes, `a && b || c` and lists are meant so
set -u
umask 077
export LC_ALL=C HOME=/nonexistent
POSIXLY_CORRECT=1 # for a bash under its own name, which otherwise counts `ulimit -f` in other units
unset CDPATH DOCKER_HOST DOCKER_CONTEXT KUBECONFIG KUBECACHEDIR # kubectl then keeps its cache below HOME
VERSION=0.1.0
PRINT_KIB=65536      # the most that any command may print
LOG_KIB=16384        # of each log, the newest
TOTAL_KIB=262144     # of all captures together, on disk
FLOOR_KIB=32768      # the file system is never filled beyond this
JOURNAL_LINES=50000  # of each unit, the newest
MANY_FILES=1000      # of one kind, the first
FLOWS_KIB=8192       # of the list of connections: about 40,000
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
refuse() { printf 'collect.sh: %s\n' "$2" >&2 && exit "$1"; } # exit-status message
OUT=. SINCE=72h SECONDS_EACH=60 ROOT='' DRY_RUN='' QUIET=''
while [ $# -gt 0 ]; do
  case $1 in
    --dry-run) DRY_RUN=yes ;;
    --quiet) QUIET=yes ;;
    --help | -h) usage && exit 0 ;;
    --out | --since | --timeout | --root)
      [ $# -gt 1 ] || refuse 2 "$1 needs a value"
      case $1 in --out) OUT=$2 ;; --since) SINCE=$2 ;; --timeout) SECONDS_EACH=$2 ;; --root) ROOT=${2%/} ;; esac
      shift ;;
    *) refuse 2 "unknown option $1 (try --help)" ;;
  esac
  shift
done
case ${SINCE%[hd]} in '' | "$SINCE" | *[!0-9]*) refuse 2 '--since wants hours or days, as in 72h or 7d' ;; esac
case $SECONDS_EACH in '' | 0* | *[!0-9]* | ?????*) refuse 2 '--timeout wants seconds' ;; esac
case $ROOT in *[!A-Za-z0-9._/-]*) refuse 2 '--root wants letters, digits and ._/- only' ;; esac

# The node's own tools first; then those that k3s and rke2 carry along, for a node that has none of its own.
K3S=/var/lib/rancher/k3s/data
PATH=${COLDCASE_PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/bin:/run/current-system/sw/bin}
export PATH="$PATH:$ROOT$K3S/current/bin:$ROOT$K3S/current/bin/aux:$ROOT/var/lib/rancher/rke2/bin"

# ---- Helpers ---------------------------------------------------------------------------------------------------------
# The file of a tool, into TOOL: a BusyBox shell would run its own `ip` before the node's.
find_tool() { # name, or path
  TOOL=$1 IFS=:
  for place in $PATH; do
    case $TOOL in /*) break ;; esac
    [ -f "$place/$1" ] && [ -x "$place/$1" ] && TOOL=$place/$1
  done
  unset IFS
  [ "${TOOL#/}" != "$TOOL" ] && [ -x "$TOOL" ]
}
# Not the shell's `read`: it asks for single bytes, and numbers below /proc/sys answer the first one only.
first_line() { head -n 1 "$1" 2>/dev/null; }
command -v sha256sum >/dev/null && HASH=sha256sum || HASH='openssl dgst -sha256 -r'
sha256() { set -- $($HASH 2>/dev/null); echo "${1:--}"; }
decode_base64() { base64 -d 2>/dev/null || openssl base64 -d -A 2>/dev/null; }
# Milliseconds since boot, into NOW: costs no process, and no clock step can bend it.
clock() {
  read -r NOW _ </proc/uptime
  NOW=$((${NOW%.*} * 1000 + 1${NOW#*.} * 10 - 1000))
}

# What a capture needs: `-` nothing, a file, or a kernel module, which asking would otherwise load (if the kernel can).
is_there() {
  case $1 in
    -) ;;
    /proc/*) { read -r any <"$1"; } 2>/dev/null && [ "$any" ] ;;
    /*) [ -e "$1" ] ;;
    *) ! [ -e /proc/modules ] || grep -q "^$1 " /proc/modules ||
      grep -q "/$1[.]ko" "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null ;;
  esac
}
# `timeout` speaks three dialects (coreutils; BusyBox; BusyBox before 1.30), and some nodes have none.
find_timeout() {
  for TIMEOUT in 'timeout -k 2' timeout 'timeout -t' ''; do
    [ "$TIMEOUT" ] || return 0
    $TIMEOUT 5 true 2>/dev/null && return
  done
}
# Stands in for `timeout`, and goes by itself: one that had to be told could miss the word, and end a later process.
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
limited() { # seconds command... (or `made` and a function)
  limit=$1 TIMED_OUT=''
  shift
  find_tool "$1"
  clock
  began=$NOW
  (
    command ulimit -f "$BLOCKS" 2>/dev/null
    if [ "$1" = made ]; then shift; "$@"; exit 0; fi
    shift
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

# ---- Filters: what may leave the node. Written for every awk, so without {n} repetitions -----------------------------
# Text: withholds private keys (from BEGIN to END or to the end of the file), values with telling names, tokens of telling
# shapes, passwords in addresses, and long base64 such as the rest of a key cut in two.
CONCEAL='
  BEGIN {
    HID = "<withheld>"
    BEGIN_KEY = "-----BEGIN [A-Z0-9 ]*PRIVATE KEY"
    END_KEY = "-----END [A-Z0-9 ]*PRIVATE KEY[A-Z -]*"
    WORD = "(passw|passphrase|pwd|token|secret|psk|credential|api_?-?key|access_?-?key|account_?-?key|encryption_?-?key|" \
      "private_?-?key|preshared_?-?key|shared_?-?key|auth_?-?key|key_?-?data|certificate-key|etcd-s3-)[a-z0-9_.-]*"
    QUOTE = "[\\\\]*[\"\047]?"
    NAMED = "(" WORD "|auth|authorization|bootstrap|sig)" QUOTE "[ \t]*[:=]+[ \t]*" QUOTE "((bearer|basic)[ \t]+)?|" \
      "--?[a-z0-9-]*" WORD QUOTE "[ \t,]+" QUOTE "|(bearer|basic)[ \t]+"
    SHAPED = "(eyJ|LS0tLS1|AIza|gh[pousr]_|xox[abeprs]-|glpat-|hv[sb][.]|K10[0-9a-f]*::)[A-Za-z0-9_.:/+=-]+|" \
      "A[KS]IA" times(16, "[A-Z0-9]")   # no shorter: the names of chains are such letters as well
    JOIN = times(6, "[a-z0-9]") "[.]" times(16, "[a-z0-9]")
  }
  function times(n, text,    all) { while (n-- > 0) all = all text; return all }
  function conceal(line,    low, word, i) {
    if (in_key) { in_key = line !~ END_KEY || line ~ (END_KEY ".*" BEGIN_KEY); return HID }
    low = tolower(line)
    if (low ~ /private key/) {
      gsub(BEGIN_KEY ".*" END_KEY, HID, line)
      if (match(line, BEGIN_KEY)) { in_key = 1; line = substr(line, 1, RSTART - 1) HID }
    }
    if (line ~ /:\/\/.*@/) gsub(/:\/\/([^\/ "\047\\]*|[^:\/ "\047\\]*:[^ "\047\\]*)@/, "://" HID "@", line)
    if (low ~ /pass|pwd|token|secret|psk|cred|key|s3-|auth|bootstrap|bearer|basic|sig["\047\\ ]*[:=]/) {
      line = conceal_named(line)
      if (low ~ /token|bootstrap/) gsub(JOIN, HID, line)
    }
    if (line ~ /eyJ|LS0tLS1|AIza|gh[pousr]_|xox|glpat-|hv[sb][.]|K10|A[KS]IA/) gsub(SHAPED, HID, line)
    # Long base64 has letters of both kinds and digits; container ids are long as well, but hexadecimal.
    for (i = length(line) < 60 ? 0 : split(line, word, /[^A-Za-z0-9+\/_=-]+/); i > 0; i--)
      if (length(word[i]) > 59 && word[i] ~ /[A-Z]/ && word[i] ~ /[a-z]/ && word[i] ~ /[0-9]/)
        line = substr(line, 1, index(line, word[i]) - 1) HID substr(line, index(line, word[i]) + length(word[i]))
    return line
  }
  function conceal_named(line,    done, name, value, last) {
    while (match(tolower(line), NAMED)) {
      name = tolower(substr(line, RSTART, RLENGTH))
      last = substr(name, RLENGTH)
      done = done substr(line, 1, RSTART + RLENGTH - 1)
      line = substr(line, RSTART + RLENGTH)
      if (last == "\"" || last == "\047") match(line, "^[^" last "\\\\]*")
      else match(line, strict && line ~ /^[[{]./ ? ".*" : "^[^] \t\"\047,;&)}\\\\]*")
      value = substr(line, 1, RLENGTH)
      line = substr(line, RLENGTH + 1)
      done = done (is_harmless(name, value) ? value : HID (value ~ /^[[{]/ ? closers(value) : ""))
    }
    return done line
  }
  # Of a withheld value that runs to the end of its line: the brackets that close what was opened before it.
  function closers(value,    more) {
    more = gsub(/[]}]/, "&", value) - gsub(/[[{]/, "&", value)
    match(value, /[]}]*$/)
    return more < 1 ? "" : more < RLENGTH ? substr(value, length(value) - more + 1) : substr(value, RSTART)
  }
  # Switches, durations, paths in options that name files; in logs also the words of a sentence ("token: invalid").
  function is_harmless(name, value) {
    if (value ~ /^(true|false|null|none|[[{|>]|[0-9]+[smhd]|<withheld>)?$/) return 1
    if (value ~ /^\// && name ~ /(file|path|dir|ca|config)["\047]?[ \t:=]/) return 1
    if (name ~ /^(bearer|basic)/) return length(value) < 16
    return !strict && name !~ /["\047=-]/ && value ~ /^[a-z]+$/
  }
'
TEXT=$CONCEAL'{ print conceal($0) }'

# Configuration, and JSON with one key or item a line: also withholds all that lies below a telling name or follows a
# telling flag, environment variables (`value:`) but addresses and host names, and annotations but of known owners.
# Refuses (exit status 9) whatever may be a kubeconfig, and JSON of any other shape.
CONFIG=$CONCEAL'
  BEGIN {
    strict = 1
    below = notes = -1   # the depth of the name that all below is withheld for, and of `annotations`
    HOST = "([a-z]+://)?([0-9]+[.][0-9]+[.][0-9]+[.][0-9]+(/[0-9]+)?|\\[?[0-9a-f]*:[0-9a-f:]*:[0-9a-f.]*\\]?(/[0-9]+)?|" \
      "([a-z0-9-]+[.])+[a-z]+)(:[0-9]+)?/?"
    ADDRESSES = "^[\"\047]?(true|false|" HOST "(," HOST ")*)?[\"\047]?$"
  }
  # The `value:` of braces on one line; one that goes on takes the next lines with it.
  function conceal_flow(line,    done, value, name) {
    while (match(line, /[{,][ \t]*["\047]?value["\047]?[ \t]*:[ \t]*/)) {
      name = tolower(substr(line, 1, RSTART))
      done = done substr(line, 1, RSTART + RLENGTH - 1)
      line = substr(line, RSTART + RLENGTH)
      if (line ~ /^"/) match(line, /^"([^"\\]|\\.)*"/)
      else if (line ~ /^\047/) match(line, /^(\047[^\047]*\047)+/)
      else match(line, line ~ /^[[{|>&*!]/ ? ".*" : "^[^],}]*")
      value = RLENGTH < 0 ? line : substr(line, 1, RLENGTH)
      line = substr(line, length(value) + 1)
      if (line == "") below = depth
      done = done (value ~ ADDRESSES && name !~ WORD ? value : HID (line == "" ? closers(value) : ""))
    }
    return done line
  }
  /^[ \t]*[][{}]+,?$/ && !in_key { flag = 0; print; next }
  /^kind: *"?Config"? *$/ || /client-key-data/ { exit 9 }
  json && !/^ *("([^"\\]|\\.)*": *)?("([^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null|[[{]|[{] *[}]|[[] *[]]),?$/ { exit 9 }
  in_key || below < 0 && /^[ \t]*(#|$)/ { print conceal($0); next }
  {
    match($0, /^[ \t]*(-([ \t]+|$))*/)
    depth = RLENGTH
    if (depth <= below && !/^[ \t]*(#|$)/) below = -1
    if (depth <= notes) notes = -1
    inherited = below >= 0
    if ((inherited || flag) && !/^ *"/) match($0, /^[ \t]*(-([ \t]+|$))*["\047]?/)
    else match($0, /^[ \t]*(-([ \t]+|$))*(("([^"\\]|\\.)*"[ \t]*:|\047?[A-Za-z0-9_.\/-]+\047?[ \t]*(:[ \t]|:$|=))[ \t]*)?["\047]?/)
    head = substr($0, 1, RLENGTH)
    text = rest = substr($0, RLENGTH + 1)
    sub(/["\047]?,?[ \t\r]*$/, "", text)
    rest = substr(rest, length(text) + 1)
    key = tolower(head)
    gsub(/^[ \t"\047-]+|["\047]?[ \t]*[:=][ \t]*["\047]?$/, "", key)
    telling = key ~ /pass|pwd|token|secret|psk|cred|key|s3-|auth|bootstrap|sig/ &&
      key ~ (WORD "|(auth|authorization|bootstrap|sig)$")
    strange = key ~ /last-applied/ || notes >= 0 &&
      key !~ /k8s[.]io|kubernetes[.]io|flannel|calico|cilium|k3s[.]|rke2[.]|cni[.]|kube-router|metallb/
    if (!inherited && (flag || telling || strange || key == "value")) below = depth
    if (key == "annotations") notes = depth
    flag = key == "" && text ~ /^-/ && tolower(text) ~ ("^--?[a-z0-9-]*" WORD "$")
    if (key == "name") variable = tolower(text)
    stays = key == "value" ? text ~ ADDRESSES && variable !~ WORD : telling && is_harmless(key ":", text)
    if (key ~ /[:=]|^.................../) head = conceal(head)   # short ones hide nothing
    if (below < 0 || text ~ /^([][{}]|[{] *[}]|[[] *[]]|[|>][0-9+-]*)?$/ || !inherited && stays) text = conceal_flow(conceal(text))
    else text = head ~ /["\047]$/ || !json && head !~ /"/ ? HID : "\"" HID "\""
    if (json) in_key = 0   # its strings end with their lines
    print head text rest
  }
'
JSON='BEGIN { json = 1 }'$CONFIG

# Whole CERTIFICATE blocks of plain base64, and nothing else of a file.
CERTIFICATES='
  { sub(/\r$/, "") }
  /^-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----$/ { block = $0; inside = 1; next }
  /^-----END (TRUSTED |X509 )?CERTIFICATE-----$/ { if (inside) print block "\n" $0; inside = 0; next }
  /^[A-Za-z0-9+\/=]+$/ { block = block "\n" $0; next }
  { inside = 0 }
'

# ---- Captures: each ends in one row of the manifest ------------------------------------------------------------------
# Of the capture at hand: SOURCE, TARGET (its path in the bundle) and COMMAND.
row() { # status exit ms bytes dropped [why]; the hash comes later
  case $1 in denied | timeout | truncated | failed) PARTIAL=yes ;; esac
  printf '%s\t' "$SOURCE" "$TARGET" "$1" "$2" "$3" "$4" "$5" - >>"$TOP/manifest.tsv" &&
    printf '%s\n' "$COMMAND${6:+ # $6}" >>"$TOP/manifest.tsv" || refuse 3 'cannot write the manifest'
  [ "$QUIET" ] || printf '%s %s\n' "$1" "$TARGET" >&2
}
missing() { # status [why]
  if [ "$DRY_RUN" ]; then printf '%s <- %s (%s)\n' "$TARGET" "$COMMAND" "$1"; else row "$1" - 0 0 0 "${2-}"; fi
}
may_start() {
  if [ "$DRY_RUN" ]; then printf '%s <- %s\n' "$TARGET" "$COMMAND" && return 1; fi
  ! [ -e "$TOP/$TARGET" ] || return 1
  clock
  LEFT=$((SECONDS_EACH * 5 - (NOW - STARTED_MS) / 1000))
  [ $LEFT -lt "$SECONDS_EACH" ] || LEFT=$SECONDS_EACH
  [ "$LEFT" -gt 0 ] || { missing timeout 'not started: the time is up' && return 1; }
  # The file system keeps its floor, and room for the archive. It is asked once a second; where it does not answer, it has room.
  [ $NOW -lt $ASK_MS ] || free=$(df -Pk "$WORK" 2>/dev/null | awk 'NF > 5 && $(NF - 1) ~ /^[0-9]+%$/ { print $(NF - 2) }') \
    FREE_KIB=$((${free:-$TOTAL_KIB} + TAKEN_KIB)) ASK_MS=$((NOW + 1000))
  room=$((TOTAL_KIB - TAKEN_KIB)) free=$((FREE_KIB - FLOOR_KIB - TAKEN_KIB * 2))
  [ $free -gt $room ] || room=$free
  [ $room -ge 128 ] || { missing failed 'not started: too little free space' && return 1; }
  # The raw and the filtered text lie side by side for a moment: half the room each, in blocks of 512 bytes.
  BLOCKS=$((PRINT_KIB * 2))
  [ "$TARGET" != conntrack/list.txt ] || BLOCKS=$((FLOWS_KIB * 2))
  [ $BLOCKS -lt $room ] || BLOCKS=$room
  [ -d "$TOP/${TARGET%/*}" ] || mkdir -p "$TOP/${TARGET%/*}"
}

# Keeps what a command prints, or a function of this script, or a file.
take() { # source path needs command... (or `made` and a function, or `file` and its path)
  SOURCE=$1 TARGET=$2 needs=$3
  shift 3
  COMMAND=$*
  is_there "$needs" || { missing absent "$needs is not there" && return; }
  case $1 in
    made) COMMAND=${COMMAND#made } ;;
    file)
      COMMAND="cat $2"
      [ -e "$2" ] || { missing absent && return; }
      [ -f "$2" ] || { missing failed 'not a regular file' && return; }
      [ -r "$2" ] || { missing denied && return; }
      set -- cat "$2"
      ;;
    *) find_tool "$1" || { missing absent "no $1" && return; } ;;
  esac
  may_start || return 0
  limited "$LEFT" "$@" >"$RAW" 2>"$ERRORS"
  settle
}
# A table of such captures. `as "$CONFIG" take …`: with another filter.
captures() { while read -r row; do take $row; done; }
as() { FILTER=$1 && shift && "$@"; FILTER=$TEXT; }
# Filters, cuts and files away what the capture printed, and writes its row.
settle() {
  kept=$TOP/$TARGET status=ok dropped=0 why=''
  if [ -s "$ERRORS" ]; then awk "$TEXT"' NR == 200 { exit }' "$ERRORS" >"$kept.stderr" 2>/dev/null; fi
  if [ "$FILTER" = bytes ]; then cat "$RAW"; else awk "$FILTER" "$RAW"; fi >"$kept" 2>/dev/null
  case $? in 0) ;; 9) status=withheld why='a secret could not be cut out' ;; *) status=failed why='not filtered' ;; esac
  case $COMMAND in journalctl*) ! has_no_entries <"$kept" || : >"$kept" ;; esac
  bytes=$(($(wc -c <"$kept")))
  case $TARGET in journal/* | kernel/dmesg.txt) most=$((LOG_KIB * 1024)) ;; *) most=$bytes ;; esac
  if [ $bytes -gt $most ]; then
    tail -c $most "$kept" | sed 1d >"$RAW" && mv "$RAW" "$kept"
    dropped=$((bytes - $(wc -c <"$kept"))) bytes=$((bytes - dropped))
  fi
  if [ $status != ok ]; then bytes=0
  elif [ "$TIMED_OUT" ]; then status=timeout
  elif [ $dropped -gt 0 ] || [ "$CODE" = 153 ] || [ "$CODE" = 281 ]; then status=truncated   # 153, 281: SIGXFSZ
  elif [ "$CODE" != 0 ]; then status=failed
  elif [ $bytes -eq 0 ]; then status=empty; fi
  refusal='permission denied|not permitted|must be root|are you root|not seeing messages|no permission|forbidden'
  case $status in
    failed | empty) ! [ -s "$ERRORS" ] || ! grep -Eiq "$refusal" "$ERRORS" || status=denied bytes=0 ;;
  esac
  [ $bytes -gt 0 ] || [ $status = empty ] || rm -f "$kept"
  TAKEN_KIB=$((TAKEN_KIB + bytes / 1024 + 4))
  row $status "$CODE" $MS $bytes $dropped "$why"
}
# What journalctl prints where there is nothing; before systemd 250 below a line that tells the time of the logs.
has_no_entries() {
  read -r first && read -r second
  [ "$first" = '-- No entries --' ] || [ "${second-}" = '-- No entries --' ]
}
# The hash of every file into its row: one process for all of them.
seal_manifest() {
  (cd "$TOP" && find . -type f ! -name manifest.tsv -exec $HASH {} +) >"$WORK/sums" 2>/dev/null
  awk -F '\t' -v OFS='\t' '
    sums { sum[substr($0, index($0, "./") + 2)] = substr($0, 1, index($0, " ") - 1); next }
    $2 in sum { $8 = sum[$2] }
    { print }
  ' sums=1 "$WORK/sums" sums= "$TOP/manifest.tsv" >"$WORK/sealed" && mv "$WORK/sealed" "$TOP/manifest.tsv" ||
    refuse 3 'cannot write the manifest'
}

# ---- Lists of files, and what functions of this script print ---------------------------------------------------------
# Names of the files that are there, below the root. What is odd in a name becomes `_`: its row says that it is not there.
list_files() {
  set -f
  for pattern in $1; do
    set +f
    for file in $ROOT$pattern; do
      [ -e "$file" ] || continue
      case $file in *[!A-Za-z0-9._/@:+,=~-]*) printf '%s\n' "$file" | plain ;; *) printf '%s\n' "$file" ;; esac
    done
  done
}
plain() { sed 's|[^A-Za-z0-9._/@:+,=~-]|_|g'; }
names_in() { for folder in $(list_files "$*"); do ls "$folder"; done | sort -u; }
first_of() { # patterns: the first file that this user may read; where there is none, the first pattern
  for file in $(list_files "$1"); do [ -r "$file" ] && echo "$file" && return; done
  echo "$ROOT${1%%[!!-~]*}"
}
# In the bundle, files keep their paths below a folder of their own, without what `strip` matches.
take_files() { # source folder strip files...
  source=$1 under=$2 strip=$3
  shift 3
  for file in "$@"; do take "$source" "$under${file#$strip}" - file "$file"; done
}

flow_counts() {
  cd /proc/sys/net/netfilter && grep -s '' nf_conntrack_count nf_conntrack_max nf_conntrack_buckets |
    sed 's/^nf_conntrack_//; s/:/=/'
}
# Not asked: what would load a kernel module to answer (ipset, ipvsadm), or call the API server (some builds of kubectl).
versions() {
  for tool in "$bundled -V" 'iptables -V' 'ip6tables -V' 'iptables-legacy -V' 'iptables-nft -V' 'nft -v' 'ip -V' \
    'conntrack -V' 'k3s --version' 'rke2 --version' 'kubelet --version' 'kube-proxy --version' 'flanneld --version' \
    'containerd --version' 'runc --version' 'crictl --version' 'docker --version' 'crio --version' 'etcdctl version'; do
    find_tool "${tool%% *}" || continue
    limited 5 $tool >"$WORK/version" 2>&1
    read -r version <"$WORK/version"
    echo "${tool%% *}: $version"
  done | sed "s|^$bundled:|bundled-iptables:|"
}

# Named keys only: `sysctl -a` would print stable_secret and tcp_fastopen_key. Dots in the names of interfaces and slashes
# change places, as sysctl has it; no value has either.
sysctl_values() { cd /proc/sys && grep -s '' /dev/null $SYSCTL_KEYS | tr ./ /. | sed 's/:/ = /'; }
SYSCTL_KEYS="net/ipv4/ip_forward net/ipv4/ip_local_* net/ipv4/ip_no* net/ipv4/vs/* net/ipv4/conf/*/* net/nf_conntrack_max
  net/netfilter/nf_conntrack_* net/bridge/* net/ipv6/conf/*/forwarding net/ipv6/conf/*/disable_ipv6
  net/ipv6/conf/*/accept_ra net/ipv6/conf/*/accept_dad net/ipv4/neigh/default/gc_* net/ipv6/neigh/default/gc_*
  net/ipv6/route/gc_thresh net/ipv6/route/max_size net/ipv4/tcp_m* net/ipv4/tcp_[klrstw]* net/ipv4/tcp_fin_timeout
  net/core/somaxconn net/core/netdev_max_backlog net/core/netdev_budget* net/core/?mem_max net/core/default_qdisc
  fs/file-* fs/inotify/* vm/max_map_count vm/overcommit_memory kernel/panic kernel/pid_max kernel/threads-max"
# Of a kubeconfig: the first value of a key; what is behind it in base64; its authority.
field() { sed -n "s/^[ -]*$1: *//p" "$2" | head -n 1 | tr -d "\"' \r"; }
data_in() { field "$1" "$2" | decode_base64; }
authority_in() {
  grep -q certificate-authority-data: "$1" && data_in certificate-authority-data "$1" && return
  cat "$ROOT$(field certificate-authority "$1")" 2>/dev/null
}
# The fingerprint as openssl computes it: of the DER bytes of the authority's first certificate.
kubeconfig_facts() { # kubeconfigs
  printf 'path\tserver\tca_sha256\tuser_kind\n'
  for file in "$@"; do
    [ -r "$file" ] || continue
    server=$(field server "$file" | sed 's|://.*@|://<withheld>@|')
    sum=$(authority_in "$file" | awk "$CERTIFICATES" | awk '/^-----END/ { exit } !/^-----/' | decode_base64 | sha256)
    case $sum in e3b0c44298fc1c149afb*) sum=- ;; esac # of nothing
    kind=$(sed -nE 's/^[ -]*(client-certificate|token(File)?|exec|auth-provider|username)(-data)?:.*/\1/p' "$file" | tail -n 1)
    printf '%s\t%s\t%s\t%s\n' "${file#"$ROOT"}" "${server:--}" "$sum" "${kind:--}"
  done
}
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

clean_up() {
  trap '' HUP INT TERM
  trap - EXIT
  [ -z "${CHILD-}" ] || kill "$CHILD" 2>/dev/null
  cd / && rm -rf "$WORK"
}
HOST=$(first_line /proc/sys/kernel/hostname)
[ -z "$ROOT" ] || ! [ -r "$ROOT/etc/hostname" ] || HOST=$(first_line "$ROOT/etc/hostname")
FILTER=$TEXT TAKEN_KIB=0 ASK_MS=0 BLOCKS=2048 PARTIAL=''
[ "$(id -u)" = 0 ] || PARTIAL=yes
find_timeout
# All is written into a folder of mode 0700 beside the archive to be, where no other user can plant a link, and the last
# step is a rename. What a run that was killed outright left there a day ago or more is removed.
OUT=$(cd -- "$OUT" 2>/dev/null && pwd -P) || refuse 3 'cannot enter the folder of --out'
find "$OUT"/.coldcase.* -prune -type d -user "$(id -u)" -mtime +0 -exec rm -rf {} + 2>/dev/null
WORK=$(mktemp -d "$OUT/.coldcase.XXXXXX" 2>/dev/null) || refuse 3 "cannot write to $OUT"
trap clean_up EXIT
trap 'clean_up && exit 129' HUP # mksh would end with 0 if it cleaned up only on EXIT
trap 'clean_up && exit 130' INT
trap 'clean_up && exit 143' TERM
HOME=$WORK
renice -n 19 -p $$ >/dev/null 2>&1
ionice -c 3 -p $$ >/dev/null 2>&1
NAME=coldcase-$(printf %s "${HOST:-node}" | tr -cd 'A-Za-z0-9.-' | cut -c 1-63)-$(date -u +%Y%m%dT%H%M%SZ)
TOP=$WORK/$NAME RAW=$WORK/raw ERRORS=$WORK/errors
mkdir "$TOP" || refuse 3 "cannot write to $OUT"
printf '# coldcase-bundle 1\nsource\tpath\tstatus\texit\tms\tbytes\tdropped\tsha256\tcommand\n' >"$TOP/manifest.tsv"
clock
STARTED_MS=$NOW STARTED_UTC=$(date -u +%s)

# ---- What is captured, the most volatile first -----------------------------------------------------------------------
bundled=$ROOT$K3S/current/bin/aux/iptables
[ "$(command -v iptables)" != "$bundled" ] || bundled=/no/second/iptables
# Of the packet filter only `-save`: unlike `iptables -L` it takes no lock and loads no table. /proc/net/nf_conntrack is
# never read: that walks the whole table under load.
captures <<END
conntrack-counts conntrack/counts.txt      - made flow_counts
ip-neigh         net/ip-neigh.txt          - ip -s neigh show nud all
arp-cache-stat   net/arp-cache-stat.txt    - file /proc/net/stat/arp_cache
ndisc-cache-stat net/ndisc-cache-stat.txt  - file /proc/net/stat/ndisc_cache
softnet-stat     net/softnet-stat.txt      - file /proc/net/softnet_stat
netstat          net/netstat.txt           - file /proc/net/netstat
snmp             net/snmp.txt              - file /proc/net/snmp
dev              net/dev.txt               - file /proc/net/dev
ip-addr          net/ip-addr.txt           - ip -d addr show
ip-link          net/ip-link.txt           - ip -s -s -d link show
ip-route         net/ip-route.txt          - ip -4 route show table all
ip6-route        net/ip6-route.txt         - ip -6 route show table all
ip-rule          net/ip-rule.txt           - ip -4 rule show
ip6-rule         net/ip6-rule.txt          - ip -6 rule show
bridge-fdb       net/bridge-fdb.txt        - bridge fdb show
bridge-link      net/bridge-link.txt       - bridge -d link show
ss-listen        net/ss-listen.txt         - ss -tulpn
ss-summary       net/ss-summary.txt        - ss -s
proc-ip-vs       ipvs/proc-ip-vs.txt       - file /proc/net/ip_vs
ipvsadm          ipvs/ipvsadm.txt          /proc/net/ip_vs ipvsadm -Ln
ipvsadm-stats    ipvs/ipvsadm-stats.txt    /proc/net/ip_vs ipvsadm -Ln --stats
ipvsadm-timeouts ipvs/ipvsadm-timeouts.txt /proc/net/ip_vs ipvsadm -Ln --timeout
ip-tables-names    netfilter/ip-tables-names.txt - file /proc/net/ip_tables_names
ipset-save         netfilter/ipset-save.txt      ip_set ipset save
conntrack-stats    conntrack/stats.txt    nf_conntrack_netlink conntrack -S
conntrack-list     conntrack/list.txt     nf_conntrack_netlink conntrack -L
resolv-conf        net/resolv-conf.txt    - file $ROOT/etc/resolv.conf
hosts              net/hosts.txt          - file $ROOT/etc/hosts
nsswitch           net/nsswitch.txt       - file $ROOT/etc/nsswitch.conf
os-release         meta/os-release.txt    - file $(first_of '/etc/os-release /usr/lib/os-release')
uname              meta/uname.txt         - uname -a
cmdline            meta/cmdline.txt       - file /proc/cmdline
modules            meta/modules.txt       - file /proc/modules
versions           meta/versions.txt      - made versions
sysctl-values      sysctl/values.txt      - made sysctl_values
flannel-subnet-env cni/flannel-subnet.env - file $ROOT/run/flannel/subnet.env
cni-bin            cni/bin.txt            - made names_in /opt/cni/bin /usr/libexec/cni /usr/lib/cni $K3S/cni $K3S/current/bin
flannel-state      cni/flannel-state.txt  - made names_in /var/lib/cni/flannel
netns              cni/netns.txt          - ip netns list-id
docker-ps          runtime/docker-ps.txt  $ROOT/run/docker.pid docker -H unix://$ROOT/run/docker.sock ps -a
END
# Tunnels, bridges and network cards, not the pods' ends of their veth pairs, of which there are hundreds.
for device in $(sed -n 's/^ *\([^:]*\):.*/\1/p' /proc/net/dev | grep -Ev '^(lo|veth|cali|lxc|dummy)' | plain | head -n 64); do
  take ethtool "net/ethtool/$device.txt" - ethtool -k "$device"
done
# The default backend and the other one, each only where its tables are in the kernel already.
limited 5 iptables -V >"$WORK/version" 2>/dev/null
for ip in ip ip6; do
  case $(first_line "$WORK/version") in
    *nf_tables*) default=nf_tables other=legacy other_needs=/proc/net/${ip}_tables_names ;;
    *) default=/proc/net/${ip}_tables_names other=nft other_needs=nf_tables ;;
  esac
  take ${ip}tables-save netfilter/${ip}tables-save.txt $default ${ip}tables-save -c
  take ${ip}tables-$other-save netfilter/${ip}tables-$other-save.txt $other_needs ${ip}tables-$other-save -c
done
take bundled-iptables-save netfilter/bundled/iptables-save.txt "$bundled" "$bundled-save" -c
rules=$(wc -l <"$TOP/netfilter/iptables-save.txt" 2>/dev/null)
if [ "${rules:-0}" -le $MANY_RULES ]; then
  take nft-ruleset netfilter/nft-ruleset.txt nf_tables nft -a list ruleset
else SOURCE=nft-ruleset TARGET=netfilter/nft-ruleset.txt COMMAND='nft -a list ruleset' && missing failed "$rules rules are too many"; fi
# Only with a kubeconfig that starts no program of its own. (docker, above, only where its daemon runs: asking starts it.)
cri=$(first_of '/run/k3s/containerd/containerd.sock /run/containerd/containerd.sock /run/crio/crio.sock')
config=$(first_of '/etc/rancher/*/k3s.yaml /etc/rancher/*/rke2.yaml /etc/kubernetes/admin.conf
  /var/lib/rancher/*/agent/kubelet.kubeconfig /etc/kubernetes/kubelet.conf')
! grep -Eqs '^ *(exec|auth-provider):' "$config" || config=/no/usable/kubeconfig
as "$JSON" captures <<END
crictl-pods runtime/crictl-pods.json $cri crictl --runtime-endpoint unix://$cri --timeout 10s pods -o json
crictl-ps   runtime/crictl-ps.json   $cri crictl --runtime-endpoint unix://$cri --timeout 10s ps -a -o json
END
for kind in nodes pods services endpoints endpointslices events networkpolicies; do
  as "$JSON" take kube-$kind kube/api/$kind.json "$config" \
    kubectl --kubeconfig="$config" --request-timeout=10s get $kind -A -o json
done
ca=$(first_of '/etc/kubernetes/pki/etcd/ca.crt /var/lib/rancher/*/server/tls/etcd/server-ca.crt')
client=$(first_of '/etc/kubernetes/pki/etcd/healthcheck-client.crt /var/lib/rancher/*/server/tls/etcd/client.crt')
etcdctl="etcdctl --endpoints=https://127.0.0.1:2379 --cacert=$ca --cert=$client --key=${client%crt}key -w json"
captures <<END
etcd etcd/member-list.json     $client $etcdctl member list
etcd etcd/endpoint-status.json $client $etcdctl endpoint status
END
take_files sysctl-files sysctl/files/ "$ROOT/" $(list_files '/etc/sysctl.conf /etc/sysctl.d/*.conf /run/sysctl.d/*.conf
  /usr/lib/sysctl.d/*.conf /etc/sysconf.d/*')
as "$CONFIG" take_files cni-conf cni/net.d/ '*/net.d/' $(list_files '/etc/cni/net.d/*kubeconfig* /etc/cni/net.d/*.conf
  /etc/cni/net.d/*.conflist /etc/cni/net.d/*.json /var/lib/rancher/*/agent/etc/cni/net.d/*kubeconfig*
  /var/lib/rancher/*/agent/etc/cni/net.d/*.conf /var/lib/rancher/*/agent/etc/cni/net.d/*.conflist')
# Byte for byte: the carriage return inside them is theirs.
as bytes take_files ipam-reservations cni/ipam/ '*/networks/' $(list_files '/var/lib/cni/networks/*/[0-9a-f]*[.:]*
  /var/lib/cni/networks/*/last_reserved_ip.0' | head -n $MANY_FILES)
as "$CONFIG" take_files kube-config kube/config/ "$ROOT/" $(list_files '/etc/rancher/*/config.yaml
  /etc/rancher/*/config.yaml.d/* /var/lib/rancher/*/agent/pod-manifests/*.y*ml /etc/kubernetes/manifests/*.y*ml
  /var/lib/rancher/*/agent/etc/kubelet.conf.d/* /var/lib/kubelet/config.yaml /var/lib/kubelet/kubeadm-flags.env
  /var/lib/kube-proxy/*.y*ml /etc/default/kubelet /etc/sysconfig/kubelet /etc/systemd/system/*.service.env')
units=''
for unit in k3s k3s-agent rke2-server rke2-agent kubelet kube-proxy flanneld docker containerd; do
  units="$units /*/systemd/system/$unit.service /*/systemd/system/$unit.service.d/*
    /usr/local/lib/systemd/system/$unit.service"
done
as "$CONFIG" take_files kube-config kube/config/ "$ROOT/" $(list_files "$units")
as "$CONFIG" take_files runtime-config runtime/config/ "$ROOT/" $(list_files '/etc/containerd/config.toml
  /etc/containerd/certs.d/*/hosts.toml /var/lib/rancher/*/agent/etc/containerd/config.toml /etc/rancher/*/registries.yaml
  /etc/docker/daemon.json /etc/crictl.yaml /etc/crio/crio.conf /etc/crio/crio.conf.d/*')

# The public halves of certificates. No recursion below agent/, where the images lie; files named as keys are not opened.
as "$CERTIFICATES" take_files certificates certs/ "$ROOT/" $(for folder in $(list_files '/etc/kubernetes/pki
  /etc/kubernetes/ssl /var/lib/kubelet/pki /etc/etcd /etc/ssl/etcd /opt/etcd/ssl /opt/kubernetes/ssl
  /etc/cni/net.d/calico-tls /var/lib/rancher/*/server/tls /var/lib/rancher/*/agent/*.crt'); do
    find "$folder" ! -name '*key*' \( -name '*.crt' -o -name '*.pem' -o -name '*.cert' \)
  done 2>"$WORK/closed" | plain | sort | head -n $MANY_FILES)
ls $(list_files '/var/lib/rancher/*/server /var/lib/rancher/*/agent') >/dev/null 2>>"$WORK/closed"
SOURCE=certificates TARGET=certs COMMAND=find
[ ! -s "$WORK/closed" ] || missing denied 'some folders are closed to this user'
# Of kubeconfigs the public parts. The tokens and keys in them are not even read into a variable.
kubeconfigs=$(list_files '/etc/rancher/*/k3s.yaml /etc/rancher/*/rke2.yaml /etc/kubernetes/*.conf
  /etc/kubernetes/*kubeconfig /var/lib/kube*/*kubeconfig* /var/lib/rancher/*/agent/*.kubeconfig
  /var/lib/rancher/*/server/cred/*.kubeconfig /etc/cni/net.d/*kubeconfig*
  /var/lib/rancher/*/agent/etc/cni/net.d/*kubeconfig* /root/.kube/config')
take kubeconfigs kube/kubeconfigs.tsv - made kubeconfig_facts $kubeconfigs
for file in $kubeconfigs; do
  [ -r "$file" ] || take kubeconfigs "certs${file#"$ROOT"}.client.crt" - file "$file"
  for half in ca:certificate-authority client:client-certificate; do
    ! grep -qs "${half#*:}-data:" "$file" ||
      as "$CERTIFICATES" take certificates "certs${file#"$ROOT"}.${half%:*}.crt" - made data_in "${half#*:}-data" "$file"
  done
done
journalctl='journalctl --no-pager -o short-iso-precise --utc'
kernel_log=dmesg
dmesg 2>/dev/null | grep -q . || kernel_log="$journalctl -k"
take dmesg kernel/dmesg.txt - $kernel_log
take boots kernel/boots.txt - journalctl --no-pager --utc --list-boots
for unit in k3s k3s-agent rke2-server rke2-agent kubelet containerd docker crio etcd kube-proxy flanneld NetworkManager \
  systemd-networkd firewalld ufw keepalived systemd-timesyncd chronyd; do
  take journal journal/$unit.txt - $journalctl -u $unit --since "-$SINCE" -n $JOURNAL_LINES
done
# Without the node's name and clock nothing else is worth much: neither time nor space stops this one.
clock
STARTED_MS=$NOW FLOOR_KIB=0
take node-meta meta/node.txt - made node_facts
[ -z "$DRY_RUN" ] || exit 0
seal_manifest
# ustar with names in order and no owners where tar knows how, its default where it does not; without gzip a plain tar.
cd "$WORK" || exit 3
for options in '--format=ustar --sort=name --owner=0 --group=0 --numeric-owner -z' '--format=ustar -z' -z ''; do
  archive=$NAME.tar${options:+.gz}
  if tar $options -cf "$archive.partial" "$NAME" 2>"$ERRORS"; then break; else rm -f "$archive.partial"; fi
done
[ -f "$archive.partial" ] || refuse 3 "tar: $(first_line "$ERRORS")"
! [ -e "$OUT/$archive" ] && ! [ -L "$OUT/$archive" ] || refuse 3 "$OUT/$archive is there already"
mv "$archive.partial" "$OUT/$archive" || refuse 3 "cannot write to $OUT"
printf '%s\n' "$OUT/$archive"
[ -z "$PARTIAL" ]
