import type { NftChain, NftRuleset } from '../../parsers/nftRuleset.ts'
import type { Line } from '../../text/line.ts'

/** Tables of iptables-nft, which the dump shows, and those of kube-proxy and network plugins, which refuse on purpose. */
const KNOWN_TABLES = /^(?:filter|nat|mangle|raw|security|kube-proxy|cali.*|cilium.*|cni.*|docker.*|netavark)$/

/**
 * Native chains of the host on forward or input that may refuse packets, by policy or by a rule in their table. They run beside
 * those of iptables: what one of the two accepts the other may still refuse. Each with the line of its chain.
 */
export function nativeRefusals(ruleset: NftRuleset | undefined): readonly Line[] {
  return (ruleset?.tables ?? [])
    .filter(
      ({ family, name, flags }) =>
        FAMILIES.has(family) && !KNOWN_TABLES.test(name) && !flags.includes('dormant'),
    )
    .flatMap(({ chains }) => {
      const gates = chains.filter(isGate)
      const refuses = chains.some(({ rules }) => rules.some(({ text }) => /\b(?:drop|reject)\b/.test(text)))
      return gates.filter(({ base }) => refuses || base?.policy === 'drop').map(({ line }) => line)
    })
}

const FAMILIES = new Set(['ip', 'inet'])

function isGate({ base }: NftChain): boolean {
  return base?.type === 'filter' && (base.hook === 'forward' || base.hook === 'input')
}
