import { formatBytes } from '../text/formatBytes.ts'
import { formatCount } from '../text/formatCount.ts'
import { joinWords } from '../text/joinWords.ts'
import type { ReportWords } from './words.ts'

/** The reports in English. */
export const english: ReportWords = {
  tag: 'en',

  listed,
  namedNodes: (nodes) => (nodes.length <= 4 ? listed(nodes) : counted(nodes.length, 'node')),
  sentences: (sentences) => sentences.join(' '),
  names: (items) => items.join(', '),
  clauses: (clauses) => clauses.join(', '),
  bytes: formatBytes,
  moreCharacters: (count) => ` (${formatCount(count)} more characters)`,

  areas: {
    addresses: 'Addresses',
    routing: 'Routing',
    iptables: 'iptables',
    services: 'Services',
    ipvs: 'IPVS',
    cni: 'CNI',
    conntrack: 'conntrack',
    certificates: 'Certificates',
    'control-plane': 'Control plane',
    runtime: 'Runtime and kernel',
    configuration: 'Configuration',
    evidence: 'Evidence',
  },
  severities: { critical: 'critical', high: 'high', medium: 'medium', low: 'low', info: 'info' },
  severityMeanings: {
    critical: 'traffic or the API is down now',
    high: 'breaks some flows',
    medium: 'degraded, or about to break',
    low: 'hygiene',
    info: 'good to know',
  },
  confidences: { certain: 'certain', likely: 'likely', possible: 'possible' },
  confidenceMeanings: {
    certain: 'the captured state contradicts itself or another node',
    likely: 'one capture shows the state, another its effect',
    possible: 'a benign explanation cannot be ruled out',
  },
  statuses: {
    ok: 'ok',
    empty: 'empty',
    absent: 'absent',
    denied: 'denied',
    timeout: 'timeout',
    truncated: 'truncated',
    failed: 'failed',
    withheld: 'withheld',
    damaged: 'damaged',
  },

  headline: {
    noBundle: 'No bundle could be read',
    faults: (count, where) => `${counted(count, 'fault')} on ${where}`,
    causes: (causes, findings, where) => {
      const verb = causes === 1 ? 'explains' : 'explain'
      return `${counted(causes, 'cause')} ${verb} ${counted(findings, 'finding')} on ${where}`
    },
    nothingChecked: (nodes) => `Nothing could be checked on ${counted(nodes, 'node')}`,
    nothingWrong: (nodes) => `Nothing wrong was found on ${counted(nodes, 'node')}`,
    nothingUrgent: (nodes, minor) =>
      `Nothing urgent was found on ${counted(nodes, 'node')}, ${counted(minor, 'minor finding')}`,
    unchecked: (verdict, checks) => `${verdict}; ${counted(checks, 'check')} could not be made`,
  },

  bundle: {
    incomplete: (id) => `The bundle of ${id} is incomplete.`,
    about: (id) => `About the bundle of ${id}:`,
    problemOf: (sentence, files, count) => {
      const more = count - files.length
      const named =
        more > 0 ? `${counted(count, 'file')}: ${listed([...files, `${more} more`])}` : listed(files)
      return `${sentence.replace(/\.$/, '')} (${named}).`
    },
    notRead: (file) => `${file} was not read.`,
  },

  finding: {
    grade: (confidence, where) => `, ${confidence}, on ${where}`,
    byRule: (rule) => `. Rule ${rule}.`,
    severity: 'Severity',
    confidence: 'Confidence',
    nodes: (count) => (count === 1 ? 'Node' : 'Nodes'),
    rule: 'Rule',
    evidence: 'Evidence',
    ruledOut: 'Ruled out',
    remedy: 'Remedy',
    verify: 'Verify',
    lead: (heading) => `${heading}: `,
    line: 'line ',
    wholeFile: 'whole file',
    noteOfLine: (line, note) => (line > 0 ? `line ${line}: ${note}` : note),
    fileOf: (path, bundle) => `${path} of ${bundle}:`,
    moreLines: (count) => `and ${counted(count, 'more line')} in the report`,
    explains: (label) => `Explains ${label}: `,
    explainsOthers: (count) => `Explains ${counted(count, 'other finding')}`,
    explainsToo: (labels) => `Explains also ${listed(labels)}.`,
    explainedBy: (label) => `Explained by ${label}. `,
    minor: (title, severity, confidence) => `${title} (${severity}, ${confidence})`,
  },

  suspicion: {
    heading: 'What may lie behind it',
    noCause: 'This is an effect, and nothing that was found explains it.',
    notLooked: (rule, reason) => `Not looked for: “${rule}” (${reason}).`,
    notLookedMore: (count) => `${formatCount(count)} more could not be looked for.`,
    collect: 'Collect what is missing, and analyse again.',
    notThere: (rules) => `Looked for, and not there: ${listed(rules.map((rule) => `“${rule}”`))}.`,
  },

  sections: {
    causes: (count) => (count === 1 ? 'The cause' : 'Causes'),
    found: 'Found',
    alsoFound: 'Also found',
    matrix: 'What was looked at',
    figures: 'In pictures',
    unchecked: 'What could not be checked, and why',
    nothingUnchecked: 'Nothing was left unchecked',
    sources: 'Sources',
    bundles: 'Bundles',
  },

  checks: {
    area: 'Area',
    found: 'found',
    partly: 'clear, ',
    notChecked: (count) => `${count} not checked`,
    cells: {
      unchecked: 'not checked',
      clear: 'clear',
      'not-applicable': 'not applicable',
      nothing: 'no check',
    },
    made: (clear, notApplicable) => `${counted(clear, 'check')} clear, ${notApplicable} not applicable`,
    allMade: (made) => `${made}, every check could be made.`,
    missing: (made, count, reasons) => `${made}, ${count} could not be made: ${listed(reasons)}.`,
    reason: (reason, checks, where) => `${reason} (${counted(checks, 'check')} on ${where})`,
    moreReasons: (count) => counted(count, 'more reason'),
    looked: (clear, notApplicable) => {
      const verb = clear === 1 ? 'was' : 'were'
      return `${counted(clear, 'check')} ${verb} made and came out clear; ${notApplicable} did not apply here.`
    },
    onNodes: (where) => `on ${where}`,
    sharedReason: (reason, rules, nodes) => `${reason} (${listed(rules)} on ${listed(nodes)})`,
  },

  header: {
    report: 'Coldcase report',
    collected: (time) => `, collected ${time}`,
    collectedBetween: (from, to) => `, collected ${from} to ${to} UTC`,
    lesserFindings: (count) => counted(count, 'lesser finding'),
    alsoExplains: (count) => `; explains ${counted(count, 'other finding')}`,
    nodes: 'Nodes',
    quietNodes: (count, othersAreNamed) =>
      `${counted(count, othersAreNamed ? 'other node' : 'node')} without a finding`,
    nothingFound: 'nothing found',
    findings: (count) => counted(count, 'finding'),
    checksNotMade: (count) => `, ${counted(count, 'check')} not made`,
    bundleIncomplete: ', bundle incomplete',
  },

  sources: {
    of: (bundle) => `Sources of ${bundle}`,
    count: (count) => counted(count, 'source'),
    withLosses: (count) => `${count} with losses`,
    intro: 'Sources that came with less than all of it:',
    columns: { source: 'Source, and what of it was lost', status: 'Status', size: 'Size' },
    cutOnNode: (size) => `${size} cut off on the node`,
    beyondLimit: (size) => `${size} beyond the limit`,
    notUnderstood: (lines) => `${counted(lines, 'line')} not understood`,
    unknownKind: (size) => `${size} of an unknown kind`,
    notRead: (size) => `${size} not read`,
  },

  bundleTable: {
    node: 'Node',
    collected: 'Collected',
    sources: 'Sources',
    file: 'File',
    notKnown: 'not known',
  },

  figures: {
    rulesPerNode: 'iptables rules per node',
    rules: (count, isOutlier) => `${counted(count, 'rule')}${isOutlier ? ', far from its peers' : ''}`,
    certificates: 'Certificate lifetimes',
    certificatesCaption: 'Certificate lifetimes, half a year back and a year on',
    bundleTaken: (day) => `bundle taken ${day}`,
    ends: {
      valid: (day) => `to ${day}`,
      expiring: (day) => `ends ${day}`,
      expired: (day) => `expired ${day}`,
      'not-yet-valid': (day) => `from ${day}`,
    },
    pools: 'Address pool use',
    poolsCaption: 'Address pools: how many addresses are reserved',
    poolUse: (used, capacity, leaked) => {
      const use = `${formatCount(used)} of ${formatCount(capacity)}`
      return leaked > 0 ? `${use}, ${formatCount(leaked)} leaked` : use
    },
    moreNodes: (count) => `Not drawn: ${formatCount(count)} more nodes with fewer rules.`,
    moreCertificates: (count) => `Not drawn: ${formatCount(count)} more certificates that end later.`,
    morePools: (count) => `Not drawn: ${formatCount(count)} more pools that are less full.`,
  },

  footer: {
    meanings: (subject, pairs) =>
      `${subject}: ${pairs.map(([word, meaning]) => `${word}, ${meaning}`).join('; ')}.`,
    madeBy: (tool, version, bundles) =>
      `Made by ${tool} ${version} from ${counted(bundles, 'bundle')}. Everything is judged by the bundles’ own clocks; times are in UTC.`,
    collected: (time) => `collected ${time}`,
    timeUnknown: 'collected at a time it does not tell',
  },

  copy: { offer: 'Copy', done: 'Copied', selected: 'Selected' },
  reportAt: (path) => `Report: ${path}`,
}

/** `1 finding`, `7 findings`, `180,124 rules`. */
function counted(count: number, singular: string): string {
  return `${formatCount(count)} ${count === 1 ? singular : `${singular}s`}`
}

function listed(items: readonly string[]): string {
  return joinWords(items, items.length)
}
