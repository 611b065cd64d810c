import type { BundleInfo } from '../bundle/bundle.ts'
import type { Area, Confidence, Severity } from '../engine/outcome.ts'
import { formatCount } from '../text/formatCount.ts'
import { joinWords } from '../text/joinWords.ts'

/** Areas in the order in which a packet, and then the cluster, meets them. */
export const AREAS: readonly Area[] = [
  'addresses',
  'routing',
  'iptables',
  'services',
  'ipvs',
  'cni',
  'conntrack',
  'certificates',
  'control-plane',
  'runtime',
  'configuration',
  'evidence',
]

/** Area names as headings. */
export const AREA_NAMES: Readonly<Record<Area, string>> = {
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
}

/** Severities, each with what it means to traffic. */
export const SEVERITY_MEANINGS: Readonly<Record<Severity, string>> = {
  critical: 'traffic or the API is down now',
  high: 'breaks some flows',
  medium: 'degraded, or about to break',
  low: 'hygiene',
  info: 'good to know',
}

/** What each degree of confidence rests on. */
export const CONFIDENCE_MEANINGS: Readonly<Record<Confidence, string>> = {
  certain: 'the captured state contradicts itself or another node',
  likely: 'one capture shows the state, another its effect',
  possible: 'a benign explanation cannot be ruled out',
}

/** `1 finding`, `7 findings`, `180,124 rules`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  return joinWords(items, items.length)
}

/** Nodes by name up to four, then by number: `node-1 and node-2`, `14 nodes`. */
export function namedNodes(nodes: readonly string[]): string {
  return nodes.length <= 4 ? listed(nodes) : counted(nodes.length, 'node')
}

/** What leads the list of a bundle's problems; a bundle may have some and yet be whole, such as one made by hand. */
export function bundleNotice({ id, complete }: BundleInfo): string {
  return complete ? `About the bundle of ${id}:` : `The bundle of ${id} is incomplete.`
}
