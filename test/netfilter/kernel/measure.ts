import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { PROBES, type Sent } from './packets.ts'

/** Rules to be loaded, as the tools read them; '' leaves a tool alone. */
export interface RuleSet {
  /** For `iptables-nft-restore`. */
  readonly nftRules: string
  /** For `iptables-legacy-restore`. */
  readonly legacyRules: string
  /** For `nft -f`. */
  readonly native: string
}

/** What the kernel made of the packets, and what the tools print of the rules. */
export interface Measurement {
  /** Whether each packet came through all rules, in the order of PROBES. */
  readonly passed: readonly boolean[]
  /** Of `iptables-nft-save`, `iptables-legacy-save` and `nft -a list ruleset`. */
  readonly nftSave: string
  readonly legacySave: string
  readonly ruleset: string
}

/** Counts the packets behind all other rules, and those that arrive before them. */
const COUNTERS = [
  'table inet oracle {',
  ...counting('forward', -1000, 'a'),
  ...counting('forward', 1000, 'p'),
  ...counting('input', -1000, 'a'),
  ...counting('input', 1000, 'p'),
  '}',
].join('\n')

function counting(hook: Sent['hook'], priority: number, name: string): readonly string[] {
  const rules = PROBES.flatMap((probe, at) =>
    probe.hook === hook ? [`${matchOf(probe)} counter comment "${name}${at}"`] : [],
  )
  return [
    `chain ${hook}-${name} { type filter hook ${hook} priority ${priority}; policy accept;`,
    ...rules,
    '}',
  ]
}

function matchOf({ source, destination, protocol, port }: Sent): string {
  return `ip saddr ${source} ip daddr ${destination} ${protocol} dport ${port}`
}

/** Sends every packet once on SIGUSR1, and says so: TCP's first segment, which nobody answers, or a datagram. */
const SENDER = `
const { createSocket } = require('node:dgram')
const { connect } = require('node:net')
const { writeFileSync } = require('node:fs')
const probes = ${JSON.stringify(PROBES)}
process.on('SIGUSR1', async () => {
  const open = []
  await Promise.all(probes.map(({ source, destination, protocol, port }) => new Promise((done) => {
    if (protocol === 'tcp') {
      const socket = connect({ host: destination, port, localAddress: source })
      socket.on('error', () => {})
      open.push(() => socket.destroy())
      setTimeout(done, 20)
      return
    }
    const socket = createSocket('udp4')
    socket.on('error', () => {})
    open.push(() => socket.close())
    socket.bind(0, source, () => socket.send('x', port, destination, () => done()))
  })))
  setTimeout(() => { open.forEach((close) => close()); writeFileSync('sent', 'sent\\n') }, 20)
})
setInterval(() => {}, 1000)
writeFileSync('sent', 'ready\\n')
`

const SETUP = `
set -e
ip link set lo up
unshare -n node -e "$SENDER" &
sender=$!
trap 'kill $sender 2>/dev/null' EXIT
read _ < sent
ip link add eth0 type veth peer name peer0
ip link set peer0 netns $sender
ip addr add 10.1.0.1/24 dev eth0
ip link set eth0 up
ip link add eth1 type veth peer name peer1
ip addr add 10.2.0.1/24 dev eth1
ip link set eth1 up
ip link set peer1 up
for host in 2 9; do ip neigh add 10.2.0.$host lladdr 02:00:00:00:00:0$host dev eth1 nud permanent; done
sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.icmp_ratemask=0
nsenter -t $sender -n sh -c 'ip link set lo up; ip addr add 10.1.0.2/24 dev peer0; ip addr add 10.1.0.3/24 dev peer0; ip link set peer0 up; ip route add default via 10.1.0.1'
`

/** Legacy tables stay once they are there. */
const NO_RULES = ['filter', 'mangle']
  .map((table) => [`*${table}`, ':INPUT ACCEPT', ':FORWARD ACCEPT', ':OUTPUT ACCEPT', 'COMMIT'].join('\n'))
  .join('\n')

/** Rules are loaded together with the counters, so that both see the same packets; what the tools print comes between marks. */
function loading({ nftRules, legacyRules, native }: RuleSet): string {
  return `
nft flush ruleset
iptables-legacy-restore <<'RULES'
${legacyRules === '' ? NO_RULES : legacyRules}
RULES
${nftRules === '' ? '' : `iptables-nft-restore <<'RULES'\n${nftRules}\nRULES`}
nft -f - <<'RULES'
${native}
${COUNTERS}
RULES
kill -USR1 $sender
read _ < sent
nft list table inet oracle
echo '### nft-save'
${nftRules === '' ? ':' : 'iptables-nft-save -c'}
echo '### legacy-save'
${legacyRules === '' ? ':' : 'iptables-legacy-save -c'}
echo '### ruleset'
nft delete table inet oracle
nft -a list ruleset 2>/dev/null
echo '### end'
`
}

/** Loads each rule set into a network namespace of its own kernel and sends the packets through it. Rejects where a tool complains. */
export async function measure(sets: readonly RuleSet[]): Promise<readonly Measurement[]> {
  const folder = mkdtempSync(join(tmpdir(), 'coldcase-kernel-'))
  try {
    const rootless = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']
    const child = spawn('unshare', [...rootless, '--net', '--kill-child', '--fork', 'sh', '-s'], {
      cwd: folder,
      env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, SENDER },
    })
    child.stdin.on('error', () => {})
    child.stdin.end(['mkfifo sent', SETUP, ...sets.map(loading), 'exit 0'].join('\n'))
    const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
    const parts = out.split('### end\n').slice(0, -1)
    if (parts.length !== sets.length) throw new Error(`set ${parts.length + 1} was not loaded: ${errors}`)
    return parts.map(readPart)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readPart(part: string): Measurement {
  const [counters = '', nftSave = '', legacySave = '', ruleset = ''] = part.split(
    /^### (?:nft-save|legacy-save|ruleset)\n/m,
  )
  const arrived = PROBES.map((_, at) => counted(counters, `a${at}`))
  if (arrived.includes(false)) throw new Error(`packets did not arrive: ${arrived.join(' ')}`)
  return { passed: PROBES.map((_, at) => counted(counters, `p${at}`)), nftSave, legacySave, ruleset }
}

function counted(counters: string, name: string): boolean {
  const line = counters.split('\n').find((it) => it.includes(`comment "${name}"`)) ?? ''
  return !line.includes('counter packets 0 bytes 0')
}
