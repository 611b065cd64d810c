import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cniConf } from '../../analyzer/parsers/cniConf.ts'
import { configText } from '../../analyzer/parsers/configText.ts'
import { criContainers } from '../../analyzer/parsers/criContainers.ts'
import { criPods } from '../../analyzer/parsers/criPods.ts'
import { dockerPs } from '../../analyzer/parsers/dockerPs.ts'
import { etcdStatus } from '../../analyzer/parsers/etcdStatus.ts'
import { ipamReservation } from '../../analyzer/parsers/ipamReservation.ts'
import { json } from '../../analyzer/parsers/json.ts'
import { kubeConfigs } from '../../analyzer/parsers/kubeConfigs.ts'
import { kubeEndpointSlices } from '../../analyzer/parsers/kubeEndpointSlices.ts'
import { kubeEndpoints } from '../../analyzer/parsers/kubeEndpoints.ts'
import { kubeEvents } from '../../analyzer/parsers/kubeEvents.ts'
import { kubeNodes } from '../../analyzer/parsers/kubeNodes.ts'
import { kubePods } from '../../analyzer/parsers/kubePods.ts'
import { kubeServices } from '../../analyzer/parsers/kubeServices.ts'
import { manifest } from '../../analyzer/parsers/manifest.ts'
import { nmapSweep } from '../../analyzer/parsers/nmapSweep.ts'
import { type Parser, parseText } from '../../analyzer/parsers/parser.ts'
import { pemCertificates } from '../../analyzer/parsers/pemCertificates.ts'
import { resolvConf } from '../../analyzer/parsers/resolvConf.ts'
import { configValue, yamlConfig } from '../../analyzer/parsers/yamlConfig.ts'

const PARSERS: readonly (readonly [string, Parser<unknown>])[] = Object.entries({
  cniConf,
  configText,
  criContainers,
  criPods,
  dockerPs,
  etcdStatus,
  ipamReservation,
  json,
  kubeConfigs,
  kubeEndpoints,
  kubeEndpointSlices,
  kubeEvents,
  kubeNodes,
  kubePods,
  kubeServices,
  manifest,
  nmapSweep,
  pemCertificates,
  resolvConf,
  yamlConfig,
})

/** Keys that the readers ask for, and those that hurt careless ones. */
const KEYS = [
  'items',
  'containers',
  'metadata',
  'name',
  'labels',
  'annotations',
  'spec',
  'status',
  'ports',
  'port',
  'plugins',
  'type',
  'ipam',
  'ranges',
  'delegate',
  'subsets',
  'addresses',
  'endpoints',
  'conditions',
  'podIPs',
  'env',
  'taints',
  'id',
  'series',
  'members',
  'peerURLs',
  'Status',
  'errors',
  '__proto__',
  'constructor',
  'toString',
] as const

const document = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom('10.0.0.1', 'None', '2026-99-99T00:00:00Z', '', null, 1e308, -1, true),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie('value'), { maxKeys: 6 }),
  ),
})).value

const PIECES = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '\n',
  '\r\n',
  '\t',
  ' ',
  '- ',
  '? ',
  '|',
  '>',
  '&a ',
  '*a',
  '!!map ',
  '%',
  '---\n',
  '-----BEGIN CERTIFICATE-----\n',
  '-----END CERTIFICATE-----\n',
  'MIIB',
  '<nmaprun>',
  '<host>',
  '</host>',
  '</nmaprun>',
  '<!--',
  '<!DOCTYPE nmaprun>',
  '<address addr="10.0.0.1"/>',
  '"items"',
  '"metadata"',
  '"name"',
  '# coldcase-bundle 1\n',
  'ok',
  '\u0000',
  '\ud800',
  '\ufeff',
  '\ufffd',
  'a',
  '1',
  '<<: ',
  '10.0.0.1',
  'Up 1',
  '__proto__',
  '=',
] as const

const pieces = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((parts) => parts.join(''))
const listed = fc
  .array(document, { maxLength: 3 })
  .map((items) => JSON.stringify({ items, containers: items }))
const cut = fc.tuple(listed, fc.nat(400)).map(([text, length]) => text.slice(0, length))
const anything = fc.oneof(
  pieces,
  listed,
  cut,
  document.map((value) => JSON.stringify(value) ?? ''),
  fc.string({ unit: 'binary' }),
)

describe.each(PARSERS)('%s', (_, parser) => {
  test('no text makes it throw', () => {
    fc.assert(
      fc.property(anything, (text) => {
        expect(() => parseText(parser, text)).not.toThrow()
      }),
      { numRuns: 1500 },
    )
  })
})

test('no path makes the look-up of a setting throw', () => {
  const path = fc.array(fc.oneof(fc.constantFrom<string | number>(...KEYS), fc.nat(3)), { maxLength: 4 })
  fc.assert(
    fc.property(anything, path, (text, keys) => {
      const { value } = parseText(yamlConfig, text)
      expect(() => configValue(value, keys)).not.toThrow()
    }),
    { numRuns: 1500 },
  )
})
