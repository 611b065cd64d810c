import { type Availability, available } from '../../engine/availability.ts'
import { type OfNode, defineClusterFact, eachNode } from '../../engine/fact.ts'
import { authorityIdentity } from '../../x509/issuerMatch.ts'
import { type TrustDomain, type TrustHolder, trustHolders } from '../node/trustHolders.ts'

/** A file with authorities, and the node that it lies on. */
export interface HeldTrust {
  readonly node: string
  readonly holder: TrustHolder
}

/** What the nodes' files for one purpose hold, compared. */
export interface TrustComparison {
  readonly domain: TrustDomain
  /** All of them. */
  readonly files: readonly HeldTrust[]
  /** The one that the others are held against: the cluster's own, where a server's was captured, else what most have. */
  readonly reference: HeldTrust
  /** Files that share no authority with it. */
  readonly foreign: readonly HeldTrust[]
  /** No side can be told to be the wrong one: the cluster's own files differ, or none of them was captured. */
  readonly isDispute: boolean
}

/** The authorities that the nodes of the case trust, by purpose, held against each other. Two files agree that have one authority in common. */
export const trustComparisons = defineClusterFact({
  name: 'authorities of the cluster',
  needs: { holders: eachNode(trustHolders) },
  compute({ holders }): Availability<readonly TrustComparison[]> {
    const groups = new Map<string, HeldTrust[]>()
    for (const held of holders.flatMap(heldBy)) {
      const key = `${held.holder.family} ${held.holder.domains[0]}`
      groups.set(key, [...(groups.get(key) ?? []), held])
    }
    return available([...groups.values()].flatMap(compared))
  },
})

function heldBy({ node, value }: OfNode<readonly TrustHolder[]>): readonly HeldTrust[] {
  return value.map((holder) => ({ node: node.id, holder }))
}

function compared(files: readonly HeldTrust[]): readonly TrustComparison[] {
  const sources = files.filter(({ holder }) => holder.isSource)
  const judges = sources.length > 0 ? sources : files
  const parties = partiesOf(judges).toSorted((a, b) => b.length - a.length)
  const [largest, second] = parties
  const reference = largest?.[0]
  const domain = reference?.holder.domains[0]
  if (largest === undefined || reference === undefined || domain === undefined) return []
  const foreign = files.filter(({ holder }) => !largest.some((judge) => agree(judge.holder, holder)))
  return [{ domain, files, reference, foreign, isDispute: sources.length === 0 || second !== undefined }]
}

/** Files that agree, directly or over others. */
function partiesOf(files: readonly HeldTrust[]): readonly (readonly HeldTrust[])[] {
  let parties: (readonly HeldTrust[])[] = []
  for (const file of files) {
    const near = parties.filter((party) => party.some(({ holder }) => agree(holder, file.holder)))
    parties = [...parties.filter((party) => !near.includes(party)), [...near.flat(), file]]
  }
  return parties
}

function agree(a: TrustHolder, b: TrustHolder): boolean {
  const known = namesOf(a)
  return namesOf(b).some((name) => known.includes(name))
}

/** Keys where they are known, so that a certificate which was made anew of the same key is taken for its predecessor; fingerprints too. */
function namesOf({ authorities, fingerprint }: TrustHolder): readonly string[] {
  return [
    ...authorities.map(authorityIdentity),
    ...authorities.map(({ sha256 }) => sha256),
    ...(fingerprint === undefined ? [] : [fingerprint]),
  ]
}
