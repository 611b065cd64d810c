import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { interfaceSysctl } from '../../parsers/interfaceSysctl.ts'
import { captured } from '../../sources/captured.ts'
import type { Cited } from '../../text/cited.ts'
import { wholeNumber } from '../../text/wholeNumber.ts'

/** A kernel setting that is a number, with the line that shows it. */
export interface NumericSetting {
  readonly value: number
  readonly origin: Evidence
}

/** The kernel settings of a node as they are now. */
export interface Sysctl {
  /** Undefined where the key was not captured, or is no whole number. */
  readonly number: (key: string) => NumericSetting | undefined
  /** A setting of one interface alone, whatever `all` says. */
  readonly ofInterface: (
    setting: string,
    device: string,
    family?: 'ipv4' | 'ipv6',
  ) => NumericSetting | undefined
  /**
   * What holds for an interface where the kernel takes the larger of `all` and its own (IN_DEV_MAXCONF and IN_DEV_ORCONF of
   * linux/inetdevice.h): rp_filter, arp_ignore, arp_announce, arp_filter, proxy_arp. IPv4 only. Undefined where neither is known.
   */
  readonly effective: (setting: string, device: string) => NumericSetting | undefined
}

/** Reads the kernel settings of a node (sysctl/values.txt). */
export const sysctl = defineNodeFact({
  name: 'kernel settings',
  needs: { values: captured.sysctlValues },
  compute({ values }): Availability<Sysctl> {
    const settingOf = (cited: Cited<string> | undefined): NumericSetting | undefined => {
      const value = wholeNumber(cited?.value)
      return cited === undefined || value === undefined
        ? undefined
        : { value, origin: values.cite(cited.line) }
    }
    const ofInterface = (setting: string, device: string, family: 'ipv4' | 'ipv6' = 'ipv4') =>
      settingOf(interfaceSysctl(values.value, setting, device, family))
    return available({
      number: (key) => settingOf(values.value.get(key)),
      ofInterface,
      effective(setting, device) {
        const all = ofInterface(setting, 'all')
        const own = ofInterface(setting, device)
        if (all === undefined || own === undefined) return own ?? all
        return own.value >= all.value ? own : all
      },
    })
  },
})
