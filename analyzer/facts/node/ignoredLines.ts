import { available } from '../../engine/availability.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { parseAddress } from '../../net/address.ts'
import { findLookalikes } from '../../parsers/lookalikes.ts'
import { captured } from '../../sources/captured.ts'
import type { Line } from '../../text/line.ts'
import { words } from '../../text/words.ts'
import { captureRows } from './captureRows.ts'
import type { ConfigFault, ConfigFile } from './configFiles.ts'
import type { ConfigReader } from './configReader.ts'

const SYSCTL: ConfigReader = { name: 'systemd-sysctl', grammar: 'sysctl', effect: 'line' }
const RESOLVER: ConfigReader = { name: 'resolver', grammar: 'resolv.conf', effect: 'line' }
const HOSTS: ConfigReader = { name: 'resolver', grammar: 'hosts', effect: 'line' }

/**
 * The line-oriented files that the C library and systemd-sysctl read, with the lines that these pass over without a word to whoever
 * asked: settings without `=` (sysctl.d(5)), name servers and hosts that are no addresses (resolv.conf(5), hosts(5)), and name
 * servers in front of a carriage return. glibc takes that for a part of the address (res_init.c, __inet_aton_exact; checked with
 * glibc 2.36: it falls back to 127.0.0.1), musl does not.
 */
export const ignoredLines = defineNodeFact({
  name: 'lines of configuration that are passed over',
  needs: { captureRows },
  wants: { resolvConf: captured.resolvConf, hosts: captured.hosts },
  compute({ captureRows, resolvConf, hosts }) {
    const files: ConfigFile[] = captureRows
      .filter(({ source, bytes }) => source === 'sysctl-files' && bytes > 0)
      .map(({ path, unread, origin }) => ({
        path: path.slice('sysctl/files'.length),
        reader: SYSCTL,
        faults: unread.map((line) =>
          faultOf(line, 'no setting', { ...origin, line: line.number, text: line.text }),
        ),
      }))
    if (resolvConf !== undefined) {
      const row = captureRows.find(({ path }) => path === resolvConf.path)
      const unread = (row?.unread ?? []).filter(({ text }) => words(text)[0] === 'nameserver')
      const { carriageReturn } = resolvConf.value
      const faults = unread.map((line) => faultOf(line, 'no address', resolvConf.cite(line)))
      if (carriageReturn !== undefined)
        faults.push(returnAfter(carriageReturn, resolvConf.cite(carriageReturn)))
      files.push({ path: '/etc/resolv.conf', reader: RESOLVER, faults })
    }
    if (hosts !== undefined) {
      const unread = hosts.value.filter(({ text }) => isNoHost(text))
      const faults = unread.map((line) => faultOf(line, 'no address', hosts.cite(line)))
      files.push({ path: '/etc/hosts', reader: HOSTS, faults })
    }
    return available(files)
  },
})

function isNoHost(text: string): boolean {
  const [first = ''] = words(text.replace(/#.*/, ''))
  return first !== '' && parseAddress(first.split('%')[0] ?? '') === undefined
}

function faultOf(line: Line, message: string, origin: ConfigFault['origin']): ConfigFault {
  const [odd] = findLookalikes([line])
  if (odd !== undefined)
    return { code: 'lookalike', message, column: odd.column, character: odd.character, origin }
  const column = line.text.length - line.text.trimStart().length + 1
  return { code: 'unexpected', message, column, character: line.text.charAt(column - 1), origin }
}

function returnAfter(line: Line, origin: ConfigFault['origin']): ConfigFault {
  return { code: 'carriage-return', message: '', column: line.text.length + 1, character: '\r', origin }
}
