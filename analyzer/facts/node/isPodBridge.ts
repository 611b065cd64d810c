import { isPodPort } from './isPodPort.ts'
import type { NodeInterface } from './interfaces.ts'

/** kube-router sets what its bridge needs itself. */
const KUBE_ROUTER_BRIDGE = 'kube-bridge'

/** A network plugin's bridge with pods on it. One without an address is a second network of pods (Multus), where no Service is reached. */
export function isPodBridge(
  { name, role, addresses }: NodeInterface,
  interfaces: readonly NodeInterface[],
): boolean {
  if (role !== 'cni' || name === KUBE_ROUTER_BRIDGE) return false
  if (!addresses.some(({ scope }) => scope === 'global')) return false
  return interfaces.some((port) => port.master === name && isPodPort(port))
}
