/** One node's number of iptables rules. */
export interface RuleBar {
  readonly node: string
  readonly count: number
  /** Far from what the node's peers hold. */
  readonly outlier: boolean
}

/** The life of one certificate. */
export interface CertificateSpan {
  readonly node: string
  readonly path: string
  readonly subject: string
  /** ISO 8601, UTC. */
  readonly notBefore: string
  /** ISO 8601, UTC. */
  readonly notAfter: string
  readonly state: 'valid' | 'expiring' | 'expired' | 'not-yet-valid'
}

/** How full one host-local address pool is. */
export interface Pool {
  readonly node: string
  readonly network: string
  readonly subnet: string
  readonly used: number
  readonly capacity: number
  /** Reservations that belong to no living sandbox, where that is known. */
  readonly leaked?: number
}

/** Numbers of the case that are sooner seen than read. */
export type Figure =
  | { readonly kind: 'rules-per-node'; readonly bars: readonly RuleBar[] }
  | {
      readonly kind: 'certificate-lifetimes'
      /** The bundle's own time that the states were judged by, ISO 8601, UTC. */
      readonly judgedAt: string
      readonly spans: readonly CertificateSpan[]
    }
  | { readonly kind: 'pool-use'; readonly pools: readonly Pool[] }
