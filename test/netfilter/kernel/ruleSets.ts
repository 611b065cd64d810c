import type { RuleSet } from './measure.ts'

/** Numbers that look drawn and are the same in every run (mulberry32). */
function drawing(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) % below
  }
}

type Draw = (below: number) => number

function oneOf<T>(draw: Draw, values: readonly [T, ...T[]]): T {
  return values[draw(values.length)] ?? values[0]
}

/** Some of the values, in their order. */
function someOf(draw: Draw, values: readonly string[], outOf: number): readonly string[] {
  return values.filter(() => draw(outOf) === 0)
}

const USER_CHAINS = ['ONE', 'TWO', 'THREE'] as const

function iptablesMatch(draw: Draw, chain: string): string {
  const parts = [
    oneOf(draw, ['-s 10.1.0.2/32', '! -s 10.1.0.2/32', '-s 10.1.0.0/24', '-s 10.0.0.0/8', '-s 192.0.2.0/24']),
    oneOf(draw, ['-d 10.2.0.2/32', '! -d 10.2.0.0/24', '-d 10.2.0.0/25', '-d 10.1.0.1/32']),
    chain === 'INPUT' ? '-i eth0' : oneOf(draw, ['-i eth0', '-i eth+', '! -i eth1', '-i lo']),
    chain === 'FORWARD' ? oneOf(draw, ['-o eth1', '! -o eth+', '-o +']) : '',
    oneOf(draw, [
      '-p tcp -m tcp --dport 53',
      '-p udp -m udp --dport 8000:9000',
      '-p tcp -m multiport --dports 53,30000:32767',
      '-p tcp -m tcp ! --dport 8080',
      '-p tcp',
      '! -p udp',
      '-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN',
    ]),
    oneOf(draw, [
      '-m conntrack --ctstate NEW',
      '-m conntrack --ctstate RELATED,ESTABLISHED',
      '-m conntrack ! --ctstate INVALID',
      '-m state --state NEW,ESTABLISHED',
    ]),
    oneOf(draw, ['-m mark --mark 0x4000/0x4000', '-m mark ! --mark 0x4000/0x4000', '-m mark --mark 0x1']),
    oneOf(draw, [
      '-m addrtype --dst-type LOCAL',
      '-m addrtype ! --dst-type LOCAL',
      '-m addrtype --src-type LOCAL',
    ]),
    '-m comment --comment "a b"',
  ].filter((part) => part !== '')
  return someOf(draw, parts, 4).join(' ')
}

function iptablesTarget(draw: Draw, at: number): string {
  const further = USER_CHAINS.slice(at)
  return oneOf(draw, [
    '-j ACCEPT',
    '-j DROP',
    '-j REJECT --reject-with icmp-host-prohibited',
    '-j RETURN',
    '-j MARK --set-xmark 0x4000/0x4000',
    '-j MARK --set-xmark 0x1/0xffffffff',
    '-j LOG --log-prefix "x: "',
    '-m limit --limit 1/hour -j DROP',
    ...further.flatMap((chain) => [`-j ${chain}`, `-j ${chain}`, `-g ${chain}`]),
  ])
}

function iptablesTable(draw: Draw, table: 'filter' | 'mangle'): string {
  const lines = [`*${table}`]
  for (const chain of ['INPUT', 'FORWARD'])
    lines.push(`:${chain} ${oneOf(draw, ['ACCEPT', 'ACCEPT', 'DROP'])} [0:0]`)
  for (const chain of USER_CHAINS) lines.push(`:${chain} - [0:0]`)
  const chains = ['INPUT', 'FORWARD', ...USER_CHAINS]
  for (const chain of chains) {
    const at = USER_CHAINS.findIndex((name) => name === chain) + 1
    for (let left = draw(6); left > 0; left -= 1) {
      const target = iptablesTarget(draw, at)
      // The kernel rejects in the filter table alone, and knows the way out in FORWARD alone.
      const fits = table === 'mangle' ? target.replace(/-j REJECT.*/, '-j DROP') : target
      lines.push(`-A ${chain} ${iptablesMatch(draw, chain)} ${fits}`)
    }
  }
  return [...lines, 'COMMIT'].join('\n')
}

