import { type Address, parseAddress } from '../net/address.ts'
import { wholeNumber } from '../text/wholeNumber.ts'

/** An address, and a port where one was written. */
export interface AddressPort {
  readonly address: Address
  readonly port?: number
}

/** Reads `10.0.0.1:443`, `[fd00::1]:443`, and either without its port. Undefined for anything else, host names among it. */
export function parseAddressPort(text: string): AddressPort | undefined {
  const colon = text.lastIndexOf(':')
  if (text.startsWith('[')) {
    const end = text.endsWith(']') ? text.length : colon
    if (text[end - 1] !== ']') return undefined
    return joined(text.slice(1, end - 1), end < text.length ? text.slice(end + 1) : undefined)
  }
  const isWithPort = colon >= 0 && text.indexOf(':') === colon
  return isWithPort ? joined(text.slice(0, colon), text.slice(colon + 1)) : joined(text, undefined)
}

function joined(host: string, digits: string | undefined): AddressPort | undefined {
  const address = parseAddress(host)
  if (address === undefined) return undefined
  if (digits === undefined) return { address }
  const port = parsePort(digits)
  return port === undefined ? undefined : { address, port }
}

/** A port number from 0 to 65535; undefined for anything else. */
export function parsePort(digits: string): number | undefined {
  const port = digits.length > 5 ? undefined : wholeNumber(digits)
  return port !== undefined && port <= 65_535 ? port : undefined
}
