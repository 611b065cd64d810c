import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { clear, found, unchecked } from '../../engine/verdict.ts'
import { type IptablesDump, iptablesReadings } from '../../facts/node/iptablesReadings.ts'
import type { IptablesChain, IptablesTable } from '../../parsers/iptablesTables.ts'
import { text } from './iptables-backends-mixed.text.ts'

/** Chains of those who write rules for Kubernetes; hints and canaries have no rules. */
const WRITERS = [
  ['Kubernetes', 'KUBE-'],
  ['Calico', 'cali-'],
  ['flannel', 'FLANNEL-'],
  ['CNI', 'CNI-'],
] as const

/** Rules of Kubernetes in the tables of both iptables-legacy and iptables-nft: every packet passes both (iptables-wrappers, README). */
export default defineRule({
  id: 'iptables-backends-mixed',
  area: 'iptables',
  severity: 'high',
  references: [
    {
      title: 'iptables-wrappers: why the two backends cannot be mixed',
      url: 'https://github.com/kubernetes-sigs/iptables-wrappers',
    },
    { title: 'kubernetes#71305', url: 'https://github.com/kubernetes/kubernetes/issues/71305' },
  ],
  needs: { dumps: iptablesReadings },
  text,
  check({ dumps }, node) {
    const legacy = dumps.filter(({ backend }) => backend === 'legacy').flatMap(writersIn)
    const nft = dumps.filter(({ backend }) => backend === 'nf_tables').flatMap(writersIn)
    const [ofLegacy] = legacy
    const [ofNft] = nft
    if (ofLegacy === undefined || ofNft === undefined) {
      // One dump alone: the collector takes that of the other backend wherever its tables are loaded.
      const written = dumps.filter((dump) => writersIn(dump).length > 0)
      return written.length > 1 && written.some(({ backend }) => backend === 'unknown')
        ? unchecked('noBackend')
        : clear()
    }
    const both = [...new Set(legacy.map(({ writer }) => writer))].filter((writer) =>
      nft.some((other) => other.writer === writer),
    )
    const shown =
      both.length > 0
        ? [legacy, nft].flatMap((side) => side.filter(({ writer }) => both.includes(writer)).slice(0, 2))
        : [ofLegacy, ofNft]
    return found(
      {
        node: node.id,
        both,
        legacy: [...new Set(legacy.map(({ writer }) => writer))],
        nft: [...new Set(nft.map(({ writer }) => writer))],
      },
      {
        subject: 'backends',
        severity: both.length > 0 ? 'high' : 'medium',
        confidence: 'certain',
        evidence: shown.map(({ dump, chain }) =>
          withNote(dump.capture.cite(chain.line), dump.backend === 'legacy' ? 'legacy' : 'nft'),
        ),
        about: [`node:${node.id}`],
      },
    )
  },
})

interface Written {
  readonly writer: (typeof WRITERS)[number][0]
  readonly dump: IptablesDump
  readonly chain: IptablesChain
}

/** The first chain with rules of each writer. */
function writersIn(dump: IptablesDump): readonly Written[] {
  const tables = [...dump.capture.value.tables.values()]
  return WRITERS.flatMap(([writer, prefix]) => {
    const chain = firstChain(tables, prefix)
    return chain === undefined ? [] : [{ writer, dump, chain }]
  })
}

function firstChain(tables: readonly IptablesTable[], prefix: string): IptablesChain | undefined {
  for (const { chains } of tables) {
    for (const chain of chains.values()) {
      if (chain.name.startsWith(prefix) && chain.rules.length > 0) return chain
    }
  }
  return undefined
}
