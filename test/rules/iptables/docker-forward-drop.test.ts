import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/iptables/docker-forward-drop.ts'
import { checkRule, soundFiles } from '../../support/checkRule.ts'

const DUMP = 'netfilter/iptables-save.txt'
const CHAINS = ':DOCKER - [0:0]\n:DOCKER-ISOLATION-STAGE-1 - [0:0]\n:DOCKER-USER - [0:0]\n'

/** dockerd's chains, and this policy of FORWARD with its packets. */
function docker(policy: string, extra = ''): (before: string) => string {
  return (before) =>
    before
      .replace(/^:FORWARD ACCEPT \[\d+:\d+\]\n/m, `:FORWARD ${policy}\n${CHAINS}`)
      .replace(/^(\[\d+:\d+\] -A FORWARD )/m, `[0:0] -A FORWARD -j DOCKER-USER\n${extra}$1`)
}

const judged = (policy: string) => checkRule(rule, soundFiles('host-gw', { [DUMP]: docker(policy) }))

test('packets that the policy dropped make it certain', async () => {
  expect(await judged('DROP [12:720]')).toMatchObject({
    state: 'found',
    findings: [{ subject: 'FORWARD', confidence: 'certain' }],
  })
  expect(await judged('DROP [0:0]')).toMatchObject({ state: 'found', findings: [{ confidence: 'likely' }] })
  expect(await judged('ACCEPT [12:720]')).toMatchObject({ state: 'clear' })
})

test('flannel’s own rule lets pods through', async () => {
  const flannel = '[0:0] -A FORWARD -s 10.244.0.0/16 -j ACCEPT\n[0:0] -A FORWARD -d 10.244.0.0/16 -j ACCEPT\n'
  expect(
    await checkRule(rule, soundFiles('host-gw', { [DUMP]: docker('DROP [0:0]', flannel) })),
  ).toMatchObject({ state: 'clear' })
})

test('no Docker, no such fault; no dump, no word', async () => {
  expect(await checkRule(rule, soundFiles('host-gw'))).toMatchObject({ state: 'not-applicable' })
  expect(await checkRule(rule, soundFiles('host-gw', { [DUMP]: null }))).toMatchObject({ state: 'short' })
})

const cut = (before: string) => before.slice(0, before.indexOf('COMMIT'))

test('in a dump that breaks off Docker’s chains may be what is missing', async () => {
  expect(await checkRule(rule, soundFiles('host-gw', { [DUMP]: cut }))).toMatchObject({ state: 'short' })
})
