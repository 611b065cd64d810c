import type { KubePod } from '../../parsers/kubePods.ts'

/** A pod that has ended keeps an address in its status that it no longer has. */
export function isLive({ phase }: Pick<KubePod, 'phase'>): boolean {
  return phase !== 'Succeeded' && phase !== 'Failed'
}
