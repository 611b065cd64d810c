import { spawnSync } from 'node:child_process'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { whyNoSandbox } from '../../../fixtures/lab/sandbox.ts'
import { type RouteAnswer, type RoutedPacket, waysOf } from '../../../analyzer/facts/node/routeLookup.ts'
import { routes } from '../../../analyzer/facts/node/routes.ts'
import { address } from '../../support/known.ts'
import { textNode } from '../../support/textCluster.ts'
import { lacks } from '../../support/tools.ts'

async function routesOf(files: Readonly<Record<string, string>>) {
  const answer = routes.of(await textNode(files))
  if (!answer.available) throw new Error('no routes')
  return answer.value
}

describe('what is not known of a packet', () => {
  const files = {
    'net/ip-route.txt':
      'default via 192.0.2.1 dev eth0\ndefault via 192.0.2.9 dev eth1 table 100\n10.1.0.0/16 dev cni0 table 200',
    'net/ip-rule.txt':
      '0:\tfrom all lookup local\n90:\tfrom all fwmark 0x1/0x1 lookup 100\n95:\tfrom all iif cni0 lookup 200\n' +
      '96:\tfrom all ipproto tcp dport 443 lookup 300\n32766:\tfrom all lookup main',
  }
  const ask = async (packet: Partial<RoutedPacket>) => {
    const { answer, undecided } = (await routesOf(files)).route({
      destination: address('203.0.113.1'),
      ...packet,
    })
    return [answer, ...undecided].map((each) => each?.table)
  }

  test('leaves rules undecided that would answer', async () => {
    expect(await ask({})).toEqual(['main', '100'])
    expect(await ask({ destination: address('10.1.2.3') })).toEqual(['main', '100', '200'])
  })
  test('is decided where the mark and the interface are given', async () => {
    expect(await ask({ mark: 0, iif: 'lo' })).toEqual(['main'])
    expect(await ask({ mark: 3 })).toEqual(['100'])
    expect(await ask({ mark: 2, iif: 'cni0', destination: address('10.1.2.3') })).toEqual(['200'])
  })
  test('a rule turned round is decided by any condition that fails', async () => {
    const turned = await routesOf({
      ...files,
      'net/ip-rule.txt':
        '9:\tnot from all to 10.0.0.0/8 fwmark 0x1 lookup 100\n32766:\tfrom all lookup main\n',
    })
    const { answer } = turned.route({ destination: address('203.0.113.1') })
    expect(answer?.table).toBe('100')
  })
})

const DEVICES = ['d0', 'd1', 'd2'] as const
/** Neither is the node's own; both come in by d2, which answers for nobody. */
const SOURCES = ['', '10.9.0.2', '10.9.128.2'] as const
const TARGETS = ['10.0.0.1', '10.0.1.1', '10.0.1.129', '10.0.128.1', '10.64.0.1', '10.128.0.1', '192.0.2.7']
const TABLES = ['main', '100', '200'] as const

const prefixes = fc
  .tuple(fc.constantFrom(...TARGETS), fc.constantFrom(0, 8, 9, 16, 17, 24, 25, 32))
  .map(([base, length]) => {
    const number = base.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0)
    const network = length === 0 ? 0 : Math.floor(number / 2 ** (32 - length)) * 2 ** (32 - length)
    return `${[24, 16, 8, 0].map((bits) => Math.floor(network / 2 ** bits) % 256).join('.')}/${length}`
  })

const generatedRoutes = fc
  .tuple(
    fc.constantFrom('unicast', 'unicast', 'unicast', 'blackhole', 'unreachable', 'prohibit', 'throw'),
    prefixes,
    fc.constantFrom(...DEVICES),
    fc.constantFrom(...TABLES),
    fc.constantFrom(10, 20, 30),
  )
  .map(([type, prefix, device, table, metric]) => {
    const way = type === 'unicast' ? `dev ${device} ` : ''
    return `route add ${type} ${prefix} ${way}table ${table} metric ${metric}`
  })

