import type { Cited } from '../text/cited.ts'
import type { SysctlValues } from './sysctlValues.ts'

/**
 * A setting of one interface: `interfaceSysctl(values, 'rp_filter', 'flannel.1')` is that of
 * net.ipv4.conf.flannel/1.rp_filter. `all` and `default` are names like others; how they combine is another question.
 */
export function interfaceSysctl(
  values: SysctlValues,
  setting: string,
  device: string,
  family: 'ipv4' | 'ipv6' = 'ipv4',
): Cited<string> | undefined {
  return values.get(`net.${family}.conf.${device.replaceAll('.', '/')}.${setting}`)
}
