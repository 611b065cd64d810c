declare const brand: unique symbol

/** A 48-bit hardware address, lower case with colons: `02:00:00:00:00:01`. */
export type Mac = string & { readonly [brand]: 'mac' }

/** Reads six octets of two hexadecimal digits, parted by colons or dashes. Undefined for anything else. */
export function parseMac(text: string): Mac | undefined {
  if (!/^[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}$/i.test(text)) return undefined
  return canonical(text.toLowerCase().replaceAll('-', ':'))
}

/**
 * Can this hardware address stand for more than one interface, so that nobody owns it? The zero address, multicast and
 * broadcast (the group bit, IEEE 802), VRRP (RFC 9568: 00:00:5e:00:01:xx, and 02:xx for IPv6), and the
 * `ee:ee:ee:ee:ee:ee` that Calico gives to the host side of every pod.
 */
export function isSharedMac(mac: Mac): boolean {
  if (mac === '00:00:00:00:00:00' || mac === 'ee:ee:ee:ee:ee:ee') return true
  if (mac.startsWith('00:00:5e:00:01:') || mac.startsWith('00:00:5e:00:02:')) return true
  return (parseInt(mac.slice(0, 2), 16) & 1) === 1
}

function canonical(text: string): Mac {
  return text as Mac
}
