import type { Evidence } from './evidence.ts'

/** From the worst down: traffic or API down now; breaks some flows; degraded; hygiene; good to know. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const

/** How much it matters. */
export type Severity = (typeof SEVERITIES)[number]

/**
 * From the surest down: certain, the captured state contradicts itself or another node's; likely, one artifact shows the state
 * and another its effect; possible, a benign explanation cannot be ruled out.
 */
export const CONFIDENCES = ['certain', 'likely', 'possible'] as const

/** How sure it is. */
export type Confidence = (typeof CONFIDENCES)[number]

/** Areas in the order in which a packet, and then the cluster, meets them. */
export const AREAS = [
  'addresses',
  'routing',
  'iptables',
  'services',
  'ipvs',
  'cni',
  'conntrack',
  'certificates',
  'control-plane',
  'runtime',
  'configuration',
  'evidence',
] as const

/** The part of a node that a rule is about. */
export type Area = (typeof AREAS)[number]

/** One step of a cure or of a check: what it does, and the commands as they are typed. */
export interface Step {
  readonly text: string
  readonly commands: readonly string[]
}

/** What all outcomes of a rule bear. */
export interface OutcomeHead {
  readonly rule: string
  /** Stable between runs on the same evidence. */
  readonly id: string
  readonly area: Area
  readonly nodes: readonly string[]
}

/** A rule that looks for a cause of a symptom, and what became of it where the symptom is. */
export interface Suspect {
  readonly rule: string
  /** Its title in lists. */
  readonly name: string
  readonly state: 'clear' | 'unchecked'
  /** Why it could not look; only where it could not. */
  readonly reason?: string
}

/** A rule that found its fault. */
export interface Finding extends OutcomeHead {
  readonly state: 'found'
  readonly severity: Severity
  readonly confidence: Confidence
  readonly title: string
  readonly summary: string
  readonly evidence: readonly Evidence[]
  /** Benign explanations that were checked and do not hold. */
  readonly ruledOut: readonly string[]
  /** Ids of the findings that this one explains. */
  readonly explains: readonly string[]
  readonly causedBy: readonly string[]
  /** What could cause it; only of a symptom that nothing in the report explains. */
  readonly suspects?: readonly Suspect[]
  readonly remedy: readonly Step[]
  readonly verify: readonly Step[]
}

/** A rule that found nothing, with everything it needed at hand. */
export interface Clear extends OutcomeHead {
  readonly state: 'clear'
}

/** A rule that says nothing here, and why: it does not apply, could not look, or is itself at fault. */
export interface Silent extends OutcomeHead {
  readonly state: 'not-applicable' | 'unchecked' | 'broken'
  readonly reason: string
}

/** What became of one rule on one node, or on the case. */
export type Outcome = Finding | Clear | Silent
