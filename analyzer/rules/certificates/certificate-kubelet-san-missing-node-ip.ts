import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { eachNode } from '../../engine/fact.ts'
import { clear, found, unchecked } from '../../engine/verdict.ts'
import { addressOwners } from '../../facts/cluster/addressOwners.ts'
import { certificates } from '../../facts/node/certificates.ts'
import { interfaces } from '../../facts/node/interfaces.ts'
import { kubeletAddress } from '../../facts/node/kubeletAddress.ts'
import { confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { nodeAddresses } from '../../facts/node/nodeAddresses.ts'
import { text } from './certificate-kubelet-san-missing-node-ip.text.ts'
import { explainSan, refusedCalls, servingCertificate } from './kubeletSan.ts'

/** The certificate that the kubelet serves does not name the address at which the API server calls it. */
export default defineRule({
  id: 'certificate-kubelet-san-missing-node-ip',
  area: 'certificates',
  severity: 'high',
  references: [
    {
      title: 'k3s-io/k3s#6845: x509 certificate is valid for …, not …',
      url: 'https://github.com/k3s-io/k3s/issues/6845',
    },
    { title: 'Go crypto/x509, HostnameError', url: 'https://pkg.go.dev/crypto/x509#HostnameError' },
  ],
  needs: { certificates, logs: eachNode(logSignals) },
  wants: { kubelet: kubeletAddress, interfaces, nodeAddresses, owners: addressOwners },
  text,
  check({ certificates, logs, kubelet, interfaces, nodeAddresses, owners }, node) {
    const serving = servingCertificate(certificates)
    if (serving === undefined) return unchecked('noServingCertificate')
    const { certificate, distribution, path } = serving
    const held = new Set((nodeAddresses ?? []).map(({ address }) => address))
    const refused = refusedCalls(serving, held, logs)
    const address = kubelet?.address ?? refused[0]?.wanted
    if (address === undefined) return unchecked('addressUnknown')
    if (certificate.addresses.includes(address)) return clear()

    const calls = refused.filter(({ wanted }) => wanted === address).map(({ line }) => line)
    const isRancher = distribution === 'k3s' || distribution === 'rke2'
    // A certificate that the kubelet of kubeadm made for itself names the node alone, and the API server does not verify it.
    if (!isRancher && calls.length === 0 && path.endsWith('/kubelet.crt')) return clear()
    const why = explainSan(node.id, certificate.addresses, interfaces, owners)
    return found(
      {
        node: node.id,
        address,
        named: certificate.addresses,
        path,
        distribution,
        isServer: certificates.some((other) => other.path.includes('/server/tls/')),
        why,
        calls: calls.length,
        configured: kubelet?.source === 'config',
      },
      {
        subject: address,
        confidence:
          isRancher && kubelet !== undefined
            ? 'certain'
            : calls.length > 0
              ? confidenceFromLog('likely', calls)
              : 'possible',
        about: [`certificate:${path}`, `address:${address}`, `node:${node.id}`],
        evidence: [
          withNote(serving.origin, 'names', certificate.addresses.join(', ') || 'none'),
          ...(kubelet === undefined ? [] : [withNote(kubelet.origin, kubelet.source, address)]),
          ...calls.slice(-2).map(({ origin }) => withNote(origin, 'refused', calls.length)),
          ...(why.origin === undefined ? [] : [withNote(why.origin, 'holder', why.address)]),
        ],
      },
    )
  },
})
