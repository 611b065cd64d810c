import type { SourceRow } from '../bundle/bundle.ts'
import type { Language } from '../engine/language.ts'
import type { Area, Confidence, Severity } from '../engine/outcome.ts'
import type { CertificateSpan } from './figure.ts'
import type { CellState } from './matrix.ts'
import { english } from './words.en.ts'
import { chinese } from './words.zh.ts'

/**
 * Every word that the reports say of their own, in one language. What comes from a bundle, or from a rule, is handed in as text;
 * `where` is nodes in one phrase, as `namedNodes` makes it.
 */
export interface ReportWords {
  /** BCP 47, for HTML. */
  readonly tag: string

  /** Names in a sentence: `a`, `a and b`, `a, b and c`. */
  readonly listed: (items: readonly string[]) => string
  /** Nodes by name up to four, then by number: `node-1 and node-2`, `14 nodes`. */
  readonly namedNodes: (nodes: readonly string[]) => string
  /** Whole sentences one after another. */
  readonly sentences: (sentences: readonly string[]) => string
  /** Names side by side: `node-1, node-2`. */
  readonly names: (items: readonly string[]) => string
  /** Clauses of one line: `3 sources, 812 bytes`. */
  readonly clauses: (clauses: readonly string[]) => string
  /** A size for people. */
  readonly bytes: (count: number) => string
  /** Behind a text that was cut. */
  readonly moreCharacters: (count: number) => string

  readonly areas: Readonly<Record<Area, string>>
  readonly severities: Readonly<Record<Severity, string>>
  /** What each means to traffic. */
  readonly severityMeanings: Readonly<Record<Severity, string>>
  readonly confidences: Readonly<Record<Confidence, string>>
  /** What each rests on. */
  readonly confidenceMeanings: Readonly<Record<Confidence, string>>
  readonly statuses: Readonly<Record<SourceRow['status'], string>>

  readonly headline: {
    readonly noBundle: string
    readonly faults: (count: number, where: string) => string
    readonly causes: (causes: number, findings: number, where: string) => string
    readonly nothingChecked: (nodes: number) => string
    readonly nothingWrong: (nodes: number) => string
    readonly nothingUrgent: (nodes: number, minor: number) => string
    readonly unchecked: (verdict: string, checks: number) => string
  }

  readonly bundle: {
    /** What leads the list of a bundle's problems. */
    readonly incomplete: (id: string) => string
    /** The same of one that is whole all the same, such as one made by hand. */
    readonly about: (id: string) => string
    /** A sentence about files: the first of them, and how many there are. */
    readonly problemOf: (sentence: string, files: readonly string[], count: number) => string
    /** An input that is no bundle. */
    readonly notRead: (file: string) => string
  }

  readonly finding: {
    /** Stands behind the severity. */
    readonly grade: (confidence: string, where: string) => string
    /** Stands behind the grade. */
    readonly byRule: (rule: string) => string
    readonly severity: string
    readonly confidence: string
    readonly nodes: (count: number) => string
    readonly rule: string
    readonly evidence: string
    readonly ruledOut: string
    readonly remedy: string
    readonly verify: string
    /** A heading on the line of what follows. */
    readonly lead: (heading: string) => string
    readonly line: string
    readonly wholeFile: string
    readonly noteOfLine: (line: number, note: string) => string
    readonly fileOf: (path: string, bundle: string) => string
    readonly moreLines: (count: number) => string
    readonly explains: (label: string) => string
    readonly explainsOthers: (count: number) => string
    readonly explainsToo: (labels: readonly string[]) => string
    readonly explainedBy: (label: string) => string
    readonly minor: (title: string, severity: string, confidence: string) => string
  }

  /** Of a symptom whose cause was not found. */
  readonly suspicion: {
    readonly heading: string
    readonly noCause: string
    readonly notLooked: (rule: string, reason: string) => string
    readonly notLookedMore: (count: number) => string
    readonly collect: string
    readonly notThere: (rules: readonly string[]) => string
  }

  readonly sections: {
    readonly causes: (count: number) => string
    readonly found: string
    readonly alsoFound: string
    readonly matrix: string
    readonly figures: string
    readonly unchecked: string
    readonly nothingUnchecked: string
    readonly sources: string
    readonly bundles: string
  }

  readonly checks: {
    readonly area: string
    /** A cell of the matrix where something was found, before the labels. */
    readonly found: string
    /** Before the count of what was not checked. */
    readonly partly: string
    readonly notChecked: (count: number) => string
    readonly cells: Readonly<Record<Exclude<CellState, 'found' | 'partly'>, string>>
    readonly made: (clear: number, notApplicable: number) => string
    /** What was made, as the end of the report. */
    readonly allMade: (made: string) => string
    readonly missing: (made: string, count: number, reasons: readonly string[]) => string
    readonly reason: (reason: string, checks: number, where: string) => string
    readonly moreReasons: (count: number) => string
    readonly looked: (clear: number, notApplicable: number) => string
    readonly onNodes: (where: string) => string
    /** Rules and nodes that share a reason. */
    readonly sharedReason: (reason: string, rules: readonly string[], nodes: readonly string[]) => string
  }

  readonly header: {
    readonly report: string
    readonly collected: (time: string) => string
    readonly collectedBetween: (from: string, to: string) => string
    readonly lesserFindings: (count: number) => string
    readonly alsoExplains: (count: number) => string
    readonly nodes: string
    readonly quietNodes: (count: number, othersAreNamed: boolean) => string
    readonly nothingFound: string
    readonly findings: (count: number) => string
    readonly checksNotMade: (count: number) => string
    readonly bundleIncomplete: string
  }

  readonly sources: {
    readonly of: (bundle: string) => string
    readonly count: (count: number) => string
    readonly withLosses: (count: number) => string
    readonly intro: string
    readonly columns: { readonly source: string; readonly status: string; readonly size: string }
    readonly cutOnNode: (size: string) => string
    readonly beyondLimit: (size: string) => string
    readonly notUnderstood: (lines: number) => string
    readonly unknownKind: (size: string) => string
    readonly notRead: (size: string) => string
  }

  readonly bundleTable: {
    readonly node: string
    readonly collected: string
    readonly sources: string
    readonly file: string
    readonly notKnown: string
  }

  readonly figures: {
    readonly rulesPerNode: string
    readonly rules: (count: number, isOutlier: boolean) => string
    readonly certificates: string
    readonly certificatesCaption: string
    readonly bundleTaken: (day: string) => string
    readonly ends: Readonly<Record<CertificateSpan['state'], (day: string) => string>>
    readonly pools: string
    readonly poolsCaption: string
    readonly poolUse: (used: number, capacity: number, leaked: number) => string
    readonly moreNodes: (count: number) => string
    readonly moreCertificates: (count: number) => string
    readonly morePools: (count: number) => string
  }

  readonly footer: {
    readonly meanings: (subject: string, pairs: readonly (readonly [string, string])[]) => string
    readonly madeBy: (tool: string, version: string, bundles: number) => string
    readonly collected: (time: string) => string
    readonly timeUnknown: string
  }

  /** The button beside a command. */
  readonly copy: { readonly offer: string; readonly done: string; readonly selected: string }
  /** Where the report lies, on the terminal. */
  readonly reportAt: (path: string) => string
}

const words: Readonly<Record<Language, ReportWords>> = { en: english, zh: chinese }

/** The words of the reports in a language. */
export function reportWords(language: Language): ReportWords {
  return words[language]
}
