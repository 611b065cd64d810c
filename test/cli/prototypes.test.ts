import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Report } from '../../analyzer/report/report.ts'
import { buildColdcase, runColdcase, scratchFolder } from '../support/coldcase.ts'
import { bundleFiles, tarOf } from '../support/foreignBundle.ts'
import { type ForeignCapture, foreignCaptures } from '../support/foreignCaptures.ts'

const coldcase = buildColdcase()
const folder = scratchFolder()

/** Names that mean something to every JavaScript object. */
const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', '__defineGetter__']

/** What stands for a name in the captures, by path: interfaces, chains, keys, labels, users' names. */
const PLACES: readonly (readonly [path: RegExp, name: RegExp])[] = [
  [/^net\/(?:ip-|bridge-|dev|ethtool)/, /\b(?:cni0|eth0|flannel\.1)\b/g],
  [/^netfilter\/.*save/, /\bKUBE-(?:SERVICES|FORWARD|FIREWALL|POSTROUTING)\b/g],
  [/^netfilter\/(?:nft|ipset)/, /\bKUBE-[A-Z-]+/g],
  [/^sysctl\//, /\b(?:net|cni0|eth0|ip_forward)\b/g],
  [/^kube\/|^runtime\//, /\b(?:app|web|default|labels|kube-system|node-\d)\b/g],
  [/^cni\/net\.d/, /\b(?:cbr0|lab|type|ipam)\b/g],
  [/^meta\/|^net\/hosts/, /\b(?:node-7|iptables|ID)\b/g],
  [/^journal\//, /\b(?:kubelet|kube-proxy|node-\d|err|pod)\b/g],
  [/^extra\/nmap/, /\b(?:arp-response|no-response|localhost-response)\b/g],
]

/** The captures with such names in the place of every second ordinary one, and files named so themselves. */
function hostile(captures: readonly ForeignCapture[]): readonly ForeignCapture[] {
  const renamed = captures.map(({ source, path, command, bytes }) => {
    let text = bytes.toString('latin1')
    let count = 0
    for (const [, name] of PLACES.filter(([of]) => of.test(path))) {
      text = text.replace(name, (word) => {
        count += 1
        return count % 2 === 0 ? word : (NAMES[Math.floor(count / 2) % NAMES.length] ?? word)
      })
    }
    return { source, path, command, bytes: Buffer.from(text, 'latin1') }
  })
  const bytesOf = (path: string) =>
    captures.find((capture) => capture.path === path)?.bytes ?? Buffer.from('')
  const files = NAMES.flatMap((name) => [
    { path: `certs/${name}/${name}.crt`, bytes: bytesOf('certs/etc/kubernetes/pki/ca.crt') },
    { path: `journal/${name}.txt`, bytes: bytesOf('journal/k3s.txt') },
    { path: `cni/ipam/${name}/10.244.9.10`, bytes: bytesOf('cni/ipam/cbr0/10.244.9.10') },
    { path: `cni/net.d/${name}.conflist`, bytes: bytesOf('cni/net.d/10-bridge.conflist') },
    { path: `net/ethtool/${name}.txt`, bytes: bytesOf('net/ethtool/cni0.txt') },
    { path: `sysctl/files/etc/sysctl.d/${name}`, bytes: Buffer.from(`${name}.${name} = ${name}\n`) },
    { path: name, bytes: Buffer.from(name) },
    { path: `${name}/${name}`, bytes: Buffer.from(name) },
  ])
  return [
    ...renamed,
    ...files.map(({ path, bytes }) => ({ source: '__proto__', path, command: 'constructor', bytes })),
  ]
}

/**
 * Nothing can be put on what all objects share, and at the end all of it must be what it was. (It cannot be frozen outright:
 * node-forge gives objects a `toString` of their own by assignment, which an inherited read-only one forbids.)
 */
const GUARDED = `
const shared = Object.getOwnPropertyNames(globalThis)
  .map((name) => Object.getOwnPropertyDescriptor(globalThis, name).value)
  .filter((value) => typeof value === 'function' && value.prototype)
  .map(({ prototype }) => Object.preventExtensions(prototype))
const contents = () => shared.flatMap((prototype) => Object.values(Object.getOwnPropertyDescriptors(prototype)))
const before = contents()
process.on('exit', () => {
  const after = contents()
  const same = ({ value, get, set }, other) => other && value === other.value && get === other.get && set === other.set
  if (before.length !== after.length || !before.every((it, index) => same(it, after[index]))) process.exitCode = 99
})
`

test('names that objects have of their own are names like any other', async () => {
  const bundle = join(folder, 'bundle.tar')
  const preload = join(folder, 'guarded.cjs')
  writeFileSync(bundle, await tarOf(bundleFiles(hostile(foreignCaptures()))))
  writeFileSync(preload, GUARDED)
  const inventory = join(folder, 'nodes.csv')
  writeFileSync(
    inventory,
    `node,address,mac\n${NAMES.map((name, index) => `${name},10.0.3.${index + 1},`).join('\n')}\n`,
  )
  const args = ['analyze', bundle, '--format', 'json', '--quiet', '--inventory', inventory]

  const plain = await runColdcase(coldcase, args)
  expect(plain).toMatchObject({ code: 0, stderr: '' })
  const guarded = await runColdcase(coldcase, args, { node: ['--disable-proto=throw', '--require', preload] })
  expect(guarded).toEqual(plain)

  const report: Report = JSON.parse(plain.stdout)
  expect(report.outcomes.filter(({ state }) => state === 'broken')).toEqual([])
  const paths = report.bundles.flatMap(({ sources }) => sources.map(({ path }) => path))
  expect(paths).toEqual(expect.arrayContaining(NAMES.map((name) => `certs/${name}/${name}.crt`)))
  expect(
    report.bundles.flatMap(({ sources }) => sources.filter(({ unreadLines }) => unreadLines > 0)),
  ).toEqual([])
})
