import type { Capture } from '../../bundle/bundle.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { type IptablesRuleSpec, parseIptablesRule } from '../../parsers/iptablesRule.ts'
import type { IptablesSave } from '../../parsers/iptablesTables.ts'

/** An entry of the portmap plugin for a pod with hostPorts. */
export interface HostPort {
  readonly protocol: string
  /** As printed. */
  readonly ports: readonly string[]
  /** `-d`: only on this address of the node; '' for all of them. */
  readonly address: string
  /** Id of the pod's sandbox. */
  readonly sandbox: string
  /** The chain that translates its packets. */
  readonly chain: string
  readonly origin: Evidence
}

const CHAIN = 'CNI-HOSTPORT-DNAT'
/** `dnat name: "cbr0" id: "1001…"` */
const OWNER = /\bid: "(?<id>[^"]{1,128})"/

/**
 * The hostPorts of a dump, in the order in which packets meet them (containernetworking/plugins plugins/meta/portmap/portmap_iptables.go):
 * ```
 * -A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \"cbr0\" id: \"bb23…\"" -m multiport --dports 8088 -j CNI-DN-d9d2ea7f15be61f1eb071
 * ```
 */
export function hostPortsOf(dump: Capture<IptablesSave>): readonly HostPort[] {
  const rules = dump.value.tables.get('nat')?.chains.get(CHAIN)?.rules ?? []
  return rules.flatMap((rule) => {
    const spec = parseIptablesRule(rule)
    const sandbox = OWNER.exec(spec.comment ?? '')?.groups?.['id']
    const ports = portsOf(spec)
    if (sandbox === undefined || ports.length === 0 || spec.target === undefined) return []
    return [
      {
        protocol: spec.protocol?.name ?? '',
        ports,
        address: spec.destination?.prefix.address ?? '',
        sandbox,
        chain: spec.target.name,
        origin: dump.cite(rule.line),
      },
    ]
  })
}

/** Do packets from outside of the node meet its hostPorts at all? */
export function meetsHostPorts(dump: Capture<IptablesSave>): boolean {
  const rules = dump.value.tables.get('nat')?.chains.get('PREROUTING')?.rules ?? []
  return rules.some(({ spec }) => spec.endsWith(`-j ${CHAIN}`))
}

function portsOf({ matches }: IptablesRuleSpec): readonly string[] {
  const options = matches.flatMap(({ options }) => options)
  const told = options.find(({ name }) => name === '--dports' || name === '--dport')
  return told?.values[0]?.split(',') ?? []
}
