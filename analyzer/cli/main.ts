import collectorScript from '../../collector/collect.sh?raw'
import type { Language } from '../engine/language.ts'
import { rules } from '../rules/index.ts'
import { visible } from '../text/visible.ts'
import { analyzeCommand } from './analyzeCommand.ts'
import { type Request, readCommandLine } from './commandLine.ts'
import { EXIT } from './exitCode.ts'
import { explainRule, listRules } from './explainRule.ts'
import { helpText } from './helpText.ts'
import { UsageError } from './usageError.ts'

/** Does what the command line asks for and gives the exit code. */
async function perform(request: Request): Promise<number> {
  switch (request.command) {
    case 'analyze':
      return await analyzeCommand(request)
    case 'explain':
      return explain(request.rule, request.language)
    case 'rules':
      process.stdout.write(listRules(rules, request.language))
      return EXIT.done
    case 'collector':
      process.stdout.write(collectorScript)
      return EXIT.done
    case 'help':
      process.stdout.write(helpText)
      return EXIT.done
    case 'version':
      process.stdout.write(`coldcase ${COLDCASE_VERSION}\n`)
      return EXIT.done
    case 'usage':
      throw new UsageError(`${request.message} (coldcase --help shows the way)`)
  }
}

function explain(id: string, language: Language): number {
  const rule = rules.find((known) => known.id === id)
  if (rule === undefined) throw new UsageError(`there is no rule '${id}'; \`coldcase rules\` lists them`)
  process.stdout.write(explainRule(rule, language))
  return EXIT.done
}

/** Ends without a verdict. Node's own code for it is 1, which means that something was found. */
function breakOff(reason: string): void {
  process.stderr.write(`coldcase: ${reason}\n`)
  process.exit(EXIT.interrupted)
}

// The reader of our output may close it early (`coldcase rules | head`): the verdict stands all the same.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') breakOff(`the output cannot be written: ${error.message}`)
})

// Warnings that nobody can take are no reason to withhold a report.
process.stderr.on('error', () => {})

process.on('uncaughtException', (error) => breakOff(error.stack ?? error.message))

// Node ends with 0 when nothing is left to wait for. Until a verdict is there, that would be a lie.
process.exitCode = EXIT.interrupted

try {
  process.exitCode = await perform(readCommandLine(process.argv.slice(2)))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`coldcase: ${visible(error.message)}\n`)
  process.exitCode = EXIT.unusable
}
