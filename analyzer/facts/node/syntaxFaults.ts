import { findCorefileFault } from '../../parsers/corefileSyntax.ts'
import { parseJsonText } from '../../parsers/jsonText.ts'
import { type OffsetFault, type SyntaxFault, syntaxFaultAt } from '../../parsers/syntaxFault.ts'
import { readSystemdUnit } from '../../parsers/systemdUnit.ts'
import { readToml } from '../../parsers/tomlSyntax.ts'
import { parseYamlText } from '../../parsers/yamlText.ts'
import type { Line } from '../../text/line.ts'
import { lineFinder } from '../../text/lineFinder.ts'
import type { ConfigGrammar } from './configReader.ts'

/** Where a text breaks a grammar; `lines` are its lines. An empty text breaks none but that of JSON. */
export function syntaxFaults(
  grammar: ConfigGrammar,
  text: string,
  lines: readonly Line[],
): readonly SyntaxFault[] {
  switch (grammar) {
    case 'yaml':
      return yamlFaults(text)
    case 'json':
      return jsonFaults(text)
    case 'toml':
      return listed(text, readToml(text).fault)
    case 'Corefile':
      return listed(text, findCorefileFault(text))
    case 'systemd':
      return readSystemdUnit(lines).faults
    default:
      // Lines that cannot be read are passed over by their readers; the parsers of these sources list them.
      return []
  }
}

function jsonFaults(text: string): readonly SyntaxFault[] {
  const { error } = parseJsonText(text)
  return error === undefined ? [] : [error]
}

/** The components take JSON in place of YAML, with tabs and all. A byte order mark is part of neither, and YAML allows one. */
function yamlFaults(text: string): readonly SyntaxFault[] {
  const content = text.startsWith('\ufeff') ? text.slice(1) : text
  if (/^\s*\{/.test(content) && jsonFaults(content).length === 0) return []
  return parseYamlText(content).errors
}

function listed(text: string, fault: OffsetFault | undefined): readonly SyntaxFault[] {
  return fault === undefined ? [] : [syntaxFaultAt(text, fault, lineFinder(text))]
}
