/** A release of iptables. */
export interface IptablesVersion {
  /** `1.8.9`. */
  readonly version: string
  readonly numbers: readonly number[]
  /** Told since 1.8.0; before that there was legacy alone. */
  readonly backend?: 'nf_tables' | 'legacy'
}

/** Reads what `iptables -V` prints: `iptables v1.8.9 (nf_tables)`, `ip6tables v1.4.21`. Undefined for anything else. */
export function iptablesVersionOf(output: string): IptablesVersion | undefined {
  const pattern = /\bip6?tables\S{0,32} v(\d{1,4}(?:\.\d{1,4}){1,3})(?: \((nf_tables|legacy)\))?/
  const [, version, backend] = pattern.exec(output) ?? []
  if (version === undefined) return undefined
  const numbers = version.split('.').map(Number)
  return backend === 'nf_tables' || backend === 'legacy'
    ? { version, numbers, backend }
    : { version, numbers }
}
