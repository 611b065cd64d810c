/** Ports from the first to the last one, both included. */
export interface PortSpan {
  readonly first: number
  readonly last: number
}

/** Reads `32768	60999`, the value of net.ipv4.ip_local_port_range. Undefined for anything else. */
export function readPortRange(text: string): PortSpan | undefined {
  const [, first, last] = /^\s*(\d{1,5})\s+(\d{1,5})\s*$/.exec(text) ?? []
  if (first === undefined || last === undefined || Number(first) > Number(last)) return undefined
  return { first: Number(first), last: Number(last) }
}

/** Reads `8080,30000-32767`, the value of net.ipv4.ip_local_reserved_ports; what is no port is left out. */
export function readReservedPorts(text: string): readonly PortSpan[] {
  return text.split(',').flatMap((part) => {
    const [, first, last = first] = /^\s*(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(part) ?? []
    return first === undefined ? [] : [{ first: Number(first), last: Number(last) }]
  })
}

/** What two spans have in common and no reserved span takes out, in order. */
export function unreservedOverlap(
  a: PortSpan,
  b: PortSpan,
  reserved: readonly PortSpan[],
): readonly PortSpan[] {
  const left: PortSpan[] = []
  const last = Math.min(a.last, b.last)
  let next = Math.max(a.first, b.first)
  for (const span of reserved.toSorted((one, other) => one.first - other.first)) {
    if (span.last < next || span.first > last) continue
    if (span.first > next) left.push({ first: next, last: span.first - 1 })
    next = Math.max(next, span.last + 1)
  }
  if (next <= last) left.push({ first: next, last })
  return left
}

/** `30000-32767`; a single port is its number. */
export function formatSpan({ first, last }: PortSpan): string {
  return first === last ? String(first) : `${first}-${last}`
}
