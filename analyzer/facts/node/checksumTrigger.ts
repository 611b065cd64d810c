import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { captured } from '../../sources/captured.ts'
import { type NodeInterface, interfaces } from './interfaces.ts'
import { iptablesTables } from './iptablesTables.ts'

/** What makes a node send VXLAN packets with a wrong checksum. */
export interface ChecksumTrigger {
  readonly device: NodeInterface
  /** Of the kernel: `5.4.0-42-generic`. */
  readonly release: string
  /** The lines that show offload, kernel and rule. */
  readonly offload: Evidence
  readonly kernel: Evidence
  readonly rule: Evidence
}

/** The VXLAN devices of a node, and whether it sends wrong checksums through them. */
export interface ChecksumState {
  /** Those that are up. */
  readonly devices: readonly NodeInterface[]
  /** Some device of them has checksum offload; undefined where no settings were captured. */
  readonly isOffloaded: boolean | undefined
  /** Left out where one part of it is known not to be so. */
  readonly trigger?: ChecksumTrigger
  /** No part is known not to be so, and one of them is not known. */
  readonly isUnknown: boolean
}

/** The first release that leaves the absent checksum of an outer header alone (ea64d8d6c675, “netfilter: nat: never update …”). */
const MENDED = [5, 7] as const
const FEATURE = 'tx-checksum-ip-generic'

/**
 * The three things that come together (kubernetes#88986, #90854): a VXLAN device that leaves checksums to the card, a kernel before 5.7,
 * and a kube-proxy that masquerades by `--random-fully` what bears its mark without taking that off, so that the packet around the
 * masqueraded one is masqueraded once more (before kubernetes#92035). A distribution’s kernel may have the fix under an older number.
 */
export const checksumTrigger = defineNodeFact({
  name: 'checksum offload of VXLAN devices',
  needs: { interfaces },
  wants: { features: captured.ethtool, uname: captured.uname, nat: iptablesTables.nat },
  compute({ interfaces, features, uname, nat }): Availability<ChecksumState> {
    const devices = interfaces.filter(({ kind, flags }) => kind === 'vxlan' && flags.has('UP'))
    const settings = devices.flatMap((device) => {
      const capture = features?.find(({ path }) => path.endsWith(`/${device.name}.txt`))
      const feature = capture?.value.get(FEATURE)
      return capture && feature ? [{ device, isOn: feature.on, origin: capture.cite(feature.line) }] : []
    })
    const offloaded = settings.find(({ isOn }) => isOn)
    const isOffloaded = settings.length === 0 ? undefined : offloaded !== undefined

    const release = uname?.value
    const isOldKernel = release === undefined ? undefined : isBefore(release.kernelVersion, MENDED)

    const chains = nat?.flatMap(({ dump, table }) => {
      const chain = table.chains.get('KUBE-POSTROUTING')
      const rule = chain?.rules.find(({ spec }) => /-j MASQUERADE\b.*--random-fully/.test(spec))
      const takesMarkOff = chain?.rules.some(({ spec }) => spec.includes('-j MARK ')) ?? false
      return rule === undefined || takesMarkOff ? [] : [dump.capture.cite(rule.line)]
    })
    const masquerade = chains?.[0]
    const isMasquerading = chains === undefined ? undefined : masquerade !== undefined

    const parts = [isOffloaded, isOldKernel, isMasquerading]
    const isUnknown = devices.length > 0 && !parts.includes(false) && parts.includes(undefined)
    if (offloaded === undefined || !isOldKernel || !release || !uname || masquerade === undefined)
      return available({ devices, isOffloaded, isUnknown })
    const trigger: ChecksumTrigger = {
      device: offloaded.device,
      release: release.release,
      offload: offloaded.origin,
      kernel: uname.cite(release.line),
      rule: masquerade,
    }
    return available({ devices, isOffloaded, isUnknown, trigger })
  },
})

/** Undefined where the numbers are not known. */
function isBefore(
  [major, minor]: readonly number[],
  [sinceMajor, sinceMinor]: readonly [number, number],
): boolean | undefined {
  if (major === undefined) return undefined
  return major < sinceMajor || (major === sinceMajor && (minor ?? 0) < sinceMinor)
}
