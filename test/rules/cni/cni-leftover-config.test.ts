import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/cni/cni-leftover-config.ts'
import { foundIn } from '../../support/foundIn.ts'

const conf = (...types: string[]) => JSON.stringify({ name: 'net', plugins: types.map((type) => ({ type })) })
const containers = (...names: string[]) =>
  JSON.stringify({
    containers: names.map((name, index) => ({
      id: String(index).padStart(64, '0'),
      metadata: { name },
      state: 'CONTAINER_RUNNING',
    })),
  })
const failed = (plugin: string, day = '2026-11-20') =>
  `${day}T23:50:00.000000+0000 node-1 kubelet[812]: failed to setup network for sandbox "5e8d": plugin type="${plugin}" failed (add): stat /var/lib/calico/nodename: no such file or directory\n`

/** Files of /etc/cni/net.d by name, the containers that run, and the kubelet's journal. */
const judged = (confs: Record<string, string>, ps?: string, journal?: string) =>
  foundIn(rule, {
    ...Object.fromEntries(Object.entries(confs).map(([name, text]) => [`cni/net.d/${name}`, text])),
    ...(ps !== undefined && { 'runtime/crictl-ps.json': ps }),
    ...(journal !== undefined && { 'journal/kubelet.txt': journal }),
  })

const TWO = { '10-calico.conflist': conf('calico'), '10-flannel.conflist': conf('flannel') }

test('it is certain only where the runtime is seen to use it, today', async () => {
  const ps = containers('kube-flannel')
  expect(await judged(TWO, ps)).toEqual([['10-calico.conflist', 'high', 'likely']])
  expect(await judged(TWO, ps, failed('calico'))).toEqual([['10-calico.conflist', 'critical', 'certain']])
  expect(await judged(TWO, ps, failed('flannel'))).toEqual([['10-calico.conflist', 'high', 'likely']])
  expect(await judged(TWO, ps, failed('calico', '2026-11-15'))).toEqual([
    ['10-calico.conflist', 'high', 'likely'],
  ])
})

test('a plugin that is not in its folder any more shows the same', async () => {
  const line =
    '2026-11-20T23:50:00.000000+0000 node-1 kubelet[812]: failed to find plugin "calico" in path [/opt/cni/bin]\n'
  expect(await judged(TWO, containers('kube-flannel'), line)).toEqual([
    ['10-calico.conflist', 'critical', 'certain'],
  ])
})

test('where no program is seen at all, the list may be of another runtime', async () => {
  expect(await judged(TWO, containers('web'))).toBe('unchecked')
  expect(await judged(TWO)).toBe('unchecked')
})

test('a standard plugin behind it could do the work without a program', async () => {
  const confs = { '10-calico.conflist': conf('calico'), '20-bridge.conflist': conf('bridge', 'portmap') }
  expect(await judged(confs, containers('web'))).toEqual([['10-calico.conflist', 'high', 'possible']])
})

test('a standard plugin in front may be meant so, unless pods have strange addresses', async () => {
  const confs = { '10-bridge.conflist': conf('bridge'), '20-flannel.conflist': conf('flannel') }
  expect(await judged(confs, containers('web', 'kube-flannel'))).toEqual([
    ['10-bridge.conflist', 'high', 'possible'],
  ])
  expect(await judged(confs, containers('web'))).toBe('clear')
})

test('chained plugins live on with any of their programs', async () => {
  const confs = { '05-chained.conflist': conf('flannel', 'cilium-cni'), '10-calico.conflist': conf('calico') }
  expect(await judged(confs, containers('cilium-agent', 'calico-node'))).toBe('clear')
})

test('nothing is said of plugins that are not known, and of files that cannot be read', async () => {
  const ps = containers('kube-flannel')
  expect(await judged({ '10-azure.conflist': conf('azure-vnet'), ...TWO }, ps)).toBe('unchecked')
  expect(await judged({ '05-old.conflist': '{"name": ', ...TWO }, ps)).toBe('unchecked')
  expect(await judged({ '05-empty.conflist': '{"name": "none", "plugins": []}', ...TWO }, ps)).toBe(
    'unchecked',
  )
})

test('one configuration has nothing in front of it', async () => {
  expect(await judged({ '10-calico.conflist': conf('calico') }, containers('web'))).toBe('not-applicable')
  expect(await judged({}, containers('web'))).toBe('not-applicable')
})
