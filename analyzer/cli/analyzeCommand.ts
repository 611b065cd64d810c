import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { analyze } from '../analyze.ts'
import type { BundleInput } from '../bundle/bundleInput.ts'
import { type InventoryNode, inventory } from '../parsers/inventory.ts'
import { renderCsv } from '../report/csv.ts'
import { renderHtml } from '../report/html/renderHtml.ts'
import { renderJson } from '../report/json.ts'
import { renderMarkdown } from '../report/markdown.ts'
import { problemSentences } from '../report/problemSentences.ts'
import type { RejectedInput, Report } from '../report/report.ts'
import { renderTerminal } from '../report/terminal.ts'
import { reportWords } from '../report/words.ts'
import { messageOf } from '../text/messageOf.ts'
import { visible } from '../text/visible.ts'
import type { AnalyzeRequest, Format } from './commandLine.ts'
import { EXIT, exitCode } from './exitCode.ts'
import { keepHeapSmall } from './keepHeapSmall.ts'
import { makeFolder } from './makeFolder.ts'
import { nodeHost } from './nodeHost.ts'
import { openInput } from './openInput.ts'
import { openProgress } from './progress.ts'
import { UsageError } from './usageError.ts'
import { writeFileWhole } from './writeFileWhole.ts'

const NARROWEST_COLUMNS = 60
const WIDEST_COLUMNS = 120
/** Where nothing is known of the width. */
const USUAL_COLUMNS = 100

/**
 * `coldcase analyze`: reads, judges, writes. Gives the exit code. Throws `UsageError` where the user must mend something
 * before anything can be done.
 */
export async function analyzeCommand(request: AnalyzeRequest): Promise<number> {
  const known = request.inventory === undefined ? [] : await readInventory(request.inventory)
  const { inputs, rejected } = await openInputs(request.bundles)
  if (inputs.length > 1) keepHeapSmall()
  const progress = openProgress(process.stderr, request.quiet, Date.now)
  const report = await analyze(inputs, nodeHost, {
    language: request.language,
    inventory: known,
    onInput: progress.reading,
    onBytes: progress.bytesRead,
  })
  progress.done()
  const whole: Report = { ...report, rejected: [...rejected, ...report.rejected] }
  for (const { file, message } of whole.rejected) say(`${file}: ${message.en}`)
  if (whole.bundles.length === 0) return EXIT.unusable
  sayProblems(whole)
  if (request.outGiven && request.format !== undefined) {
    say(`--out has no effect with --format: nothing was written to ${request.out}`)
  }
  await (request.format === undefined
    ? writeReports(whole, request.out)
    : print(await render(whole, request.format)))
  const everythingRead = whole.rejected.length === 0 && whole.bundles.every(({ complete }) => complete)
  return exitCode(whole.outcomes, everythingRead, request.failOn)
}

async function openInputs(names: readonly string[]) {
  const inputs: BundleInput[] = []
  const rejected: RejectedInput[] = []
  for (const name of names) {
    const opened = await openInput(name)
    if (opened.kind === 'unreadable') rejected.push({ file: opened.file, message: opened.message })
    else inputs.push(opened)
  }
  return { inputs, rejected }
}

async function readInventory(path: string): Promise<readonly InventoryNode[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UsageError(`the inventory ${path} cannot be read: ${messageOf(error)}`)
  })
  const { value, unread } = inventory.parse(text)
  if (value.length === 0) {
    throw new UsageError(
      `the inventory ${path} names no node: it needs a header row with the columns node and address`,
    )
  }
  for (const line of unread)
    say(`${path}:${line.number}: no node and address in this row, or a mac that is none; it is left out`)
  return value
}

function say(text: string): void {
  process.stderr.write(`coldcase: ${visible(text)}\n`)
}

function sayProblems(report: Report): void {
  for (const bundle of report.bundles) {
    for (const sentence of problemSentences(bundle.problems, 'en')) say(`${bundle.file}: ${sentence}`)
  }
}

async function render(report: Report, format: Format): Promise<string> {
  switch (format) {
    case 'terminal':
      return renderTerminal(report, terminalStyle())
    case 'markdown':
      return renderMarkdown(report)
    case 'html':
      return await renderHtml(report)
    case 'json':
      return renderJson(report)
    case 'csv':
      return renderCsv(report)
  }
}

async function writeReports(report: Report, folder: string): Promise<void> {
  const html = join(folder, 'report.html')
  try {
    await makeFolder(folder)
    await writeFileWhole(join(folder, 'report.json'), renderJson(report))
    await writeFileWhole(join(folder, 'report.md'), renderMarkdown(report))
    await writeFileWhole(html, await renderHtml(report))
  } catch (error) {
    throw new UsageError(
      `the report cannot be written to ${folder}; name another folder with --out (${messageOf(error)})`,
    )
  }
  await print(renderTerminal(report, terminalStyle()))
  await print(`\n${reportWords(report.language).reportAt(html)}\n`)
}

function terminalStyle() {
  const told = process.stdout.columns ?? 0
  const columns = told > 0 ? Math.min(WIDEST_COLUMNS, Math.max(NARROWEST_COLUMNS, told)) : USUAL_COLUMNS
  return { color: process.stdout.isTTY && process.env['NO_COLOR'] === undefined, columns }
}

/**
 * Waits until everything is handed over: a report cut short by the process's end would look whole. What cannot be written is
 * an `error` of the stream, for its owner to judge.
 */
function print(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, () => resolve())
  })
}
