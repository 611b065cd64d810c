/** What can be said offline of a condition: `unknown` where it hangs on what no dump shows (rates, chance, sets, sockets). */
export type Certainty = 'holds' | 'fails' | 'unknown'

/** Do all of the conditions hold? One that fails settles it, whatever is unknown of the others. */
export function allHold(conditions: Iterable<Certainty>): Certainty {
  let together: Certainty = 'holds'
  for (const condition of conditions) {
    if (condition === 'fails') return 'fails'
    if (condition === 'unknown') together = 'unknown'
  }
  return together
}

/** The condition, turned round where the rule says `!`. */
export function negatedIf(negated: boolean, condition: Certainty): Certainty {
  if (!negated || condition === 'unknown') return condition
  return condition === 'holds' ? 'fails' : 'holds'
}

/** A condition that is known; undefined: unknown. */
export function certainty(isSo: boolean | undefined): Certainty {
  if (isSo === undefined) return 'unknown'
  return isSo ? 'holds' : 'fails'
}

/** Does one of the conditions hold? One that does settles it, whatever is unknown of the others. */
export function anyHolds(conditions: Iterable<Certainty>): Certainty {
  let together: Certainty = 'fails'
  for (const condition of conditions) {
    if (condition === 'holds') return 'holds'
    if (condition === 'unknown') together = 'unknown'
  }
  return together
}
