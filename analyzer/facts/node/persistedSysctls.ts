import type { Capture, MissingCapture } from '../../bundle/bundle.ts'
import { type Availability, type Shortfall, available, unavailable } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import type { SysctlAssignment } from '../../parsers/sysctlConf.ts'

/** A kernel setting as a file asks for it. */
export interface PersistedSetting {
  /** Without blanks around it. */
  readonly value: string
  /** The file on the node: `/etc/sysctl.d/99-kubernetes.conf`. */
  readonly file: string
  readonly origin: Evidence
}

/** The kernel settings that the files of a node ask for. */
export interface PersistedSysctls {
  /**
   * What systemd-sysctl sets the key to when the node starts; undefined where no file asks for it. The key is the name of
   * `sysctl -a`; where the kernel has one setting under two names, either will do.
   */
  readonly atBoot: (key: string) => PersistedSetting | undefined
  /** What `sysctl --system` of procps makes of it: the same, then /etc/sysctl.conf. */
  readonly bySystem: (key: string) => PersistedSetting | undefined
  /** Every line that asks for the key by name, in the order in which the files are read; the last one need not win. */
  readonly asked: (key: string) => readonly PersistedSetting[]
}

/**
 * The folders, the strongest first: of two files with one name only that of the stronger folder is read (sysctl.d(5); both
 * systemd-sysctl 252 and `sysctl --system` of procps-ng 4.0.2 were seen to do so). /lib is the same as /usr/lib on most nodes.
 */
const FOLDERS = [
  '/etc/sysctl.d/',
  '/run/sysctl.d/',
  '/usr/local/lib/sysctl.d/',
  '/usr/lib/sysctl.d/',
  '/lib/sysctl.d/',
]
const SYSCTL_CONF = '/etc/sysctl.conf'
const BUNDLE_FOLDER = 'sysctl/files'
/** The collector's word for a link to /dev/null, by which an administrator masks a file of a weaker folder. */
const MASKED = /not a regular file/

/** Settings that the kernel has under two names: what is written last counts for both. */
const ALIASES = [
  ['net.ipv4.ip_forward', 'net.ipv4.conf.all.forwarding'],
  ['net.nf_conntrack_max', 'net.netfilter.nf_conntrack_max'],
]

interface Assignment extends SysctlAssignment {
  readonly file: string
  readonly origin: Evidence
}

/**
 * What the files of sysctl.d ask for, by the rules of systemd-sysctl and procps: files in the order of their names, whatever folder
 * they lie in; the last line for a key wins, except that one which asks for the value that is set already leaves it in its place; a
 * pattern (`net.ipv4.conf.*.rp_filter`) touches no key that any file names. Unavailable where no file was captured, or one could not be
 * read: it may be the one that counts.
 */
export const persistedSysctls = defineNodeFact({
  name: 'settings in sysctl.d',
  needs: {},
  compute(_, node): Availability<PersistedSysctls> {
    const { captures, missing } = node.captures.sysctlFiles
    const masks = missing.filter(isMask)
    const unread = [
      ...missing.filter((file) => file.status !== 'absent' && !isMask(file)),
      ...captures.filter(isCut),
    ]
    if (unread.length > 0) return unavailable(...unread.map((file) => shortfallOf(file, node.id)))
    if (captures.length === 0) {
      return unavailable({
        code: 'not-captured',
        node: node.id,
        what: { en: `any file of ${BUNDLE_FOLDER}`, zh: `${BUNDLE_FOLDER} 下的文件` },
      })
    }
    const files = inOrder(captures, masks)
    const own = captures.find(({ path }) => originalPath(path) === SYSCTL_CONF)
    const asked = files.flatMap(assignmentsOf)
    const procps = [...asked, ...(own === undefined ? [] : assignmentsOf(own))]
    return available({
      atBoot: (key) => effective(asked, key),
      bySystem: (key) => effective(procps, key),
      asked: (key) => procps.flatMap((one) => (namesOf(key).includes(one.key) ? (settingOf(one) ?? []) : [])),
    })
  },
})

