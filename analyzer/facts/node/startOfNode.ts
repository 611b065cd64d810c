import type { Clock } from './clock.ts'

/** So long after a boot, or a restart of its own, the control plane and the pods of a node may still be starting. */
export const STARTING_MS = 300_000

/** The node booted so shortly before the capture that not everything need be there; false where the bundle does not tell. */
export function isStarting(clock: Clock | undefined): boolean {
  return clock?.bootedAtMs !== undefined && clock.collectedAtMs - clock.bootedAtMs < STARTING_MS
}

/** The time, in milliseconds since 1970, is of the first minutes after the boot; false where one of them is not known. */
export function isOfStart(timeMs: number | undefined, clock: Clock | undefined): boolean {
  const bootedAtMs = clock?.bootedAtMs
  if (timeMs === undefined || bootedAtMs === undefined) return false
  return timeMs >= bootedAtMs && timeMs < bootedAtMs + STARTING_MS
}
