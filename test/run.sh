#!/bin/sh
# Installs what the tests need, then passes all of them: types, lint, format, unit tests, collector tests under every shell,
# real kernels in namespaces, real Chromium. As root on Debian it installs the packages; elsewhere it names what it had to skip.
# COLDCASE_STRICT=1 (continuous integration): a skip is a failure.
set -eu
cd "$(dirname "$0")/.."

PACKAGES="chromium dash busybox-static ksh mksh iproute2 iptables ipset ipvsadm conntrack nftables ethtool procps kmod openssl
  containernetworking-plugins libyaml-libyaml-perl shellcheck devscripts gzip tar util-linux"

missing_packages() {
  for package in $PACKAGES; do
    dpkg-query -W -f='${Status}\n' "$package" 2>/dev/null | grep -q '^install ok' || printf '%s ' "$package"
  done
}

if command -v dpkg-query >/dev/null 2>&1; then
  missing=$(missing_packages)
  if [ -n "$missing" ] && [ "$(id -u)" = 0 ]; then
    echo "installing: $missing" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # shellcheck disable=SC2086 # a list of package names
    apt-get install -y -qq --no-install-recommends $missing >/dev/null
  elif [ -n "$missing" ]; then
    echo "not root, so these packages stay away and the tests that need them are skipped: $missing" >&2
  fi
else
  echo "no Debian packages here: tests that need a missing tool are skipped" >&2
fi

# A fresh clone has no node_modules; `npm ci` also builds dist/coldcase.mjs.
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --no-progress
fi
npm run --silent build
npm run --silent check

results=$(mktemp)
trap 'rm -f "$results"' EXIT
status=0
npx vitest run --reporter=default --reporter=json --outputFile.json="$results" || status=$?
node test/summary.mjs "$results" || status=1
exit "$status"
