import { type Address, parseAddress } from '../net/address.ts'
import { detach } from '../text/detach.ts'

/** Addresses remembered at most. */
const CAPACITY = 20_000

/**
 * Reads addresses of a source that names few of them over and over: each spelling is parsed once, and all who name it share
 * one string. Beyond the capacity it starts afresh.
 */
export class AddressMemo {
  private readonly known = new Map<string, Address | undefined>()

  /** As parseAddress. */
  parse(text: string): Address | undefined {
    const known = this.known.get(text)
    if (known !== undefined || this.known.has(text)) return known
    if (this.known.size >= CAPACITY) this.known.clear()
    const own = detach(text)
    const address = parseAddress(own)
    this.known.set(own, address)
    return address
  }
}