function nativeMatch(draw: Draw): string {
  const parts = [
    oneOf(draw, [
      'ip saddr 10.1.0.2',
      'ip saddr != 10.1.0.2',
      'ip saddr 10.1.0.2-10.1.0.9',
      'ip saddr @blocked',
    ]),
    oneOf(draw, ['ip daddr { 10.2.0.2, 10.2.0.8/30 }', 'ip daddr != { 10.2.0.2, 10.1.0.1 }']),
    oneOf(draw, [
      'iifname "eth0"',
      'iifname { "lo", "eth*" }',
      'oifname != "eth1"',
      'oifname "eth1"',
      'iif "eth0"',
    ]),
    oneOf(draw, [
      'tcp dport 53',
      'udp dport 8000-9000',
      'tcp dport { 53, 30000-32767 }',
      'tcp dport != 8080',
      'tcp dport @ports',
      'tcp dport >= 8080',
      'meta l4proto { tcp, udp } th dport 53',
      'tcp flags & (fin|syn|rst|ack) == syn',
      'ip protocol udp',
      'meta l4proto != tcp',
      'ip saddr . tcp dport @pairs',
    ]),
    oneOf(draw, [
      'ct state new',
      'ct state { established, related }',
      'ct state != invalid',
      'ct state new,untracked',
    ]),
    oneOf(draw, [
      'meta mark & 0x4000 == 0x4000',
      'meta mark 0x1',
      'meta mark != 0x4001',
      'meta mark { 0x1, 0x4000 }',
    ]),
    oneOf(draw, [
      'fib daddr type local',
      'fib saddr type local',
      'fib daddr type != local',
      'meta nfproto ipv4',
    ]),
    'counter',
  ]
  return someOf(draw, parts, 4).join(' ')
}

function nativeRule(draw: Draw, at: number): string {
  const further = ['one', 'two', 'three'].slice(at)
  const whole = [
    'ct state vmap { established : accept, invalid : drop, new : continue }',
    'tcp dport vmap { 53 : drop, 8000-9000 : accept }',
    'ip saddr . ip daddr vmap { 10.1.0.2 . 10.2.0.2 : drop, 10.1.0.3 . 10.2.0.9 : accept }',
    'ip saddr vmap @verdicts',
    'meta mark set meta mark | 0x4000',
    'meta mark set 0x1',
    'ip6 saddr != fe80::/10 drop',
    'icmp type != echo-request drop',
    'meta mark set meta mark & 0xffffbfff ^ 0x1',
  ]
  if (draw(4) === 0) return oneOf(draw, ['counter', ...whole])
  const verdict = oneOf(draw, [
    'accept',
    'drop',
    'reject with icmpx admin-prohibited',
    'reject',
    'return',
    'continue',
    'limit rate over 100000/second drop',
    'log prefix "drop: " counter',
    ...further.flatMap((chain) => [`jump ${chain}`, `jump ${chain}`, `goto ${chain}`]),
  ])
  return `${nativeMatch(draw)} ${verdict}`
}

function nativeTable(draw: Draw, name: string): string {
  const chains = ['three', 'two', 'one'].map((chain, index) => {
    const rules = Array.from({ length: draw(5) }, () => nativeRule(draw, 3 - index))
    return `chain ${chain} {\n${rules.join('\n')}\n}`
  })
  const bases = (['forward', 'input'] as const).map((hook) => {
    const priority = oneOf(draw, ['filter', 'filter + 10', 'mangle', '-5', 'security'])
    const policy = oneOf(draw, ['accept', 'accept', 'drop'])
    const rules = Array.from({ length: draw(6) }, () => nativeRule(draw, 0))
    return `chain ${hook} {\ntype filter hook ${hook} priority ${priority}; policy ${policy};\n${rules.join('\n')}\n}`
  })
  return [
    `table inet ${name} {`,
    'set blocked { type ipv4_addr; flags interval; elements = { 10.1.0.3, 192.0.2.0/24, 198.51.100.1-198.51.100.9 }; }',
    'set ports { type inet_service; flags interval; elements = { 53, 8000-9000 }; }',
    'set pairs { type ipv4_addr . inet_service; elements = { 10.1.0.2 . 53, 10.1.0.3 . 8080 }; }',
    'map verdicts { type ipv4_addr : verdict; elements = { 10.1.0.2 : drop, 10.1.0.9 : accept }; }',
    ...chains,
    ...bases,
    '}',
  ].join('\n')
}

/** Rule sets of every mixture of the tools, drawn from a seed. */
export function ruleSets(count: number, seed: number): readonly RuleSet[] {
  const draw = drawing(seed)
  return Array.from({ length: count }, () => {
    const mixture = 1 + draw(7)
    const tables = (wanted: boolean): string =>
      wanted ? [iptablesTable(draw, 'mangle'), iptablesTable(draw, 'filter')].join('\n') : ''
    return {
      nftRules: tables((mixture & 1) !== 0),
      legacyRules: tables((mixture & 2) !== 0),
      native: (mixture & 4) !== 0 ? [nativeTable(draw, 'a'), nativeTable(draw, 'b')].join('\n') : '',
    }
  })
}
