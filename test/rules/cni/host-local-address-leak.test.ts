import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/cni/host-local-address-leak.ts'
import { checkRule } from '../../support/checkRule.ts'

const CONF =
  '{"name":"cbr0","cniVersion":"0.4.0","plugins":[{"type":"bridge","bridge":"cni0","ipam":{"type":"host-local","ranges":[[{"subnet":"10.42.1.0/24"}]]}}]}'
const id = (number: number) => number.toString(16).padStart(64, '0')

const numbers = (last: number) => Array.from({ length: last - 1 }, (_, index) => index + 2)

/** Sandboxes 2 to `alive` run, addresses 2 to `reserved` are reserved. */
function node(alive: number, reserved: number): Record<string, string> {
  const items = numbers(alive).map((number) => ({ id: id(number), state: 'SANDBOX_READY' }))
  return {
    'cni/net.d/10-bridge.conflist': CONF,
    'runtime/crictl-pods.json': JSON.stringify({ items }),
    ...Object.fromEntries(
      numbers(reserved).map((host) => [`cni/ipam/cbr0/10.42.1.${host}`, `${id(host)}\r\neth0`]),
    ),
  }
}

test('three addresses of sandboxes that are gone are a leak, two may be on their way', async () => {
  expect(await checkRule(rule, { 'node-1': node(5, 7) })).toMatchObject({ state: 'clear' })
  expect(await checkRule(rule, { 'node-1': node(5, 8) })).toMatchObject({
    state: 'found',
    findings: [
      {
        subject: 'cbr0:10.42.1.0/24',
        confidence: 'certain',
        about: ['network:node-1/cbr0', 'node:node-1'],
      },
    ],
  })
})

test('without a list of what runs, nothing is known to be gone', async () => {
  const { 'runtime/crictl-pods.json': _, ...files } = node(5, 8)
  expect(await checkRule(rule, { 'node-1': files })).toMatchObject({ state: 'short' })
})

test('a list that was cut off leaves sandboxes out', async () => {
  const files = { 'node-1': node(5, 8) }
  const result = await checkRule(rule, files, { 'runtime/crictl-pods.json': 'truncated' })
  expect(result.state).toBe('short')
})
