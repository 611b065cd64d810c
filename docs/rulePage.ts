import type { Rule } from '../analyzer/engine/defineRule.ts'

/** A rule's page: docs/rules/<id>.md, made of the rule's own words. */
export function rulePage(rule: Rule): string {
  const { name, looksFor, why, consequences, commonCauses, mimics, cure } = rule.explain('en')
  const alike = mimics.length === 0 ? 'Nothing known.' : list(mimics)
  const references = rule.references.map(({ title, url }) =>
    url === undefined ? title : `[${title}](${url})`,
  )
  return `# ${rule.id}

${name}. Area: ${rule.area}. Usual severity: ${rule.severity}.

## What it looks for

${looksFor}

## Why it matters

${why}
${section('What it does', consequences)}${section('What brings it about', list(commonCauses))}
## What looks alike and is harmless

${alike}

## How to cure it

${cure}
${section('Where the knowledge comes from', list(references))}`
}

function section(heading: string, words: string): string {
  return words === '' ? '' : `\n## ${heading}\n\n${words}\n`
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n')
}

/** The list of all rules: docs/rules/README.md. */
export function ruleIndex(rules: readonly Rule[]): string {
  const rows = rules.map(
    (rule) =>
      `| [${rule.id}](${rule.id}.md) | ${rule.area} | ${rule.severity} | ${rule.explain('en').name} |`,
  )
  return `# Rules

Made from the rules' own words by \`npm run docs\`.

| rule | area | usual severity | what is wrong |
| --- | --- | --- | --- |
${rows.join('\n')}
`
}
