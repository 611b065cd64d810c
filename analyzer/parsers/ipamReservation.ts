import { type Address, parseAddress } from '../net/address.ts'
import type { Line } from '../text/line.ts'
import { textLines } from '../text/textLines.ts'
import type { TextParser } from './parser.ts'
import { unreadLines } from './unreadLines.ts'

/** One file in the store of the host-local plugin. */
export type IpamFile =
  | {
      /** The address that names the file is taken. */
      readonly kind: 'reservation'
      /** Id of the pod's sandbox. */
      readonly containerId: string
      /** Its interface inside the pod; plugins before 0.8 did not write it. */
      readonly interfaceName?: string
      readonly line: Line
    }
  /** `last_reserved_ip.<range>`: where the search for a free address goes on. */
  | { readonly kind: 'last-reserved'; readonly address: Address; readonly line: Line }
  /** `lock`, or a file that was never written to its end. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'unknown' }

/** Ids are 64 hexadecimal digits with containerd, CRI-O and Docker; the CNI specification allows these characters. */
const CONTAINER_ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,255}$/
const INTERFACE = /^[^\s/:]{1,15}$/

/**
 * `cni/ipam/<network>/<address>`, a reservation of host-local (plugins/ipam/host-local/backend/disk/backend.go), byte for byte:
 * ```
 * 4dd463060739a706ea9dd642e2bd1e61af317576b4ce7d2fe19dcb194cf09bde\r
 * eth0
 * ```
 * `last_reserved_ip.0` holds an address, `lock` nothing.
 */
export const ipamReservation: TextParser<IpamFile> = {
  kind: 'text',
  maxBytes: 64 * 1024,
  parse(text) {
    const lines = [...textLines(text)].filter((line) => line.text.trim() !== '')
    const [first, second] = lines
    if (first === undefined) return { value: { kind: 'empty' }, unread: [] }
    const id = first.text.trim()
    const address = parseAddress(id)
    if (address !== undefined && second === undefined) {
      return { value: { kind: 'last-reserved', address, line: first }, unread: [] }
    }
    const interfaceName = second?.text.trim()
    const isInterface = interfaceName === undefined || INTERFACE.test(interfaceName)
    if (!CONTAINER_ID.test(id) || !isInterface || lines.length > 2) {
      return { value: { kind: 'unknown' }, unread: unreadLines(text) }
    }
    const named = interfaceName === undefined ? {} : { interfaceName }
    return { value: { kind: 'reservation', containerId: id, ...named, line: first }, unread: [] }
  },
}