function isMask({ status, command = '' }: MissingCapture): boolean {
  return status === 'failed' && MASKED.test(command)
}

function isCut({ status }: Capture<unknown>): boolean {
  return status !== 'ok' && status !== 'empty'
}

function shortfallOf({ path, status }: Capture<unknown> | MissingCapture, node: string): Shortfall {
  return { code: status === 'ok' || status === 'empty' ? 'undetermined' : status, node, what: path }
}

/** The file on the node that a capture was made of. */
function originalPath(path: string): string {
  return path.slice(BUNDLE_FOLDER.length)
}

/** The files that are read, in the order in which they are. */
function inOrder(
  captures: readonly Capture<readonly SysctlAssignment[]>[],
  masks: readonly MissingCapture[],
): readonly Capture<readonly SysctlAssignment[]>[] {
  const chosen = new Map<string, Capture<readonly SysctlAssignment[]> | undefined>()
  for (const folder of FOLDERS) {
    for (const name of namesIn(folder, masks)) {
      if (!chosen.has(name)) chosen.set(name, undefined)
    }
    for (const capture of captures) {
      const [name] = namesIn(folder, [capture])
      if (name !== undefined && !chosen.has(name)) chosen.set(name, capture)
    }
  }
  const inOrderOfNames = [...chosen].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return inOrderOfNames.flatMap(([, capture]) => capture ?? [])
}

/** Of these files the names of those that lie in the folder itself and are read there. */
function namesIn(folder: string, files: readonly { readonly path: string }[]): string[] {
  return files
    .map(({ path }) => originalPath(path))
    .filter((file) => file.endsWith('.conf') && file === folder + baseName(file))
    .map(baseName)
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function assignmentsOf(capture: Capture<readonly SysctlAssignment[]>): Assignment[] {
  const file = originalPath(capture.path)
  return capture.value.map((assignment) => ({ ...assignment, file, origin: capture.cite(assignment.line) }))
}

/**
 * The kernel is written to in the order of each key's last change (systemd src/sysctl/sysctl.c, parse_line and apply_all); a pattern
 * leaves out keys that are named, and a name without a value (`-net.ipv4.conf.all.rp_filter`) is there for that alone.
 */
function effective(asked: readonly Assignment[], key: string): PersistedSetting | undefined {
  const order = inOrderOfChange(asked)
  const keys = new Set(order.map((one) => one.key))
  const winner = order.findLast((one) =>
    namesOf(key).some((name) => one.key === name || (!keys.has(name) && matches(one.key, name))),
  )
  return winner && settingOf(winner)
}

function inOrderOfChange(asked: readonly Assignment[]): readonly Assignment[] {
  const byKey = new Map<string, Assignment>()
  for (const assignment of asked) {
    if (byKey.get(assignment.key)?.value === assignment.value && byKey.has(assignment.key)) continue
    byKey.delete(assignment.key)
    byKey.set(assignment.key, assignment)
  }
  return [...byKey.values()]
}

function settingOf({ value, file, origin }: Assignment): PersistedSetting | undefined {
  return value === undefined ? undefined : { value, file, origin }
}

/** All names of the setting that this key is a name of. */
function namesOf(key: string): readonly string[] {
  return ALIASES.find((names) => names.includes(key)) ?? [key]
}

/** glob(7) as far as sysctl.d(5) shows it: `*` and `?` within one part of the name. */
function matches(pattern: string, key: string): boolean {
  const parts = pattern.split('.')
  const names = key.split('.')
  return parts.length === names.length && parts.every((part, index) => matchesPart(part, names[index] ?? ''))
}

function matchesPart(pattern: string, name: string): boolean {
  const pieces = pattern.split('*')
  const [first = ''] = pieces
  const last = pieces.at(-1) ?? ''
  if (pieces.length === 1) return pattern === name
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last))
    return false
  let at = first.length
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, at)
    if (found < 0 || found + piece.length > name.length - last.length) return false
    at = found + piece.length
  }
  return true
}
