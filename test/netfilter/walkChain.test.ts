import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { iptablesChains } from '../../analyzer/netfilter/iptablesChains.ts'
import { NO_MARK, type Packet } from '../../analyzer/netfilter/packet.ts'
import type { Surroundings } from '../../analyzer/netfilter/surroundings.ts'
import { walkChain } from '../../analyzer/netfilter/walkChain.ts'
import { iptablesSave } from '../../analyzer/parsers/iptablesSave.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { FIXTURES } from '../support/faultCase.ts'
import { address } from '../support/known.ts'

const PACKET: Packet = {
  inDevice: 'cni0',
  outDevice: 'eth0',
  source: address('10.244.1.5'),
  destination: address('10.244.3.3'),
  protocol: 'tcp',
  destinationPort: 8080,
  ctstate: 'NEW',
  isDnat: false,
  mark: NO_MARK,
}

/** The walk through the first chain of a filter table with these chains: `CHAIN POLICY`, then the rules. */
function walk(
  rules: readonly string[],
  packet: Partial<Packet> = {},
  around: Surroundings = {},
  policy = 'ACCEPT',
) {
  const names = new Set(rules.map((rule) => rule.split(' ')[1] ?? ''))
  names.delete('FORWARD')
  const chains = [`:FORWARD ${policy} [0:0]`, ...[...names].map((name) => `:${name} - [0:0]`)]
  const text = ['*filter', ...chains, ...rules, 'COMMIT', ''].join('\n')
  const table = parseText(iptablesSave, text).value.tables.get('filter')
  if (!table) throw new Error('no table')
  return walkChain(iptablesChains(table), 'FORWARD', { ...PACKET, ...packet }, around)
}

/** The verdict, its certainty, and the verdicts that may fall before it. */
function verdict(...args: Parameters<typeof walk>): string {
  const { final, earlier, certainty } = walk(...args)
  return [`${certainty} ${final.verdict}`, ...earlier.map((it) => it.verdict)].join(', ')
}

describe('rules in order', () => {
  test('the first one that matches decides, and the policy where none does', () => {
    expect(verdict(['-A FORWARD -j ACCEPT', '-A FORWARD -j DROP'])).toBe('certain accept')
    expect(verdict(['-A FORWARD -s 192.0.2.0/24 -j ACCEPT'], {}, {}, 'DROP')).toBe('certain drop')
    expect(walk(['-A FORWARD -s 192.0.2.0/24 -j ACCEPT']).final).toEqual({
      verdict: 'accept',
      path: ['FORWARD'],
      passed: [],
      doubts: [],
    })
  })

  test('targets that only note something, and rules that only count, let the next rule come', () => {
    const rules = [
      '-A FORWARD',
      '-A FORWARD -j LOG --log-prefix "x "',
      '-A FORWARD -p tcp -j TCPMSS --clamp-mss-to-pmtu',
      '-A FORWARD -j REJECT --reject-with tcp-reset',
    ]
    expect(verdict(rules)).toBe('certain reject')
  })

  test('a target that is not known may do anything', () => {
    expect(verdict(['-A FORWARD -j FROBNICATE', '-A FORWARD -j DROP'])).toBe('possible drop, unknown')
  })
})

describe('jumps', () => {
  test('a chain that comes to its end, or to RETURN, leads back', () => {
    const rules = ['-A FORWARD -j A', '-A FORWARD -j DROP', '-A A -j RETURN', '-A A -j ACCEPT']
    expect(verdict(rules)).toBe('certain drop')
    expect(walk(['-A FORWARD -j A', '-A A -j B', '-A B -j DROP']).final.path).toEqual(['FORWARD', 'A', 'B'])
  })

  test('a goto leads back to where its own chain was called from', () => {
    const rules = [
      '-A FORWARD -j A',
      '-A FORWARD -j DROP',
      '-A A -g B',
      '-A A -j ACCEPT',
      '-A B -s 192.0.2.0/24 -j ACCEPT',
    ]
    expect(verdict(rules)).toBe('certain drop')
    expect(verdict(['-A FORWARD -g A', '-A FORWARD -j DROP', '-A A -s 192.0.2.0/24 -j DROP'])).toBe(
      'certain accept',
    )
  })

  test('RETURN in a base chain is its policy', () => {
    expect(verdict(['-A FORWARD -j RETURN', '-A FORWARD -j ACCEPT'], {}, {}, 'DROP')).toBe('certain drop')
  })

  test('a loop, which no kernel would take, ends', () => {
    expect(walk(['-A FORWARD -j A', '-A A -j A']).final.verdict).toBe('unknown')
  })

  test('chains that double the work at every step end', () => {
    const rules = ['-A FORWARD -j C0']
    for (let at = 0; at < 60; at += 1) rules.push(`-A C${at} -j C${at + 1}`, `-A C${at} -p tcp -j C${at + 1}`)
    rules.push('-A C60 -s 192.0.2.1/32 -j DROP')
    expect(walk(rules).final.verdict).toBe('unknown')
  })
})

