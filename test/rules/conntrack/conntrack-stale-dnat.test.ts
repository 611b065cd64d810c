import { describe, expect, test } from 'vitest'
import rule from '../../../analyzer/rules/conntrack/conntrack-stale-dnat.ts'
import { text } from '../../../analyzer/rules/conntrack/conntrack-stale-dnat.text.ts'
import { fixture } from '../../support/fixture.ts'
import { textNode } from '../../support/textCluster.ts'

async function judged(...flows: readonly string[]) {
  const files = {
    'netfilter/iptables-save.txt': fixture('iptables-save/kube-proxy.txt'),
    'conntrack/list.txt': `${flows.join('\n')}\n`,
  }
  return rule.check(await textNode(files), 'en')
}

/** From a pod to default/oneudp, whose endpoint is 10.244.3.3:9000. */
function flow(secondsLeft: number, from: string, flag = ''): string {
  return `udp      17 ${secondsLeft} src=10.244.1.2 dst=10.96.10.11 sport=40000 dport=9000 ${flag}src=${from} dst=10.244.1.2 sport=9000 dport=40000 mark=0 use=1`
}

describe('conntrack-stale-dnat', () => {
  test.each([
    ['the endpoint of now', flow(118, '10.244.3.3')],
    ['an old endpoint that answered, and nothing else', flow(118, '10.244.3.9')],
    ['an old endpoint, about to expire', flow(19, '10.244.3.9', '[UNREPLIED] ')],
  ])('clear: %s', async (_, entry) => {
    expect(await judged(entry)).toMatchObject({ state: 'clear' })
  })

  test.each([
    ['an old endpoint without an answer, in use', flow(20, '10.244.3.9', '[UNREPLIED] ')],
    ['not translated', flow(29, '10.96.10.11', '[UNREPLIED] ')],
  ])('likely: %s', async (_, entry) => {
    expect(await judged(entry)).toMatchObject({
      state: 'found',
      findings: [{ confidence: 'likely', severity: 'high' }],
    })
  })

  test('a table that could not be listed is unchecked', async () => {
    const denied =
      'conntrack v1.4.7 (conntrack-tools): Operation failed: sorry, you must be root or get CAP_NET_ADMIN capability to do this'
    expect(await judged(denied)).toMatchObject({ state: 'unchecked' })
  })
})

test('deletes entries of an IPv6 address without its brackets', () => {
  const stale = {
    kind: 'gone',
    address: '[fd00::a]:53/udp',
    role: 'dns',
    to: 'fd00::9',
    flows: 1,
    unanswered: 1,
    endpoints: [],
  } as const
  const steps = text.en.remedy({ node: 'node-1', flows: [stale], proofs: [] })
  expect(steps[0]?.commands).toEqual(['conntrack -D -p udp --orig-dst fd00::a --orig-port-dst 53'])
})
