import type { Capture } from '../../bundle/bundle.ts'
import { defineRule } from '../../engine/defineRule.ts'
import { type Evidence, withNote } from '../../engine/evidence.ts'
import { type OfNode, eachNode } from '../../engine/fact.ts'
import { clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { type AddressOwner, type AddressOwners, addressOwners } from '../../facts/cluster/addressOwners.ts'
import { inHostsFile } from '../../facts/cluster/apiServerAddresses.ts'
import { kubeApi } from '../../facts/cluster/kubeApi.ts'
import { certificates } from '../../facts/node/certificates.ts'
import { type LogSignals, confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { type Address, parseAddress } from '../../net/address.ts'
import type { KubeConfigEntry } from '../../parsers/kubeConfigs.ts'
import type { KubeService } from '../../parsers/kubeServices.ts'
import { captured } from '../../sources/captured.ts'
import type { Line } from '../../text/line.ts'
import type { Certificate } from '../../x509/certificate.ts'
import { type Note, type ServerSanMissing, text } from './certificate-apiserver-san-missing.text.ts'

/** A person's kubeconfig may be of another cluster. */
const OWN = /^\/(?:root|home)\//
const HOST = /^https:\/\/(?:\[(?<v6>[^\]]{2,45})\]|(?<host>[^\s:/]{1,253}))/

/** How a client of the cluster calls an API server, and the line that says so. */
interface CalledName {
  readonly name: string
  readonly origin: Evidence
}

/** The API server's certificate does not name what its clients call it by. */
export default defineRule({
  id: 'certificate-apiserver-san-missing',
  area: 'certificates',
  severity: 'high',
  references: [
    {
      title: 'PKI certificates and requirements (Kubernetes): kube-apiserver',
      url: 'https://kubernetes.io/docs/setup/best-practices/certificates/',
    },
    { title: 'Go 1.22, crypto/x509/verify.go: VerifyHostname' },
  ],
  needs: { certificates },
  wants: {
    kubeconfigs: eachNode(captured.kubeConfigs),
    owners: addressOwners,
    services: kubeApi.services,
    kubeNodes: kubeApi.nodes,
    logs: eachNode(logSignals),
    hosts: eachNode(captured.hosts),
  },
  text,
  check({ certificates, kubeconfigs, owners, services, kubeNodes, logs, hosts }, node) {
    const serving = certificates.find(
      ({ role, inUse, index }) => role === 'apiserver-serving' && inUse && index === 0,
    )
    if (serving === undefined) return notApplicable('noApiServer')
    // What k3s shows on port 6443 is made by its listener, with names added as they are called.
    if (serving.distribution === 'k3s') return notApplicable('listener')
    const all = [...calledNames(kubeconfigs ?? []), ...serviceNames(services)]
    const called = all.filter(({ name }) => reaches(resolved(name, hosts ?? []), node.id, owners))
    if (called.length === 0) return unchecked('noClients')
    const missing = called.filter(({ name }) => !isNamed(name, serving.certificate))
    const names = [...new Set(missing.map(({ name }) => name))]
    if (names.length === 0) return clear()
    const refusals = refusalsOf(names, logs ?? [])
    // A name, or an address that no node is known to have, is a load balancer's: which servers it leads to is not in the captures.
    const isOwn = names.some((name) => {
      const address = parseAddress(name)
      return address !== undefined && (owners?.get(address)?.some((owner) => owner.node === node.id) ?? false)
    })
    const isService = missing.some(({ origin }) => origin.path.startsWith('kube/api/'))
    const isKnown = isOwn || isService
    return found<ServerSanMissing, Note>(
      {
        node: node.id,
        names,
        path: serving.path,
        distribution: serving.distribution,
        named: [...serving.certificate.dnsNames, ...serving.certificate.addresses],
        isBalanced: !isKnown,
        refusals: refusals.length,
      },
      {
        subject: '',
        confidence: isKnown
          ? 'certain'
          : refusals.length > 0
            ? confidenceFromLog('likely', refusals)
            : kubeNodes === undefined
              ? 'possible'
              : 'likely',
        about: [
          `node:${node.id}`,
          `certificate:${serving.path}`,
          ...names.map((name) => `address:${name}` as const),
        ],
        evidence: [
          withNote(serving.origin, 'names', serving.certificate.addresses.join(', ') || 'none'),
          ...missing.slice(0, 4).map(({ origin, name }) => withNote(origin, 'called', name)),
          ...refusals.slice(-2).map(({ origin }) => withNote(origin, 'refused')),
        ],
      },
    )
  },
})

function calledNames(
  kubeconfigs: readonly OfNode<Capture<readonly KubeConfigEntry[]>>[],
): readonly CalledName[] {
  return kubeconfigs.flatMap(({ value }) =>
    value.value.flatMap(({ path, server, line }) => {
      const { v6, host } = HOST.exec(server)?.groups ?? {}
      const name = v6 ?? host
      return name === undefined || OWN.test(path)
        ? []
        : [{ name: parseAddress(name) ?? name, origin: value.cite(line) }]
    }),
  )
}

/** Pods call the API server by the first address of its Service. */
function serviceNames(services: Capture<readonly KubeService[]> | undefined): readonly CalledName[] {
  return (services?.value ?? []).flatMap(({ namespace, name, clusterAddresses, line }) => {
    const [address] = clusterAddresses
    if (services === undefined || namespace !== 'default' || name !== 'kubernetes' || address === undefined)
      return []
    return [{ name: address, origin: services.cite(line) }]
  })
}

/** The address behind a name, where a hosts file of the case has it. */
function resolved(name: string, hosts: readonly OfNode<Capture<readonly Line[]>>[]): string {
  for (const { value } of hosts) {
    const address = inHostsFile(name, value.value)
    if (address !== undefined) return address
  }
  return name
}

/** Whether a call may end at this node: the address, and the name, of another node lead there and nowhere else. */
function reaches(target: string, node: string, owners: AddressOwners | undefined): boolean {
  const known = owners ?? new Map<Address, readonly AddressOwner[]>()
  const address = parseAddress(target)
  if (address === undefined) {
    const names = [...known.values()].flatMap((holders) => holders.map((holder) => holder.node))
    return !names.some((name) => name !== node && [target, target.split('.')[0]].includes(name))
  }
  const holders = known.get(address) ?? []
  return holders.length === 0 || holders.some((holder) => holder.node === node)
}

/** As crypto/x509 compares: addresses with addresses; names without case, a star for one label on the left. */
function isNamed(name: string, { addresses, dnsNames }: Certificate): boolean {
  const address = parseAddress(name)
  if (address !== undefined) return addresses.includes(address)
  const wanted = name.toLowerCase().replace(/\.$/, '')
  const starred = wanted.replace(/^[^.]+/, '*')
  return dnsNames.some((known) => [wanted, starred].includes(known.toLowerCase()))
}

function refusalsOf(names: readonly string[], logs: readonly OfNode<LogSignals>[]) {
  return logs.flatMap(({ value }) =>
    (['certificate-wrong-san', 'certificate-without-ip-san'] as const)
      .flatMap((signal) => value.of(signal)?.lines ?? [])
      .filter(({ groups }) => names.includes(groups.get('wanted') ?? '')),
  )
}