describe('what cannot be decided offline', () => {
  const limited = '-A FORWARD -m limit --limit 3/min -j DROP'

  test('the verdict may fall; the walk goes on', () => {
    expect(verdict([limited, '-A FORWARD -j ACCEPT'])).toBe('possible accept, drop')
    expect(walk([limited]).earlier[0]?.doubts.map(({ text }) => text)).toEqual([
      '-m limit --limit 3/min -j DROP',
    ])
  })

  test('an earlier verdict that is the same changes nothing', () => {
    expect(verdict([limited, '-A FORWARD -j DROP'])).toBe('certain drop, drop')
  })

  test('a match that fails settles it, whatever else the rule asks', () => {
    expect(verdict(['-A FORWARD -s 192.0.2.0/24 -m limit --limit 3/min -j DROP'])).toBe('certain accept')
  })

  test('a chain entered in doubt: its verdict may fall, what is behind it in that chain does not', () => {
    const rules = [
      '-A FORWARD -m limit --limit 3/min -j A',
      '-A FORWARD -j ACCEPT',
      '-A A -j DROP',
      '-A A -j REJECT',
    ]
    expect(verdict(rules)).toBe('possible accept, drop')
  })

  test('a RETURN in doubt: what is behind it may fall, and so may what is behind the jump', () => {
    const rules = [
      '-A FORWARD -j A',
      '-A FORWARD -j ACCEPT',
      '-A A -m limit --limit 3/min -j RETURN',
      '-A A -j DROP',
    ]
    expect(verdict(rules)).toBe('possible accept, drop')
  })

  test('a goto that is certain, to a chain that may return: its own chain is left in any case', () => {
    const rules = [
      '-A FORWARD -j A',
      '-A A -g B',
      '-A A -j REJECT',
      '-A B -m limit --limit 3/min -j RETURN',
      '-A B -j DROP',
    ]
    expect(verdict(rules)).toBe('possible accept, drop')
  })

  test('a goto in doubt to a chain that leads back: the rest of its chain is in doubt', () => {
    const rules = [
      '-A FORWARD -j A',
      '-A A -m limit --limit 3/min -g B',
      '-A A -j REJECT',
      '-A B -s 192.0.2.1/32 -j DROP',
    ]
    expect(verdict(rules)).toBe('possible accept, reject')
  })
})

/** Whether a match holds, told by what a rule with it does. */
function holds(match: string, packet: Partial<Packet> = {}, around: Surroundings = {}): string {
  const found = verdict([`-A FORWARD ${match} -j DROP`], packet, around)
  return (
    { 'certain drop': 'holds', 'certain accept': 'fails', 'possible accept, drop': 'unknown' }[found] ?? found
  )
}

