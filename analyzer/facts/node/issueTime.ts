import type { Certificate } from '../../x509/certificate.ts'

/** When a certificate was made, as far as it tells. */
export interface IssueTime {
  /** In milliseconds since 1970 (UTC), by the clock of who made it; it may have been made minutes later. */
  readonly timeMs: number
  /** For how long it was made. */
  readonly lifeMs: number
  /** It is reckoned back from its end: right only if it was made for 365 days, as kubeadm does unless it is told otherwise. */
  readonly isReckoned: boolean
}

const DAY_MS = 86_400_000
const YEAR_MS = 365 * DAY_MS

/**
 * When a leaf was made; undefined where that cannot be told. Others begin when they are made. kubeadm's begin with their authority
 * and end 365 days after they were made (cmd/kubeadm/app/util/pkiutil, NewSignedCert; read in 1.29), since 1.31 after the
 * `certificateValidityPeriod` of its configuration. `known` are certificates among which that authority may be.
 */
export function issueTime(
  { notBeforeMs, notAfterMs, issuer }: Certificate,
  known: readonly Certificate[],
  nowMs: number,
): IssueTime | undefined {
  const lifeMs = notAfterMs - notBeforeMs
  const asBegun = { timeMs: notBeforeMs, lifeMs, isReckoned: false }
  const authorities = known.filter(({ isCa, subject }) => isCa && subject.text === issuer.text)
  // A year or less is no proof of a leaf that was dated back: that may be its first one.
  if (authorities.length === 0) return lifeMs <= YEAR_MS + DAY_MS ? asBegun : undefined
  if (!authorities.some((authority) => authority.notBeforeMs === notBeforeMs)) return asBegun
  const timeMs = notAfterMs - YEAR_MS
  if (timeMs < notBeforeMs - DAY_MS || timeMs > nowMs) return undefined
  return { timeMs: Math.max(timeMs, notBeforeMs), lifeMs: YEAR_MS, isReckoned: true }
}
