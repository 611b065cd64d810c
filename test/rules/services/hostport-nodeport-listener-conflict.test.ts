import { describe, expect, test } from 'vitest'
import conflict from '../../../analyzer/rules/services/hostport-nodeport-listener-conflict.ts'
import { type Change, checkRule, replacing, soundFiles } from '../../support/checkRule.ts'

const SANDBOX = 'bb23127e2fa9c52e9350ea94a7a5b0b7e5604ca0ebbaf0f8259316122e714c39'
const JUMP = '-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT'

const entry = (match: string, protocol = 'tcp') =>
  `-A CNI-HOSTPORT-DNAT ${match} -p ${protocol} -m comment --comment "dnat name: \\"cbr0\\" id: \\"${SANDBOX}\\"" -m multiport --dports 80,443 -j CNI-DN-1`.replace(
    '  ',
    ' ',
  )

const PORTALS = '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES\n'
const withRules = (rules: readonly string[]) =>
  replacing(PORTALS, `${PORTALS}${rules.map((rule) => `[0:0] ${rule}\n`).join('')}`)

const socket = (address: string, process?: string, protocol = 'tcp') =>
  `${protocol} ${protocol === 'tcp' ? 'LISTEN' : 'UNCONN'} 0 128 ${address} 0.0.0.0:*${process === undefined ? '' : ` users:(("${process}",pid=7,fd=3))`}\n`

const bare = (before: string) => before.replaceAll(/^.*(?:--dport 300|has no endpoints).*\n/gm, '')

/** Subject, severity and confidence of what is found on a node with these sockets, else the state. */
async function withSockets(sockets: string, ...rules: readonly string[]): Promise<string | string[][]> {
  return await foundOn({ 'net/ss-listen.txt': sockets, 'netfilter/iptables-save.txt': withRules(rules) })
}

async function foundOn(changes: Readonly<Record<string, Change>>): Promise<string | string[][]> {
  const result = await checkRule(conflict, soundFiles('host-gw', changes))
  if (result.state !== 'found') return result.state
  return result.findings.map(({ subject, severity, confidence }) => [subject, severity, confidence])
}

describe('hostPorts', () => {
  test.each([
    ['every address', '0.0.0.0:80', 'nginx', [['tcp/80', 'medium', 'likely']]],
    ['both families', '*:443', 'nginx', [['tcp/443', 'medium', 'likely']]],
    ['one address', '192.168.50.11:443', 'nginx', [['tcp/443', 'medium', 'likely']]],
    ['nobody known', '0.0.0.0:80', undefined, [['tcp/80', 'medium', 'possible']]],
    ['a loopback address', '127.0.0.1:80', 'nginx', 'clear'],
    ['a port beside', '0.0.0.0:8080', 'nginx', 'clear'],
  ])('%s', async (_, address, process, outcome) => {
    expect(await withSockets(socket(address, process), JUMP, entry(''))).toEqual(outcome)
  })

  test('on one address of the node', async () => {
    const rules = [JUMP, entry('-d 192.168.50.11/32')]
    expect(await withSockets(socket('192.168.50.11:80', 'nginx'), ...rules)).toEqual([
      ['tcp/80@192.168.50.11', 'medium', 'likely'],
    ])
    expect(await withSockets(socket('192.168.60.11:80', 'nginx'), ...rules)).toBe('clear')
  })

  test('that nothing leads to', async () => {
    expect(await withSockets(socket('0.0.0.0:80', 'nginx'), entry(''))).toBe('clear')
  })

  test('of UDP, below port 1024 alone', async () => {
    expect(await withSockets(socket('0.0.0.0:443', 'caddy', 'udp'), JUMP, entry('', 'udp'))).toEqual([
      ['udp/443', 'medium', 'likely'],
    ])
    expect(await withSockets(socket('0.0.0.0:443', 'caddy', 'udp'), JUMP, entry(''))).toBe('clear')
  })
})

describe('node ports', () => {
  test.each([
    ['a process of the host', '*:30080', 'node_exporter', [['tcp/30080', 'medium', 'likely']]],
    [
      'one address, where others may be served',
      '192.168.50.11:30080',
      'x',
      [['tcp/30080', 'medium', 'possible']],
    ],
    ['kube-proxy', '*:30080', 'kube-proxy', 'clear'],
    ['k3s', '*:30080', 'k3s-agent', 'clear'],
    ['MicroK8s', '*:30080', 'kubelite', 'clear'],
    ['nobody known', '*:30080', undefined, 'unchecked'],
    ['nobody known, on another port', '*:30081', undefined, 'clear'],
  ])('%s', async (_, address, process, outcome) => {
    expect(await withSockets(socket(address, process))).toEqual(outcome)
  })

  test('of IPVS, on each address of the node, told once', async () => {
    const files = soundFiles('ipvs', { 'net/ss-listen.txt': socket('*:30080', 'node_exporter') })
    expect(await checkRule(conflict, files)).toMatchObject({
      findings: [{ subject: 'tcp/30080', confidence: 'likely' }],
    })
  })
})

test('no port is taken at all', async () => {
  expect(
    await foundOn({ 'net/ss-listen.txt': socket('*:80', 'nginx'), 'netfilter/iptables-save.txt': bare }),
  ).toBe('not-applicable')
})
