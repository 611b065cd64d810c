import type { Capture } from '../../bundle/bundle.ts'
import type { LogExtract } from '../../logs/logEntry.ts'

/** The units that a kubelet runs in. */
export const KUBELET_UNITS: readonly string[] = ['kubelet', 'k3s', 'k3s-agent', 'rke2-server', 'rke2-agent']

/** The units that a container runtime runs in. */
export const RUNTIME_UNITS: readonly string[] = [
  'containerd',
  'docker',
  'crio',
  'k3s',
  'k3s-agent',
  'rke2-server',
  'rke2-agent',
]

/** Whether the journal of one of these units was captured and holds something: only then its silence tells anything. */
export function hasJournalOf(
  journals: readonly Capture<LogExtract>[] | undefined,
  units: readonly string[],
): boolean {
  return (journals ?? []).some(
    ({ path, status }) =>
      status !== 'empty' && units.includes(path.replace(/^journal\//, '').replace(/\.txt$/, '')),
  )
}
