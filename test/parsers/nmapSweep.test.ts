import { expect, test } from 'vitest'
import { nmapSweep } from '../../analyzer/parsers/nmapSweep.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { fixture } from '../support/fixture.ts'
import { prefix } from '../support/known.ts'

/** As nmap.dtd has it, and as nmap 7.93 writes it. */
const SWEEP = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<?xml-stylesheet href="file:///usr/bin/../share/nmap/nmap.xsl" type="text/xsl"?>
<!-- Nmap 7.93 scan initiated as: nmap -sn -v -oX nmap.xml 192.168.50.11-13 -->
<nmaprun scanner="nmap" args="nmap -sn -v -oX nmap.xml 192.168.50.11-13" start="1795221000" version="7.93" xmloutputversion="1.05">
<verbose level="1"/>
<host><status state="up" reason="localhost-response" reason_ttl="0"/>
<address addr="192.168.50.11" addrtype="ipv4"/>
<hostnames>
</hostnames>
</host>
<host><status state="up" reason="arp-response" reason_ttl="0"/>
<address addr="192.168.50.12" addrtype="ipv4"/>
<address addr="02:00:00:00:00:0C" addrtype="mac" vendor="A &amp; B"/>
<hostnames>
</hostnames>
</host>
<host><status state="down" reason="no-response" reason_ttl="0"/>
<address addr="192.168.50.13" addrtype="ipv4"/>
</host>
<runstats><finished time="1795221001"/><hosts up="2" down="1" total="3"/>
</runstats>
</nmaprun>
`

test('reads hosts that are up and down, with the line of their address', () => {
  const { value, unread } = parseText(nmapSweep, SWEEP)
  expect(unread).toEqual([])
  expect(value).toEqual({
    hosts: [
      {
        addresses: ['192.168.50.11'],
        state: 'up',
        reason: 'localhost-response',
        line: { number: 8, text: '<address addr="192.168.50.11" addrtype="ipv4"/>' },
      },
      {
        addresses: ['192.168.50.12'],
        mac: '02:00:00:00:00:0c',
        state: 'up',
        reason: 'arp-response',
        line: { number: 13, text: '<address addr="192.168.50.12" addrtype="ipv4"/>' },
      },
      {
        addresses: ['192.168.50.13'],
        state: 'down',
        reason: 'no-response',
        line: { number: 19, text: '<address addr="192.168.50.13" addrtype="ipv4"/>' },
      },
    ],
    targets: [],
  })
})

test('what it was told to look for, of real sweeps with and without a list', () => {
  const plain = parseText(nmapSweep, fixture('nmap/pods-plain.xml')).value
  expect(plain.targets).toEqual([prefix('10.244.1.0/29'), prefix('10.244.2.0/29'), prefix('10.244.3.0/29')])
  expect(plain.hosts.map(({ state }) => state)).toEqual(['up', 'up', 'up', 'up'])
  const list = parseText(nmapSweep, fixture('nmap/pods-list.xml')).value
  expect(list.targets).toEqual([])
  expect(list.hosts.map(({ state }) => state)).toEqual(['up', 'up', 'down', 'down', 'up', 'up'])
})

test('one host is a list of one', () => {
  const text =
    '<nmaprun><host><status state="up" reason="echo-reply"/><address addr="2001:DB8::1" addrtype="ipv6"/></host></nmaprun>'
  expect(parseText(nmapSweep, text).value.hosts).toMatchObject([
    { addresses: ['2001:db8::1'], reason: 'echo-reply' },
  ])
})

test.each([
  ['entities', '<!DOCTYPE nmaprun [<!ENTITY a "aaaa">]><nmaprun>&a;</nmaprun>'],
  ['an external document type', '<!DOCTYPE nmaprun SYSTEM "file:///etc/passwd"><nmaprun/>'],
  ['two document types', '<!DOCTYPE nmaprun><!DOCTYPE nmaprun><nmaprun/>'],
  ['text that is no XML', 'Starting Nmap 7.93'],
  ['tags that do not match', '<nmaprun><host></nmaprun></host>'],
  ['an end that is missing', SWEEP.slice(0, 700)],
  ['another root', '<html/>'],
  ['a reserved name', '<nmaprun><__proto__/></nmaprun>'],
  ['a depth of 100,000', `<nmaprun>${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}</nmaprun>`],
])('%s: refused whole, with a reason', (_, text) => {
  const { value, unread } = parseText(nmapSweep, text)
  expect(value.hosts).toEqual([])
  expect(value.error).not.toBe('')
  expect(value.error?.length).toBeLessThan(300)
  expect(unread.length).toBeGreaterThan(0)
})