describe('matches', () => {
  test.each([
    ['-s 10.244.0.0/16', 'holds'],
    ['! -s 10.244.0.0/16', 'fails'],
    ['-d 10.244.3.0/24 -i cni0 -o eth+', 'holds'],
    ['-i flannel.1', 'fails'],
    ['! -i cni0 -o cni0', 'fails'],
    ['-p udp', 'fails'],
    ['-p tcp -m tcp --dport 8080', 'holds'],
    ['-p tcp -m tcp --dport 8000:8079', 'fails'],
    ['-p tcp -m multiport ! --dports 80,8080', 'fails'],
    ['-p tcp -m multiport --dports 80,8000:8100', 'holds'],
    ['-p tcp -m tcp --sport 1024:65535', 'unknown'],
    ['-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN', 'holds'],
    ['-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -m conntrack --ctstate NEW', 'fails'],
    ['-p tcp -m tcp --tcp-flags FIN,SYN FIN,SYN', 'fails'],
    ['-f', 'fails'],
    ['! -f', 'holds'],
    ['-m conntrack --ctstate RELATED,ESTABLISHED', 'fails'],
    ['-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT', 'holds'],
    ['-m state --state NEW', 'holds'],
    ['-m conntrack --ctstate SNAT', 'unknown'],
    ['-m conntrack --ctdir REPLY', 'fails'],
    ['-m conntrack --ctorigdst 10.96.0.10', 'unknown'],
    ['-m mark --mark 0x4000/0x4000', 'fails'],
    ['-m mark ! --mark 0x4000/0x4000', 'holds'],
    ['-m comment --comment "a b"', 'holds'],
    ['-m addrtype --dst-type LOCAL', 'unknown'],
    ['-m set --match-set KUBE-CLUSTER-IP dst,dst', 'unknown'],
    ['-m statistic --mode random --probability 0.5', 'unknown'],
    ['-m physdev ! --physdev-is-in', 'unknown'],
    ['-m [unsupported revision]', 'unknown'],
  ])('%s %s', (match, expected) => {
    expect(holds(match)).toBe(expected)
  })

  test('of a packet whose destination was changed', () => {
    expect(holds('-m conntrack --ctstate DNAT', { isDnat: true })).toBe('holds')
  })

  test('a device that is not known; none, where the node itself sends', () => {
    const { inDevice: _, ...unknown } = PACKET
    const table = parseText(
      iptablesSave,
      '*filter\n-A FORWARD -i eth0 -j DROP\n-A FORWARD -i + -j ACCEPT\nCOMMIT\n',
    )
    const filter = table.value.tables.get('filter')
    expect(filter && walkChain(iptablesChains(filter), 'FORWARD', unknown)).toMatchObject({
      final: { verdict: 'accept' },
      earlier: [{ verdict: 'drop' }],
    })
    expect(holds('-i eth0', { inDevice: '' })).toBe('fails')
  })

  test('what the surroundings know', () => {
    const around: Surroundings = {
      isLocal: (it) => it === '192.0.2.1',
      isInSet: ({ name }) => (name === 'S' ? true : name === 'T' ? false : undefined),
    }
    expect(holds('-m addrtype --dst-type LOCAL', {}, around)).toBe('fails')
    expect(holds('-m addrtype --dst-type LOCAL', { destination: address('192.0.2.1') }, around)).toBe('holds')
    expect(holds('-m addrtype ! --dst-type LOCAL', {}, around)).toBe('holds')
    expect(holds('-m addrtype --dst-type UNICAST', {}, around)).toBe('holds')
    expect(holds('-m addrtype --dst-type BROADCAST', {}, around)).toBe('fails')
    expect(holds('-m set --match-set S dst,dst', {}, around)).toBe('holds')
    expect(holds('-m set ! --match-set S dst', {}, around)).toBe('fails')
    expect(holds('-m set --match-set T dst', {}, around)).toBe('fails')
    expect(holds('-m set --match-set U src', {}, around)).toBe('unknown')
  })
})

describe('marks', () => {
  const accept = '-A FORWARD -m mark --mark 0x4000/0x4000 -j DROP'

  test('a mark set on the way is seen by later rules', () => {
    expect(verdict(['-A FORWARD -j M', accept, '-A M -j MARK --set-xmark 0x4000/0x4000'])).toBe(
      'certain drop',
    )
    const cleared = [
      '-A FORWARD -j MARK --set-xmark 0x4000/0x4000',
      '-A FORWARD -j MARK --set-xmark 0x0/0x4000',
      accept,
    ]
    expect(verdict(cleared)).toBe('certain accept')
  })

  test('set-xmark toggles bits outside its mask (xt_mark.c)', () => {
    expect(verdict(['-A FORWARD -j MARK --set-xmark 0x4000/0x0', accept])).toBe('certain drop')
    expect(
      verdict([
        '-A FORWARD -j MARK --set-xmark 0x4000/0x4000',
        '-A FORWARD -j MARK --set-xmark 0x4000/0x0',
        accept,
      ]),
    ).toBe('certain accept')
  })

  test('a mark set in doubt, or restored from the connection, is unknown; other bits stay known', () => {
    const inDoubt = '-A FORWARD -m limit --limit 3/min -j MARK --set-xmark 0x4000/0x4000'
    expect(verdict([inDoubt, accept])).toBe('possible accept, drop')
    expect(verdict([inDoubt, '-A FORWARD -m mark --mark 0x8000/0x8000 -j DROP'])).toBe('certain accept')
    expect(verdict(['-A FORWARD -j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff', accept])).toBe(
      'possible accept, drop',
    )
  })
})

/** The walk of the packet through FORWARD of a captured dump. */
function forward(folder: string) {
  const text = readFileSync(`${FIXTURES}/${folder}/netfilter/iptables-save.txt`, 'utf8')
  const table = parseText(iptablesSave, text).value.tables.get('filter')
  if (!table) throw new Error('no table')
  return walkChain(iptablesChains(table), 'FORWARD', PACKET, { isLocal: () => false })
}

describe('real captures', () => {
  test('a REJECT before all of it: the connection failed with "No route to host"', () => {
    const { final, certainty } = forward('faults/iptables-reject-before-accept/host-prohibited/node-3')
    expect(final).toMatchObject({ verdict: 'reject', path: ['FORWARD'] })
    expect(certainty).toBe('certain')
  })

  test('sound nodes let the packet through: the connection was made', () => {
    for (const base of ['host-gw', 'kubernetes-1.20', 'flannel-vxlan', 'ipvs']) {
      expect(forward(`nodes/${base}/node-1`)).toMatchObject({
        final: { verdict: 'accept' },
        certainty: 'certain',
      })
    }
  })
})
