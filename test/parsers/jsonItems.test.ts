import { expect, test } from 'vitest'
import { criContainers } from '../../analyzer/parsers/criContainers.ts'
import { criPods } from '../../analyzer/parsers/criPods.ts'
import { kubePods } from '../../analyzer/parsers/kubePods.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'

const names = (text: string) => parseText(kubePods, text).value.map(({ name }) => name)

test('a text without line breaks is cited from the name on, in 300 characters', () => {
  const item = { metadata: { labels: { name: 'label' }, name: 'p' }, spec: { note: 'x'.repeat(400) } }
  const [pod] = parseText(kubePods, JSON.stringify({ items: [item] })).value
  expect(pod?.line.number).toBe(1)
  expect(pod?.line.text).toHaveLength(300)
  expect(pod?.line.text).toMatch(/^"name":"p"\},"spec"/)
})

test('a text that was cut off gives the items before the cut', () => {
  const text = '{"items": [\n{"metadata": {"name": "a"}},\n{"metadata": {"name": "b"}, "spec": {'
  const { value, unread } = parseText(kubePods, text)
  expect(value.map(({ name }) => name)).toEqual(['a'])
  expect(unread).toEqual([{ number: 3, text: '{"metadata": {"name": "b"}, "spec": {' }])
})

test('one broken item costs no other', () => {
  const text = '{"items": [\n{"metadata": {"name": "a",}},\n{"metadata": {"name": "b"}},\n{"kind": "Pod"}\n]}'
  const { value, unread } = parseText(kubePods, text)
  expect(value.map(({ name }) => name)).toEqual(['b'])
  expect(unread.map(({ number }) => number)).toEqual([2, 4])
})

test('one object alone is the one item; an empty list has none', () => {
  expect(names('{"kind": "Pod", "metadata": {"name": "a"}}')).toEqual(['a'])
  expect(parseText(kubePods, '{"apiVersion": "v1", "items": [], "kind": "List"}')).toEqual({
    value: [],
    unread: [],
  })
  expect(parseText(kubePods, '')).toEqual({ value: [], unread: [] })
})

test('braces and quotes inside strings, and lists named items inside of items, do not mislead', () => {
  const inner = {
    metadata: { name: 'a}]{"', annotations: { x: '{"items":[{"metadata":{"name":"no"}}]}\\' } },
    items: [{}],
  }
  expect(
    names(JSON.stringify({ metadata: { items: [{}] }, items: [inner, { metadata: { name: 'b' } }] })),
  ).toEqual(['a}]{"', 'b'])
})

test('what is no JSON is unread', () => {
  const said =
    'The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?'
  expect(parseText(kubePods, `${said}\n`)).toEqual({ value: [], unread: [{ number: 1, text: said }] })
})

test('an item of more than 200 levels is unread', () => {
  const deep = `{"metadata": {"name": "a"}, "x": ${'['.repeat(300)}${']'.repeat(300)}}`
  const { value, unread } = parseText(kubePods, `{"items": [${deep}, {"metadata": {"name": "b"}}]}`)
  expect(value.map(({ name }) => name)).toEqual(['b'])
  expect(unread).toHaveLength(1)
})

test('keys of Object.prototype are labels like any other', () => {
  const text = '{"items": [{"metadata": {"name": "a", "labels": {"__proto__": "p", "constructor": "c"}}}]}'
  const [pod] = parseText(kubePods, text).value
  expect([...(pod?.labels ?? [])]).toEqual([
    ['__proto__', 'p'],
    ['constructor', 'c'],
  ])
  expect(parseText(kubePods, '{"items": [{"metadata": {"__proto__": {"name": "a"}}}]}').value).toEqual([])
})

const SANDBOX = '4dd463060739a706ea9dd642e2bd1e61af317576b4ce7d2fe19dcb194cf09bde'

test('pod sandboxes of crictl', () => {
  const text = `{
  "items": [
    {
      "id": "${SANDBOX}",
      "metadata": { "name": "web", "uid": "fa4b93aa", "namespace": "default", "attempt": 1 },
      "state": "SANDBOX_NOTREADY",
      "createdAt": "1795220834123456789",
      "labels": { "app": "web" }
    }
  ]
}`
  expect(parseText(criPods, text).value).toEqual([
    {
      id: SANDBOX,
      namespace: 'default',
      name: 'web',
      podUid: 'fa4b93aa',
      ready: false,
      createdMs: 1795220834123,
      attempt: 1,
      labels: new Map([['app', 'web']]),
      line: { number: 4, text: `      "id": "${SANDBOX}",` },
    },
  ])
})

test('containers of crictl', () => {
  const container = {
    id: 'c1',
    podSandboxId: SANDBOX,
    metadata: { name: 'web', attempt: 2 },
    image: { image: 'localhost/bb:1' },
    state: 'CONTAINER_EXITED',
    createdAt: '1795220834000000000',
    labels: { 'io.kubernetes.pod.name': 'web-1', 'io.kubernetes.pod.namespace': 'default' },
  }
  expect(parseText(criContainers, JSON.stringify({ containers: [container] }, null, 2)).value).toMatchObject([
    {
      id: 'c1',
      podSandboxId: SANDBOX,
      state: 'EXITED',
      attempt: 2,
      podName: 'web-1',
      podNamespace: 'default',
      line: { number: 4 },
    },
  ])
})

test('strings of an item are cited from their own lines, in order, and never from another item', () => {
  const text = JSON.stringify(
    {
      items: [
        { metadata: { name: 'a' }, spec: { containers: [{ env: [{ name: 'DB', value: '10.0.0.7' }] }] } },
        {
          spec: { containers: [{ args: ['10.0.0.8'], env: [{ name: 'DB', value: '10.0.0.8' }] }] },
          metadata: { name: 'b' },
        },
      ],
    },
    null,
    1,
  )
  const lines = parseText(kubePods, text).value.map(({ containers }) =>
    containers.flatMap(({ literals }) => literals.map(({ line }) => line.text.trim())),
  )
  // Of the second the name stands behind all else: what stands before it is cited from there.
  expect(lines).toEqual([['"value": "10.0.0.7"'], ['"name": "b"', '"name": "b"']])
})
