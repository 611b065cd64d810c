/** What `coldcase --help` prints. */
export const helpText = `coldcase: what is wrong with the network of a Kubernetes node, read from its support bundle

  coldcase analyze BUNDLE... [options]   read bundles, judge them together, write a report
  coldcase explain RULE                  what a rule looks for, why, what mimics it, how to cure it
  coldcase rules                         list the rules
  coldcase collector                     print collect.sh, the script that makes a bundle on a node

BUNDLE is a .tar.gz, a .tar, a folder, or - for standard input. Several bundles are one case:
nodes of one cluster, compared with each other.

Options of analyze:
  --out DIR          folder for report.html, report.md and report.json (default: coldcase-report)
  --format FORMAT    write this one to standard output instead: terminal, markdown, html, json, csv
  --fail-on LEVEL    exit 1 when a finding is at or above: critical, high, medium, low
  --inventory FILE   CSV of nodes that sent no bundle; columns node, address and, if known, mac, role
  --lang LANGUAGE    language of the report: en (default) or zh; explain and rules take it too
  --quiet, -q        no progress on standard error

Exit codes: 0 analysed · 1 findings at or above --fail-on · 2 usage, or no bundle could be read ·
3 analysed, but a bundle was damaged or incomplete · 70 broken off without a verdict.
`
