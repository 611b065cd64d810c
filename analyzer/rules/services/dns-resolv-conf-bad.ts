import type { Capture } from '../../bundle/bundle.ts'
import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import type { Inputs } from '../../engine/fact.ts'
import type { Confidence } from '../../engine/outcome.ts'
import { type Found, found } from '../../engine/verdict.ts'
import { clusterNetworks } from '../../facts/cluster/clusterNetworks.ts'
import { kubeletResolvConf } from '../../facts/node/kubeletResolvConf.ts'
import { confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { isLoopback } from '../../net/address.ts'
import { formatPrefix, prefixContains } from '../../net/prefix.ts'
import type { Nameserver, ResolvConf } from '../../parsers/resolvConf.ts'
import { captured } from '../../sources/captured.ts'
import { type BadResolvConf, text } from './dns-resolv-conf-bad.text.ts'

type Note = 'nameserver' | 'kubelet' | 'log' | 'network' | 'none' | 'beyond'

const ETC = '/etc/resolv.conf'
/** glibc's MAXNS, which the kubelet keeps to as well (resolv.conf(5)). */
const MOST_SERVERS = 3

const needs = { resolvConf: captured.resolvConf }
const wants = { kubelet: kubeletResolvConf, logs: logSignals, networks: clusterNetworks }
type Given = Inputs<typeof needs, typeof wants>

/**
 * A resolv.conf that pods cannot use. CoreDNS forwards what is not of the cluster to the name servers of its node's file: to none, to
 * itself (a loopback address, or a Service's), or into the pod network.
 */
export default defineRule({
  id: 'dns-resolv-conf-bad',
  area: 'services',
  severity: 'high',
  references: [
    { title: 'CoreDNS, plugin loop', url: 'https://coredns.io/plugins/loop/' },
    {
      title: 'Kubernetes, Debugging DNS Resolution: known issues',
      url: 'https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/#known-issues',
    },
    { title: 'resolv.conf(5)', url: 'https://man7.org/linux/man-pages/man5/resolv.conf.5.html' },
  ],
  needs,
  wants,
  text,
  check(inputs, node) {
    return [
      ...noServers(inputs, node.id),
      ...loop(inputs, node.id),
      ...replaced(inputs, node.id),
      ...inCluster(inputs, node.id),
      ...tooMany(inputs, node.id),
    ]
  },
})

function noServers({ resolvConf }: Given, node: string): Found<BadResolvConf, Note>[] {
  const isWhole = resolvConf.status === 'ok' || resolvConf.status === 'empty'
  if (resolvConf.value.nameservers.length > 0 || !isWhole) return []
  return [
    found<BadResolvConf, Note>(
      { kind: 'none', node },
      {
        subject: 'none',
        confidence: 'likely',
        evidence: [withNote<Note>(resolvConf.cite({ number: 0, text: '' }), 'none')],
        about: [`node:${node}`],
      },
    ),
  ]
}

/** systemd-resolved, dnsmasq or another resolver of the node: inside a pod the address is the pod itself. */
function loop({ resolvConf, kubelet, logs }: Given, node: string): Found<BadResolvConf, Note>[] {
  const { nameservers } = resolvConf.value
  const local = nameservers.filter(({ address }) => isLoopback(address))
  const logged = logs?.of('coredns-loop')
  const isOther = kubelet !== undefined && (kubelet.path !== ETC || kubelet.isChosenByK3s)
  if (logged === undefined && (local.length < nameservers.length || local.length === 0 || isOther)) return []
  const confidence: Confidence =
    logged === undefined
      ? kubelet === undefined
        ? 'possible'
        : 'likely'
      : confidenceFromLog(local.length > 0 && !isOther ? 'certain' : 'likely', logged.lines)
  const evidence: Citation<Note>[] = [
    ...(logged?.lines.slice(-1) ?? []).map(({ origin }) => withNote<Note>(origin, 'log')),
    ...local.map(({ line }) => withNote<Note>(resolvConf.cite(line), 'nameserver')),
  ]
  if (kubelet?.origin) evidence.push(withNote<Note>(kubelet.origin, 'kubelet'))
  return [
    found<BadResolvConf, Note>(
      {
        kind: 'loop',
        node,
        servers: local.map(({ address }) => address),
        isLogged: logged !== undefined,
        isKnown: kubelet !== undefined,
      },
      { subject: 'loop', confidence, evidence, about: [`node:${node}`] },
    ),
  ]
}

function replaced({ resolvConf, logs }: Given, node: string): Found<BadResolvConf, Note>[] {
  const logged = logs?.of('resolv-conf-replaced')
  if (logged === undefined) return []
  return [
    found<BadResolvConf, Note>(
      { kind: 'replaced', node },
      {
        subject: 'replaced',
        severity: 'medium',
        confidence: confidenceFromLog('likely', logged.lines),
        evidence: [
          ...logged.lines.slice(-1).map(({ origin }) => withNote<Note>(origin, 'log')),
          ...resolvConf.value.nameservers.map(({ line }) =>
            withNote<Note>(resolvConf.cite(line), 'nameserver'),
          ),
        ],
        about: [`node:${node}`],
      },
    ),
  ]
}

/** The kubelet's own file is not captured: only where it is the one of /etc does its content count for pods. */
function inCluster({ resolvConf, networks }: Given, node: string): Found<BadResolvConf, Note>[] {
  const services = networks?.services ?? []
  const all = [...services, ...(networks?.pods ?? []), ...(networks?.podsOfNodes ?? [])]
  for (const server of resolvConf.value.nameservers) {
    const network = all.find(({ prefix }) => prefixContains(prefix, server.address))
    if (network === undefined) continue
    return [
      found<BadResolvConf, Note>(
        {
          kind: 'in-cluster',
          node,
          server: server.address,
          network: formatPrefix(network.prefix),
          of: services.includes(network) ? 'services' : 'pods',
        },
        {
          subject: server.address,
          confidence: 'likely',
          evidence: [
            withNote<Note>(resolvConf.cite(server.line), 'nameserver'),
            withNote<Note>(network.origin, 'network'),
          ],
          about: [`node:${node}`, `address:${server.address}`],
        },
      ),
    ]
  }
  return []
}

function tooMany({ resolvConf, logs }: Given, node: string): Found<BadResolvConf, Note>[] {
  const beyond = resolvConf.value.nameservers.slice(MOST_SERVERS)
  const servers = logs?.of('nameserver-limit')
  const search = logs?.of('search-limit')
  const lines = [...(servers?.lines.slice(-1) ?? []), ...(search?.lines.slice(-1) ?? [])]
  if (beyond.length === 0 && lines.length === 0) return []
  return [
    found<BadResolvConf, Note>(
      {
        kind: 'too-many',
        node,
        beyond: beyond.map(({ address }) => address),
        isSearch: search !== undefined,
        isServers: servers !== undefined || beyond.length > 0,
      },
      {
        subject: 'too-many',
        severity: 'low',
        confidence: lines.length > 0 && beyond.length === 0 ? confidenceFromLog('likely', lines) : 'likely',
        evidence: [
          ...beyondEvidence(resolvConf, beyond),
          ...lines.map(({ origin }) => withNote<Note>(origin, 'log')),
        ],
        about: [`node:${node}`],
      },
    ),
  ]
}

function beyondEvidence(conf: Capture<ResolvConf>, beyond: readonly Nameserver[]): Citation<Note>[] {
  return beyond.slice(0, 3).map(({ line }) => withNote<Note>(conf.cite(line), 'beyond'))
}
