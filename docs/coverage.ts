import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Rule } from '../analyzer/engine/defineRule.ts'
import { rules } from '../analyzer/rules/index.ts'
import { scenarios as inNamespaces } from '../fixtures/lab/scenarios/index.ts'
import { scenarios as inMachines } from '../fixtures/lab/vm/scenarios/index.ts'
import { type FieldReport, fieldReports } from './fieldReports.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FAULTS = join(ROOT, 'fixtures/faults')

/** What stands behind a rule. */
export interface RuleCoverage {
  readonly rule: Rule
  /** Cases of its own folder in which it finds its fault. */
  readonly faults: readonly string[]
  /** Cases of its own folder that look like its fault and are none. */
  readonly nearMisses: readonly string[]
  /** Scenarios in network namespaces, and in virtual machines, in which it finds its fault. */
  readonly namespaces: readonly string[]
  readonly machines: readonly string[]
  /** Ids of the field reports that it answers. */
  readonly reports: readonly string[]
  /** Its own test file is there. */
  readonly hasTest: boolean
}

/** What stands behind every rule, from the fixtures as they lie in the tree. */
export function gatherCoverage(): readonly RuleCoverage[] {
  const tests = new Set(
    readdirSync(join(ROOT, 'test/rules'), { recursive: true, encoding: 'utf8' }).map((path) =>
      basename(path),
    ),
  )
  return rules.map((rule) => {
    const { id } = rule
    const cases = casesOf(id)
    return {
      rule,
      faults: cases.filter(({ outcomes }) => finds(id, outcomes)).map(({ name }) => name),
      nearMisses: cases.map(({ name }) => name).filter((name) => name.startsWith('near-miss-')),
      namespaces: inNamespaces.filter(({ outcomes }) => finds(id, outcomes)).map(({ name }) => name),
      machines: inMachines.filter(({ outcomes }) => finds(id, outcomes)).map(({ name }) => name),
      reports: fieldReports.filter((report) => answered(report).includes(id)).map((report) => report.id),
      hasTest: tests.has(`${id}.test.ts`),
    }
  })
}

/** Ids of rules that the field reports ask for and that do not exist. */
export function missingRules(): readonly string[] {
  const known = new Set(rules.map(({ id }) => id))
  const asked = new Set(fieldReports.flatMap(answered))
  return [...asked].filter((id) => !known.has(id)).toSorted()
}

interface Case {
  readonly name: string
  readonly outcomes: Readonly<Record<string, string>>
}

function casesOf(rule: string): readonly Case[] {
  const folder = join(FAULTS, rule)
  if (!existsSync(folder)) return []
  return readdirSync(folder).map((name): Case => {
    const { outcomes } = JSON.parse(readFileSync(join(folder, name, 'case.json'), 'utf8'))
    return { name, outcomes }
  })
}

function finds(rule: string, outcomes: Readonly<Record<string, string>>): boolean {
  return Object.entries(outcomes).some(
    ([id, state]) => id.startsWith(`${rule}:`) && state.startsWith('found'),
  )
}

function answered({ situations }: FieldReport): readonly string[] {
  return situations.flatMap((situation) => situation.rules)
}

/** The page: rules by what proves them, and field reports by the rules that answer them. */
export function coveragePage(): string {
  const missing = new Set(missingRules())
  const named = (id: string) => (missing.has(id) ? `${id} (not there yet)` : `[${id}](rules/${id}.md)`)
  const rows = gatherCoverage().map(({ rule, faults, nearMisses, namespaces, machines, reports }) => [
    named(rule.id),
    String(faults.length),
    String(nearMisses.length),
    namespaces.join(', '),
    machines.join(', '),
    reports.join(', '),
  ])
  const situations = fieldReports.flatMap(({ id, situations }) =>
    situations.map(({ tells, rules }) => [id, tells, rules.map(named).join(', ')]),
  )
  const blocks = [
    '# Coverage',
    'Made by `npm run docs` from what lies in `fixtures/`: in which cases a rule finds its fault, in how many it is led into temptation and keeps silent (near misses), and in which scenarios of the lab, network namespaces and virtual machines, it finds a fault that was made.',
    table(['rule', 'fault cases', 'near misses', 'namespaces', 'virtual machines', 'field reports'], rows),
    '## Field reports',
    fieldReports.map(({ id, title }) => `- ${id}: ${title}`).join('\n'),
    table(['report', 'what it tells', 'rules'], situations),
  ]
  return `${blocks.join('\n\n')}\n`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
