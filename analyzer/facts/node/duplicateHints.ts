import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import type { NftRuleset } from '../../parsers/nftRuleset.ts'
import { captured } from '../../sources/captured.ts'
import { logSignals } from './logSignals.ts'

/** What tells why rules repeat; none of it tells whether they do. */
export interface DuplicateHints {
  readonly nftRuleset: NftRuleset | undefined
  /** flannel's `Some iptables rules are missing; deleting and recreating rules`, the last lines of it. */
  readonly missingRuleLines: readonly Evidence[]
  /** Containers of kube-router 2.1.0 to 2.1.2, whose Alpine image brought iptables 1.8.10 (kube-router#1676). */
  readonly routerImages: readonly Evidence[]
}

const FAULTY_ROUTER = /\/kube-router:v?2\.1\.[012](?![\d.])/

/** Hints at the reason for repeated rules; whatever was not captured is left empty. */
export const duplicateHints = defineNodeFact({
  name: 'hints at repeated rules',
  needs: {},
  wants: { nft: captured.nftRuleset, logs: logSignals, containers: captured.criContainers },
  compute({ nft, logs, containers }): Availability<DuplicateHints> {
    const routers = containers?.value.filter(({ image }) => FAULTY_ROUTER.test(image)) ?? []
    return available({
      nftRuleset: nft?.value,
      missingRuleLines: (logs?.of('flannel-rules-missing')?.lines ?? []).map(({ origin }) => origin),
      routerImages: routers.flatMap(({ line }) => (containers ? [containers.cite(line)] : [])),
    })
  },
})
