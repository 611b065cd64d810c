import type { Capture } from '../../bundle/bundle.ts'
import type { Subject } from '../../engine/verdict.ts'
import type { LoggedSignal } from '../../facts/node/logSignals.ts'
import type { NodeAddress } from '../../facts/node/nodeAddresses.ts'

const HOUR_MS = 3_600_000
/** Journals of processes that etcd logs into: k3s embeds it; of rke2 and kubeadm it is a pod, whose log an operator may add. */
const JOURNAL = /^journal\/(?:.*\/)?(?:etcd|k3s|kube-etcd)(?!-agent)[^/]*$/

/** Whether a log of etcd was captured; what it lacks was not logged. */
export function hasEtcdLog(journals: readonly Pick<Capture<unknown>, 'path'>[]): boolean {
  return journals.some(({ path }) => JOURNAL.test(path))
}

/** Lines an hour, over the time from the first to the last one, and at least over one hour. */
export function linesPerHour({ count, lines }: LoggedSignal): number {
  const times = lines.flatMap(({ timeMs }) => timeMs ?? [])
  const spanMs = times.length === 0 ? 0 : Math.max(...times) - Math.min(...times)
  return count / Math.max(1, spanMs / HOUR_MS)
}

/** What a fault of a node's etcd is about: the node, and the addresses at which its API server is called. */
export function aboutEtcd(node: string, addresses: readonly NodeAddress[]): readonly Subject[] {
  return [`node:${node}`, ...addresses.map(({ address }): Subject => `address:${address}`)]
}
