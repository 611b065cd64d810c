import { type Address, parseAddress } from '../net/address.ts'

/** An address, and a port where one was written. */
export interface AddressPort {
  readonly address: Address
  readonly port?: number
}

/** Reads `10.0.0.1:443`, `[fd00::1]:443`, and either without its port. Undefined for anything else, host names among it. */
export function parseAddressPort(text: string): AddressPort | undefined {
  const bare = parseAddress(text)
  if (bare !== undefined) return { address: bare }
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const address = parseAddress(bracketed ?? plain ?? '')
  if (address === undefined) return undefined
  if (digits === undefined) return { address }
  const port = parsePort(digits)
  return port === undefined ? undefined : { address, port }
}

/** A port number from 0 to 65535; undefined for anything else. */
export function parsePort(digits: string): number | undefined {
  return /^\d{1,5}$/.test(digits) && Number(digits) <= 65_535 ? Number(digits) : undefined
}