const generatedRules = fc
  .tuple(
    fc.integer({ min: 10, max: 90 }),
    fc.constantFrom('', 'not '),
    fc.constantFrom('from all', 'from 10.9.0.0/17', 'to 10.0.0.0/15', 'fwmark 0x2/0x3', 'iif d2', 'iif lo'),
    fc.constantFrom(
      'lookup 100',
      'lookup 200',
      'lookup main suppress_prefixlength 8',
      'lookup 100 suppress_prefixlength 0',
      'unreachable',
      'blackhole',
      'prohibit',
      'goto 95',
    ),
  )
  .map(([priority, not, selector, action]) => `rule add pref ${priority} ${not}${selector} ${action}`)

/** Bridges, since every kernel that has containers has them. A route that was made before is refused, and the next one is made. */
const SETUP = [
  ...DEVICES.map((device) => `link add ${device} type bridge`),
  ...DEVICES.map((device) => `link set ${device} up`),
  'rule add pref 95 lookup 200',
]

interface Question {
  readonly packet: RoutedPacket
  readonly words: string
}

const QUESTIONS: readonly Question[] = TARGETS.flatMap((target) =>
  SOURCES.flatMap((source) =>
    [0, 2].map((mark) => ({
      packet: {
        destination: address(target),
        mark,
        ...(source === '' ? { iif: 'lo' } : { iif: 'd2', source: address(source) }),
      },
      words: `${target}${source === '' ? '' : ` from ${source} iif d2`}${mark === 0 ? '' : ` mark ${mark}`}`,
    })),
  ),
)

const SCRIPT = `ip -force -batch - 2>/dev/null
echo 1 >/proc/sys/net/ipv4/ip_forward
for each in all default d0 d1 d2; do echo 0 >/proc/sys/net/ipv4/conf/$each/rp_filter; done
ip -4 route show table all; echo ===; ip -4 rule show; echo ===
ip -force -batch - 2>&1 <<END
${QUESTIONS.map(({ words }) => `route get ${words}`).join('\n')}
END`

/** The device, or the kernel's words for a refusal; nothing for other lines. */
function kernelsAnswer(line: string): string[] {
  const error = /RTNETLINK answers: (.*)/.exec(line)?.[1]
  const device = / dev (\S+)/.exec(line)?.[1]
  return [error ?? device].filter((word) => word !== undefined)
}

/** In the kernel's words: fib_props of net/ipv4/fib_semantics.c, fib4_rule_action of net/ipv4/fib_rules.c. */
function ourAnswer(answer: RouteAnswer | undefined): string {
  const type = answer?.route?.type ?? answer?.rule?.action
  if (type === 'blackhole') return 'Invalid argument'
  if (type === 'prohibit') return 'Permission denied'
  if (type === 'unreachable' && answer?.route !== undefined) return 'No route to host'
  if (answer?.route === undefined) return 'Network is unreachable'
  return waysOf(answer.route)[0]?.device ?? answer.route.type
}

describe.skipIf(lacks('unshare', 'ip') || whyNoSandbox() !== undefined)('against the kernel', () => {
  const tables = fc.sample(
    fc.tuple(
      fc.array(generatedRoutes, { minLength: 4, maxLength: 24 }),
      fc.array(generatedRules, { maxLength: 6 }),
    ),
    { seed: 20_261_125, numRuns: 24 },
  )
  test.each(tables)('tables %#', async (routesOfCase, rulesOfCase) => {
    const batch = [...SETUP, ...routesOfCase, ...rulesOfCase].join('\n')
    const rootless = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']
    const { stdout } = spawnSync('unshare', [...rootless, '--net', 'sh', '-c', SCRIPT], {
      input: `${batch}\n`,
      encoding: 'utf8',
    })
    const [routeText = '', ruleText = '', answers = ''] = stdout.split('===\n')
    const known = await routesOf({ 'net/ip-route.txt': routeText, 'net/ip-rule.txt': ruleText })
    const expected = answers.split('\n').flatMap(kernelsAnswer)
    expect(QUESTIONS.map(({ packet }) => ourAnswer(known.route(packet).answer))).toEqual(expected)
  })
})
