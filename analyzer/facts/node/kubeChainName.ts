import sha256 from 'node-forge/lib/sha256.js'

/** Base32 of RFC 4648, as Go's encoding/base32 StdEncoding writes it. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const HASH_LENGTH = 16

/** A Service's port as kube-proxy names it: `kube-system/kube-dns:dns`; without a colon where the port has no name. */
export function servicePortName(namespace: string, name: string, port: string | undefined): string {
  const service = `${namespace}/${name}`
  return port === undefined || port === '' ? service : `${service}:${port}`
}

/**
 * The sixteen characters behind `KUBE-SVC-`, `KUBE-SVL-`, `KUBE-XLB-`, `KUBE-EXT-` and `KUBE-FW-` for a port of a Service, and behind
 * `KUBE-SEP-` with the endpoint's `address:port`: base32(sha256(name + protocol + endpoint)) cut short
 * (Kubernetes pkg/proxy/iptables/proxier.go, portProtoHash and servicePortEndpointChainName). The protocol is in lower case.
 */
export function kubeChainHash(servicePort: string, protocol: string, endpoint = ''): string {
  const digest = sha256.create()
  digest.update(servicePort + protocol.toLowerCase() + endpoint)
  let bits = BigInt(
    `0x${digest
      .digest()
      .toHex()
      .slice(0, (HASH_LENGTH * 5) / 4)}`,
  )
  let text = ''
  while (text.length < HASH_LENGTH) {
    text = (ALPHABET[Number(bits & 31n)] ?? '') + text
    bits >>= 5n
  }
  return text
}

/** What follows the kind in the name of a chain: `KUBE-SVC-TCOU7JCQXEZGVUNU` → `TCOU7JCQXEZGVUNU`; undefined for other chains. */
export function hashInChainName(chain: string): string | undefined {
  return /^KUBE-(?:SVC|SVL|XLB|EXT|FW|SEP)-([A-Z2-7]{16})$/.exec(chain)?.[1]
}
