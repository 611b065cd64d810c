/** An ISO 8601 time for people, in UTC, to the minute: `2026-11-20 23:45 UTC`. What is no time is returned as it is. */
export function formatTime(iso: string): string {
  const milliseconds = Date.parse(iso)
  if (Number.isNaN(milliseconds)) return iso
  const utc = new Date(milliseconds).toISOString()
  return `${utc.slice(0, -14)} ${utc.slice(-13, -8)} UTC`
}

/** The day of an ISO 8601 time, in UTC: `2026-11-20`. What is no time is returned as it is. */
export function formatDay(iso: string): string {
  const milliseconds = Date.parse(iso)
  return Number.isNaN(milliseconds) ? iso : new Date(milliseconds).toISOString().slice(0, -14)
}
