import { expect, test } from 'vitest'
import { dockerPs } from '../../analyzer/parsers/dockerPs.ts'
import { kubeConfigs } from '../../analyzer/parsers/kubeConfigs.ts'
import { manifest } from '../../analyzer/parsers/manifest.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'

const HEADER = 'source\tpath\tstatus\texit\tms\tbytes\tdropped\tsha256\tcommand'
const SHA = 'ab'.repeat(32)

test('reads a manifest', () => {
  const ok = `ip-addr\tnet/ip-addr.txt\tok\t0\t4\t1663\t0\t${SHA}\tip -d addr show`
  const absent = 'nft-ruleset\tnetfilter/nft-ruleset.txt\tabsent\t-\t-\t-\t-\t-\t-'
  const { value, unread } = parseText(manifest, `# coldcase-bundle 1\n${HEADER}\n${ok}\n${absent}\n`)
  expect(unread).toEqual([])
  expect(value).toEqual({
    version: 1,
    rows: [
      {
        source: 'ip-addr',
        path: 'net/ip-addr.txt',
        status: 'ok',
        exitCode: 0,
        milliseconds: 4,
        bytes: 1663,
        dropped: 0,
        sha256: SHA,
        command: 'ip -d addr show',
        line: { number: 3, text: ok },
      },
      {
        source: 'nft-ruleset',
        path: 'netfilter/nft-ruleset.txt',
        status: 'absent',
        dropped: 0,
        command: '',
        line: { number: 4, text: absent },
      },
    ],
  })
})

test('an unknown status and another number of columns are unread; quotes and CRLF do no harm', () => {
  const rows = [
    `"a\tp1\tok\t0\t1\t2\t3\t-\tgrep "x`,
    'a\tp2\tfine\t0\t1\t2\t3\t-\tc',
    'a\tp3\tok\t0',
    'a\tp4\tok\t0\t1\t2\t3\t-\tc\td',
    '__proto__\t__proto__\ttimeout\t124\t1\t2\t3\t-\tc',
  ]
  const { value, unread } = parseText(manifest, ['# coldcase-bundle 2', HEADER, ...rows, ''].join('\r\n'))
  expect(value.version).toBe(2)
  expect(value.rows.map(({ source, path, exitCode, dropped }) => [source, path, exitCode, dropped])).toEqual([
    ['"a', 'p1', 0, 3],
    ['__proto__', '__proto__', 124, 3],
  ])
  expect(unread.map(({ number }) => number)).toEqual([4, 5, 6])
})

test('a first line without a version', () => {
  expect(parseText(manifest, `${HEADER}\n`).value).toEqual({ version: undefined, rows: [] })
  expect(parseText(manifest, '').value).toEqual({ version: undefined, rows: [] })
})

test('reads kubeconfigs with and without their header', () => {
  const row = `/etc/kubernetes/kubelet.conf\thttps://192.168.50.11:6443\t${SHA.toUpperCase()}\tclient-certificate`
  const entry = {
    path: '/etc/kubernetes/kubelet.conf',
    server: 'https://192.168.50.11:6443',
    caSha256: SHA,
    userKind: 'client-certificate',
  }
  expect(parseText(kubeConfigs, `path\tserver\tca_sha256\tuser_kind\n${row}\n`)).toEqual({
    value: [{ ...entry, line: { number: 2, text: row } }],
    unread: [],
  })
  expect(parseText(kubeConfigs, row).value).toMatchObject([entry])
  const fingerprint = `sha256 Fingerprint=${'AB:'.repeat(31)}AB`
  expect(parseText(kubeConfigs, `/a\t-\t${fingerprint}\t-\n`).value).toMatchObject([
    { server: '', caSha256: SHA, userKind: '' },
  ])
  expect(parseText(kubeConfigs, 'nothing\n').unread).toHaveLength(1)
})

const ID = '7f6c1fd61b2e5f0b7e0f4b1a3c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d'

test('reads the table of docker ps, ports or not', () => {
  const table = [
    'CONTAINER ID                                                       IMAGE                       COMMAND                  CREATED       STATUS                     PORTS                  NAMES',
    `${ID}   registry.k8s.io/pause:3.6   "/pause"                 2 hours ago   Up 2 hours                                        k8s_POD_web-zjdt5_default_fa4b93aa_0`,
    `${ID.replace('7', '8')}   nginx                       "/a.sh   Up nginx -g"    3 days ago    Exited (137) 2 hours ago   0.0.0.0:80->80/tcp     web,other/alias`,
    'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
  ]
  const { value, unread } = parseText(dockerPs, table.join('\n'))
  expect(value).toEqual([
    {
      id: ID,
      image: 'registry.k8s.io/pause:3.6',
      status: 'Up 2 hours',
      running: true,
      names: ['k8s_POD_web-zjdt5_default_fa4b93aa_0'],
      line: { number: 2, text: table[1] },
    },
    {
      id: ID.replace('7', '8'),
      image: 'nginx',
      status: 'Exited (137) 2 hours ago',
      running: false,
      names: ['web', 'other/alias'],
      line: { number: 3, text: table[2] },
    },
  ])
  expect(unread.map(({ number }) => number)).toEqual([4])
})

test('reads lines with tabs', () => {
  expect(parseText(dockerPs, `${ID}\tpause\tUp 2 hours (Paused)\tk8s_a\n`).value).toMatchObject([
    { running: true, names: ['k8s_a'] },
  ])
})
