import { parseArgs } from 'node:util'
import { LANGUAGES, type Language } from '../engine/language.ts'
import type { Severity } from '../engine/outcome.ts'
import { messageOf } from '../text/messageOf.ts'

const FORMATS = ['terminal', 'markdown', 'html', 'json', 'csv'] as const

/** Formats that can be written to standard output. */
export type Format = (typeof FORMATS)[number]

const LATER_FORMATS = ['sarif', 'junit']
const FAIL_ON = ['critical', 'high', 'medium', 'low'] as const satisfies readonly Severity[]

/** Severities that `--fail-on` takes. */
export type FailOn = (typeof FAIL_ON)[number]

/** What `coldcase analyze` was asked for. */
export interface AnalyzeRequest {
  readonly command: 'analyze'
  readonly bundles: readonly string[]
  /** Folder for the report files. */
  readonly out: string
  /** Given on the command line, not the default. */
  readonly outGiven: boolean
  readonly format: Format | undefined
  readonly failOn: FailOn | undefined
  readonly inventory: string | undefined
  readonly language: Language
  readonly quiet: boolean
}

/** What the command line asks for; `usage` is a mistake in it, worded for the user. */
export type Request =
  | AnalyzeRequest
  | { readonly command: 'explain'; readonly rule: string; readonly language: Language }
  | { readonly command: 'rules'; readonly language: Language }
  | { readonly command: 'collector' }
  | { readonly command: 'help' }
  | { readonly command: 'version' }
  | { readonly command: 'usage'; readonly message: string }

/** Reads the arguments behind the program's name. Never throws: what is wrong comes back as `usage`. */
export function readCommandLine(args: readonly string[]): Request {
  const [command, ...rest] = args
  if (rest.length === 1 && isHelp(rest[0])) return { command: 'help' }
  switch (command) {
    case undefined:
    case 'help':
    case '--help':
    case '-h':
      return { command: 'help' }
    case '--version':
    case 'version':
      return { command: 'version' }
    case 'analyze':
      return readAnalyze(rest)
    case 'explain':
      return readExplain(rest)
    case 'rules':
      return readRules(rest)
    case 'collector':
      return rest.length === 0 ? { command } : surplus(command, rest)
    default:
      return usage(`'${command}' is no command; the commands are analyze, explain, rules and collector`)
  }
}

function isHelp(arg: string | undefined): boolean {
  return arg === '--help' || arg === '-h'
}

function usage(message: string): Request {
  return { command: 'usage', message }
}

function surplus(command: string, args: readonly string[]): Request {
  return usage(`\`coldcase ${command}\` takes no arguments, but was given '${args.join(' ')}'`)
}

function readExplain(args: readonly string[]): Request {
  const parsed = parseWords(args)
  if ('message' in parsed) return usage(parsed.message)
  const [rule, ...more] = parsed.positionals
  if (rule === undefined || more.length > 0)
    return usage('`coldcase explain` takes the id of one rule; `coldcase rules` lists them')
  const language = languageOf(parsed.values.lang)
  if (language === undefined) return usage(languageMistake(parsed.values.lang))
  return { command: 'explain', rule, language }
}

function readRules(args: readonly string[]): Request {
  const parsed = parseWords(args)
  if ('message' in parsed) return usage(parsed.message)
  if (parsed.positionals.length > 0) return surplus('rules', parsed.positionals)
  const language = languageOf(parsed.values.lang)
  if (language === undefined) return usage(languageMistake(parsed.values.lang))
  return { command: 'rules', language }
}

function readAnalyze(args: readonly string[]): Request {
  const parsed = parseAnalyzeArgs(args)
  if ('message' in parsed) return usage(parsed.message)
  const { values, positionals } = parsed
  if (values.help) return { command: 'help' }
  const language = languageOf(values.lang)
  if (language === undefined) return usage(languageMistake(values.lang))
  const format = FORMATS.find((known) => known === values.format)
  if (values.format !== undefined && format === undefined) return usage(formatMistake(values.format))
  const failOn = FAIL_ON.find((known) => known === values['fail-on'])
  if (values['fail-on'] !== undefined && failOn === undefined) {
    return usage(`--fail-on takes one of ${FAIL_ON.join(', ')}, not '${values['fail-on']}'`)
  }
  if (values.out === '') return usage('--out takes the name of a folder')
  if (positionals.length === 0)
    return usage(
      '`coldcase analyze` needs at least one bundle: a .tar.gz, a .tar, a folder, or - for standard input',
    )
  if (positionals.filter((name) => name === '-').length > 1)
    return usage("standard input ('-') can be given once")
  return {
    command: 'analyze',
    bundles: positionals,
    out: values.out ?? 'coldcase-report',
    outGiven: values.out !== undefined,
    format,
    failOn,
    inventory: values.inventory,
    language,
    quiet: values.quiet ?? false,
  }
}

function parseAnalyzeArgs(args: readonly string[]) {
  return attempt(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        out: { type: 'string' },
        format: { type: 'string' },
        'fail-on': { type: 'string' },
        lang: { type: 'string' },
        inventory: { type: 'string' },
        quiet: { type: 'boolean', short: 'q' },
        help: { type: 'boolean', short: 'h' },
      },
    }),
  )
}

function parseWords(args: readonly string[]) {
  return attempt(() =>
    parseArgs({ args: [...args], allowPositionals: true, options: { lang: { type: 'string' } } }),
  )
}

/** parseArgs throws on what the user typed; its message names the option, its second sentence is for programmers. */
function attempt<T>(parse: () => T): T | { readonly message: string } {
  try {
    return parse()
  } catch (error) {
    const message = messageOf(error)
    return { message: message.split('. ')[0] ?? message }
  }
}

/** English where none is asked for; undefined where the reports do not know it. */
function languageOf(asked: string | undefined): Language | undefined {
  return asked === undefined ? 'en' : LANGUAGES.find((known) => known === asked)
}

function languageMistake(asked: string | undefined): string {
  return `--lang takes one of ${LANGUAGES.join(', ')}, not '${asked ?? ''}'`
}

function formatMistake(format: string): string {
  if (LATER_FORMATS.includes(format)) {
    return `--format ${format} is not there yet; use --format json, which holds everything`
  }
  return `--format takes one of ${FORMATS.join(', ')}, not '${format}'`
}
