// Prints the closing line of a test run from vitest's JSON report, after naming what was skipped.
// In strict mode a skipped test, or a run without any, is a failure.
import { readFileSync } from 'node:fs'

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const tests = report.testResults.flatMap((file) => file.assertionResults)
const skipped = tests.filter(({ status }) => status !== 'passed' && status !== 'failed')
// A file that fails to load has no tests of its own, and must count all the same.
const unloaded = report.testResults.filter(
  (file) => file.status === 'failed' && file.assertionResults.length === 0,
).length
const failed = tests.filter(({ status }) => status === 'failed').length + unloaded
const passed = tests.filter(({ status }) => status === 'passed').length

for (const { fullName } of skipped) console.log(`skipped: ${fullName}`)
console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`)
const strict = process.env.COLDCASE_STRICT === '1'
process.exitCode = failed > 0 || passed === 0 || (strict && skipped.length > 0) ? 1 : 0
