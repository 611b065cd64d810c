import { formatCount } from './formatCount.ts'

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB']

/** A size for people: `812 bytes`, `19.1 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return bytes === 1 ? '1 byte' : `${formatCount(bytes)} bytes`
  let scaled = bytes / 1024
  let unit = 0
  while (scaled >= 1024 && unit < UNITS.length - 1) {
    scaled /= 1024
    unit += 1
  }
  const number = scaled < 100 ? scaled.toFixed(1) : formatCount(Math.round(scaled))
  return `${number} ${UNITS[unit] ?? ''}`
}
