import { expect, test } from 'vitest'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { type YamlConfig, configValue, yamlConfig } from '../../analyzer/parsers/yamlConfig.ts'

const read = (text: string): YamlConfig => parseText(yamlConfig, text).value
const messages = (text: string) => read(text).errors.map(({ message, line }) => `${line.number}: ${message}`)

const K3S = `# agent
node-ip: 192.168.50.11
token: <withheld>
node-label:
  - a=b
  - c=d
kubelet-arg: &args ["max-pods=250"]
again: *args
`

test('reads values and cites their lines', () => {
  const config = read(K3S)
  expect(config.errors).toEqual([])
  expect(config.format).toBe('yaml')
  expect(configValue(config, ['node-ip'])).toEqual({
    value: '192.168.50.11',
    line: { number: 2, text: 'node-ip: 192.168.50.11' },
  })
  expect(configValue(config, ['token'])?.value).toBe('<withheld>')
  expect(configValue(config, ['node-label', 1])).toEqual({
    value: 'c=d',
    line: { number: 6, text: '  - c=d' },
  })
  expect(configValue(config, ['again', 0])).toEqual({
    value: 'max-pods=250',
    line: { number: 8, text: 'again: *args' },
  })
  expect(configValue(config, ['node-label', 2])).toBeUndefined()
  expect(configValue(config, ['node-ip', 'x'])).toBeUndefined()
  expect(config.lines[0]).toEqual({ number: 1, text: '# agent' })
})

test('several documents; the first that has the path counts', () => {
  const config = read('a: 1\n---\r\nb: {c: two}\r\n---\na: 3\n')
  expect(config.documents).toHaveLength(3)
  expect(configValue(config, ['b', 'c'])).toEqual({ value: 'two', line: { number: 3, text: 'b: {c: two}' } })
  expect(configValue(config, ['a'])?.value).toBe(1)
})

test('JSON is YAML', () => {
  expect(
    configValue(read('{"kind": "KubeletConfiguration", "clusterDNS": ["10.96.0.10"]}'), ['clusterDNS', 0])
      ?.value,
  ).toBe('10.96.0.10')
})

test('a tab as indentation, and a key that is there twice, are told with their lines', () => {
  expect(messages('a:\n\tb: 1\n')[0]).toMatch(/^2: Tabs are not allowed as indentation/)
  const twice = parseText(yamlConfig, 'a: 1\nb: 2\na: 3\n')
  expect(twice.value.errors).toMatchObject([{ message: 'the key "a" is there twice', line: { number: 3 } }])
  expect(twice.unread).toEqual([])
  expect(configValue(twice.value, ['a'])).toEqual({ value: 3, line: { number: 3, text: 'a: 3' } })
})

test('environment files and systemd drop-ins are lines', () => {
  const flags = read('KUBELET_KUBEADM_ARGS="--node-ip=192.168.50.11 --v=2"\n')
  expect(flags).toMatchObject({ format: 'environment', documents: [], errors: [] })
  const dropIn = read('# Note\n[Service]\nEnvironment="KUBELET_EXTRA_ARGS=--v=2"\nExecStart=\n')
  expect(dropIn).toMatchObject({ format: 'systemd', documents: [], errors: [] })
  expect(dropIn.lines).toHaveLength(4)
})

test('keys of Object.prototype are keys like any other', () => {
  const config = read('__proto__:\n  polluted: 1\nconstructor: 2\n')
  expect(configValue(config, ['__proto__', 'polluted'])).toMatchObject({ value: 1, line: { number: 2 } })
  expect(configValue(config, ['constructor'])?.value).toBe(2)
  expect(configValue(config, ['toString'])).toBeUndefined()
  expect(Object.prototype).not.toHaveProperty('polluted')
})

test('an alias bomb is cut', () => {
  const levels = Array.from(
    { length: 30 },
    (_, i) =>
      `b${i}: &b${i} [${Array<string>(9)
        .fill(i === 0 ? '1' : `*b${i - 1}`)
        .join(',')}]`,
  )
  expect(messages(levels.join('\n'))[0]).toMatch(/alias \*b\d+ makes the document too large/)
})

test('more than 1,000 aliases, and one that has no anchor before it, give null', () => {
  const config = read(`a: &a x\nb: [${Array<string>(1001).fill('*a').join(', ')}]\n`)
  expect(configValue(config, ['b', 999])?.value).toBe('x')
  expect(configValue(config, ['b', 1000])?.value).toBeNull()
  expect(config.errors).toMatchObject([{ message: 'more than 1000 aliases' }])
  expect(configValue(read('a: &a [*a]\n'), ['a', 0])?.value).toBeNull()
})

test.each([
  ['[', '['.repeat(100_000)],
  ['- ', `${'- '.repeat(100_000)}a`],
  ['? ', `${'? '.repeat(50_000)}a`],
  ['indentation', Array.from({ length: 600 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
])('nesting by %s beyond 200 levels is refused', (_, text) => {
  const config = read(text)
  expect(config.documents).toEqual([])
  expect(config.errors).toMatchObject([{ message: 'nested deeper than 200 levels' }])
})

test('200 levels are read', () => {
  expect(messages(`${'['.repeat(200)}1${']'.repeat(200)}`)).toEqual([])
})

test('a text that no configuration is gives its lines alone', () => {
  const { value, unread } = parseText(yamlConfig, 'a: 1\n'.repeat(60_000))
  expect(value).toMatchObject({ format: 'oversize', documents: [], errors: [] })
  expect(unread).toHaveLength(1000)
})
