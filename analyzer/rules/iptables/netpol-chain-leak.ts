import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import type { Inputs } from '../../engine/fact.ts'
import { type Found, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { kubeApi } from '../../facts/cluster/kubeApi.ts'
import { iptablesTables } from '../../facts/node/iptablesTables.ts'
import { ipamPools } from '../../facts/node/ipamPools.ts'
import { nodeAddresses } from '../../facts/node/nodeAddresses.ts'
import { type PolicyChains, policyChainsOf } from '../../facts/node/policyChains.ts'
import type { Address } from '../../net/address.ts'
import { type NetpolChainLeak, type Note, text } from './netpol-chain-leak.text.ts'

/** More than so many are a leak however many pods there are. */
const MANY = 10
/** Pods that come and go leave a few chains until the next synchronisation. */
const FEW = 3
const TIMES = 3
/** A synchronisation makes the chain of a policy anew before it deletes the former one. */
const CHAINS_OF_A_POLICY = 2

const needs = { filter: iptablesTables.filter }
const wants = { pools: ipamPools, pods: kubeApi.pods, addresses: nodeAddresses }

/** kube-router leaves chains of pods and policies behind that are gone; or those of the release before an upgrade. */
export default defineRule({
  id: 'netpol-chain-leak',
  area: 'iptables',
  severity: 'medium',
  references: [
    {
      title: 'cloudnativelabs/kube-router#896: too many iptables entries being created',
      url: 'https://github.com/cloudnativelabs/kube-router/issues/896',
    },
    {
      title: 'cloudnativelabs/kube-router#1675: rules of former releases stay in its chains',
      url: 'https://github.com/cloudnativelabs/kube-router/issues/1675',
    },
    {
      title: 'k3s-io/k3s#7251: old network policy iptables rules are not cleared on upgrade',
      url: 'https://github.com/k3s-io/k3s/issues/7251',
    },
  ],
  needs,
  wants,
  text,
  check(inputs, node) {
    const all = inputs.filter.map(policyChainsOf)
    const chains: PolicyChains = {
      pods: all.flatMap(({ pods }) => pods),
      policies: all.flatMap(({ policies }) => policies),
      twice: all.flatMap(({ twice }) => twice),
    }
    if (chains.pods.length === 0 && chains.policies.length === 0 && chains.twice.length === 0) {
      return notApplicable('noChains')
    }
    const live = livePods(inputs, node.id)
    const leak = leakOf(chains, live, node.id)
    const skew = chains.twice.slice(0, 1).map(({ network, origins }) =>
      found<NetpolChainLeak, Note>(
        { kind: 'versions', node: node.id, network },
        {
          subject: 'versions',
          severity: 'low',
          confidence: 'likely',
          evidence: origins.slice(0, 3).map((origin) => withNote<Note>(origin, 'allowed', network)),
          about: [`node:${node.id}`],
        },
      ),
    )
    const told = [...(leak ? [leak] : []), ...skew]
    return told.length === 0 && live === undefined && chains.pods.length > 0 ? unchecked('noPods') : told
  },
})

/** Addresses that pods of the node have, or may have, and the lists that say so. */
interface LivePods {
  readonly addresses: ReadonlySet<Address>
  readonly lists: readonly Citation<Note>[]
  /** A list of the node itself, or one that was made with the dump. */
  readonly isOfNode: boolean
}

/** Either list alone makes an address count: a pod that is being made is in one of them only. */
function livePods(
  { pools = [], pods, addresses }: Inputs<typeof needs, typeof wants>,
  node: string,
): LivePods | undefined {
  const isListed = pods?.status === 'ok'
  if (pools.length === 0 && !isListed) return undefined
  const known = [
    ...pools.flatMap(({ reservations }) => reservations.map(({ address }) => address)),
    ...(pods?.value ?? []).flatMap(({ podAddresses }) => podAddresses),
    // Older releases make chains for pods of the host's network too.
    ...(addresses ?? []).map(({ address }) => address),
  ]
  const api = isListed ? [withNote<Note>(pods.cite({ number: 0, text: '' }), 'list')] : []
  return {
    addresses: new Set(known),
    lists: [...pools.slice(0, 1).map(({ origin }) => withNote<Note>(origin, 'pool')), ...api],
    isOfNode: pools.length > 0 || api.some(({ bundle }) => bundle === node),
  }
}

function leakOf(
  { pods, policies }: PolicyChains,
  known: LivePods | undefined,
  node: string,
): Found<NetpolChainLeak, Note> | undefined {
  const gone = known
    ? pods.filter(({ address }) => address !== undefined && !known.addresses.has(address))
    : []
  const live = pods.length - gone.length
  const leaked = gone.length > MANY || (gone.length > FEW && gone.length > live * TIMES) ? gone : []
  const repeated = policies
    .filter(({ chains }) => chains.length > CHAINS_OF_A_POLICY)
    .toSorted((a, b) => b.chains.length - a.chains.length)
  const extra = repeated.reduce((sum, { chains }) => sum + chains.length - CHAINS_OF_A_POLICY, 0)
  const isRepeated = extra > FEW
  const [most] = isRepeated ? repeated : []
  if (leaked.length === 0 && most === undefined) return undefined
  return found<NetpolChainLeak, Note>(
    {
      kind: 'chains',
      node,
      pods: leaked.length,
      livePods: live,
      ...(most && { policy: { name: most.policy, chains: most.chains.length, others: repeated.length - 1 } }),
    },
    {
      subject: 'chains',
      confidence: most === undefined && known?.isOfNode !== true ? 'possible' : 'likely',
      evidence: [
        ...leaked.slice(0, 2).map(({ origin }) => withNote<Note>(origin, 'pod', leaked.length)),
        ...(most?.origins ?? [])
          .slice(0, 3)
          .map((origin) => withNote<Note>(origin, 'policy', most?.policy ?? '')),
        ...(leaked.length > 0 ? (known?.lists ?? []) : []),
      ],
      about: [`node:${node}`],
    },
  )
}
