/** What a hand-made header says; the rest is as tar writes it. */
export interface HeaderSpec {
  readonly name: string
  readonly type?: string
  readonly size?: number
  /** The twelve bytes of the size field, instead of octal digits. */
  readonly sizeField?: Uint8Array
  readonly magic?: string
  readonly prefix?: string
  readonly checksum?: string
}

/** A tar header, byte by byte (POSIX.1-2017 pax). */
export function header({
  name,
  type = '0',
  size = 0,
  sizeField,
  magic = 'ustar\x0000',
  prefix = '',
  checksum,
}: HeaderSpec): Uint8Array {
  const block = new Uint8Array(512)
  const put = (at: number, text: string): void => block.set(new TextEncoder().encode(text), at)
  put(0, name)
  put(100, '0000644\0')
  put(108, '0000000\0')
  put(116, '0000000\0')
  put(124, `${size.toString(8).padStart(11, '0')}\0`)
  if (sizeField !== undefined) block.set(sizeField, 124)
  put(136, '00000000000\0')
  put(156, type)
  put(257, magic)
  put(345, prefix)
  put(148, ' '.repeat(8))
  const sum = block.reduce((total, byte) => total + byte, 0)
  put(148, checksum ?? `${sum.toString(8).padStart(6, '0')}\0 `)
  return block
}

/** Bytes filled up to a block. */
export function body(content: string | Uint8Array): Uint8Array {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  const blocks = new Uint8Array(Math.ceil(bytes.length / 512) * 512)
  blocks.set(bytes)
  return blocks
}

/** A file with its header. */
export function entry(name: string, content: string, spec: Partial<HeaderSpec> = {}): Uint8Array {
  const size = new TextEncoder().encode(content).length
  return join(header({ name, size, ...spec }), body(content))
}

/** A record of a PAX header; its length counts its own digits. */
export function paxRecord(key: string, value: string): string {
  const rest = new TextEncoder().encode(` ${key}=${value}\n`).length
  let length = rest + 1
  while (String(length).length + rest !== length) length += 1
  return `${length} ${key}=${value}\n`
}

export const END = new Uint8Array(1024)

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}
