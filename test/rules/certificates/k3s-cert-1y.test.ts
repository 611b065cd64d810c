import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/certificates/k3s-cert-1y.ts'
import { foundIn } from '../../support/foundIn.ts'
import { certificateMaker } from '../../support/openssl.ts'

const DAY_SECONDS = 86_400
const make = certificateMaker()
const LEAF = 'basicConstraints=critical,CA:FALSE'
const SERVING = 'certs/var/lib/rancher/rke2/agent/serving-kubelet.crt'
/** It ends a year from now, the clock of the node apart. */
const pem = make('/CN=node-1', undefined, LEAF, undefined, 365).pem
const endSeconds = Math.floor(Date.now() / 1000) + 365 * DAY_SECONDS

const rke2 = (left: number, up: number, more: Readonly<Record<string, string>> = {}) =>
  foundIn(rule, {
    [SERVING]: pem,
    'meta/node.txt': `started_utc=${endSeconds - left * DAY_SECONDS}\nuptime_seconds=${up * DAY_SECONDS}\n`,
    ...more,
  })

const start = (left: number) => {
  const time = new Date((endSeconds - left * DAY_SECONDS) * 1000).toISOString().replace('Z', '000+0000')
  return {
    'journal/rke2-agent.txt': `${time} node-1 rke2[1]: level=info msg="Starting rke2 agent v1.27.4+rke2r1 (0)"\n`,
  }
}

test('thirty days left, and a node that was up before the ninety days', async () => {
  expect(await rke2(29, 62)).toEqual([['', 'high', 'certain']])
  expect(await rke2(29, 60)).toBe('clear')
  expect(await rke2(31, 300)).toBe('clear')
  expect(await rke2(-2, 300)).toEqual([['', 'high', 'certain']])
})

test('a start in the journal counts where it is later than the ninety days', async () => {
  expect(await rke2(20, 300, start(60))).toBe('clear')
  expect(await rke2(20, 300, start(100))).toEqual([['', 'high', 'certain']])
})

test('others’ certificates, authorities, and a node whose uptime is not known', async () => {
  const old = `started_utc=${endSeconds - 20 * DAY_SECONDS}\n`
  const up = `${old}uptime_seconds=${300 * DAY_SECONDS}\n`
  expect(await foundIn(rule, { [SERVING]: pem, 'meta/node.txt': old })).toBe('unchecked')
  const kubeadm = { 'certs/etc/kubernetes/pki/apiserver.crt': pem, 'meta/node.txt': up }
  expect(await foundIn(rule, kubeadm)).toBe('not-applicable')
  const authority = make('/CN=rke2-server-ca@1', undefined, undefined, undefined, 365).pem
  const ca = { 'certs/var/lib/rancher/rke2/agent/server-ca.crt': authority, 'meta/node.txt': up }
  expect(await foundIn(rule, ca)).toBe('not-applicable')
})
