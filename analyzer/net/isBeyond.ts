import { type Address, isV4 } from './address.ts'

/** A public address, of a node that has private ones alone: a cloud may translate it, which no capture of the node shows. */
export function isBeyond(address: Address, own: ReadonlySet<Address>): boolean {
  return !isPrivate(address) && [...own].filter((each) => isV4(each) === isV4(address)).every(isPrivate)
}

/** RFC 1918, RFC 6598 and RFC 4193. */
function isPrivate(address: Address): boolean {
  return /^(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\.|^f[cd]/.test(
    address,
  )
}
