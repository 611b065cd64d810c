import type { NodeInterface } from './interfaces.ts'

/** The host's end of a pod's link on a bridge: a plugin's name for it, or any veth that is a port. */
export function isPodPort({ role, kind, master }: Pick<NodeInterface, 'role' | 'kind' | 'master'>): boolean {
  return master !== undefined && (role === 'pod' || kind === 'veth')
}
