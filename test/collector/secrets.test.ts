import { execFileSync } from 'node:child_process'
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Unpacked,
  type Workshop,
  closeWorkshop,
  collect,
  discrepancies,
  filesBelow,
  openWorkshop,
  plant,
  statusOf,
  stub,
  unpack,
} from './workshop.ts'

const RANCHER = 'var/lib/rancher/k3s'
const isRoot = process.getuid?.() === 0

/** Every secret that was planted, with the place it was planted in. */
const planted = new Map<string, string>()
let workshop: Workshop
let bundle: Unpacked
let stderr = ''
let certificate = ''
let certificateDer = Buffer.alloc(0)

/** A secret never seen before: hexadecimal, so that nothing but its place tells that it is one. */
function canary(place: string): string {
  const secret = randomBytes(16).toString('hex')
  planted.set(secret, place)
  return secret
}

/** A private key in PEM; each line of it is a secret. */
function key(place: string): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
  for (const line of pem.split('\n').filter((text) => text !== '' && !text.startsWith('-----')))
    planted.set(line, place)
  return pem
}

/** A text that is one secret as a whole, such as base64 of a key. */
function whole(place: string, text: string): string {
  planted.set(text, place)
  return text
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** A file that only root may read. */
function file(path: string, content: string): void {
  plant(workshop, path, content, 0o600)
}

function plantFiles(): void {
  file('etc/hostname', 'node-1\n')
  const kubeconfig = (place: string, user: string): string =>
    [
      'apiVersion: v1',
      'kind: Config',
      'clusters:',
      '- cluster:',
      `    certificate-authority-data: ${base64(certificate)}`,
    ]
      .concat([
        `    server: https://admin:${canary(`${place} server`)}@192.0.2.11:6443`,
        '  name: default',
        'users:',
        '- name: x',
        '  user:',
      ])
      .concat([`    client-certificate-data: ${base64(certificate)}`, user, ''])
      .join('\n')
  file(
    'etc/kubernetes/admin.conf',
    kubeconfig(
      'admin.conf',
      `    client-key-data: ${whole('admin.conf key data', base64(key('admin.conf')))}`,
    ),
  )
  file('etc/rancher/k3s/k3s.yaml', kubeconfig('k3s.yaml', `    token: ${canary('k3s.yaml token')}`))
  file(
    'etc/kubernetes/bootstrap-kubelet.conf',
    kubeconfig('bootstrap', `    token: ${canary('bootstrap-kubelet.conf')}`),
  )
  file('etc/cni/net.d/calico-kubeconfig', kubeconfig('calico', `    token: ${canary('calico-kubeconfig')}`))
  file(
    'etc/cni/net.d/multus.d/multus.kubeconfig',
    kubeconfig('multus', `    token: ${canary('multus.kubeconfig')}`),
  )
  file(
    'etc/cni/net.d/99-stray.conf',
    kubeconfig('stray', `    token: ${canary('a kubeconfig under another name')}`),
  )
  file('var/lib/kubelet/pki/kubelet-client-current.pem', certificate + key('kubelet-client-current.pem'))
  file('var/lib/kubelet/pki/kubelet.key', key('kubelet.key'))
  file(
    'etc/kubernetes/pki/broken.crt',
    `-----BEGIN CERTIFICATE-----\nAAAA\n${key('a .crt that holds a key')}`,
  )
  file('etc/kubernetes/pki/apiserver-kubelet-client.crt', certificate)
  for (const name of ['token', 'node-token', 'agent-token', 'cred/passwd', 'cred/ipsec.psk'])
    file(`${RANCHER}/server/${name}`, canary(name))
  file(`${RANCHER}/server/tls/server-ca.key`, key('server-ca.key'))
  file(`${RANCHER}/server/tls/server-ca.crt`, certificate)
  file(`${RANCHER}/agent/serving-kubelet.crt`, certificate)
  file('etc/rancher/node/password', canary('/etc/rancher/node/password'))
  file(
    'etc/rancher/k3s/config.yaml',
    [`token: ${canary('config.yaml token')}`, `agent-token: "${canary('config.yaml agent-token')}"`]
      .concat([
        `etcd-s3-access-key: ${canary('etcd-s3-access-key')}`,
        `etcd-s3-secret-key: ${canary('etcd-s3-secret-key')}`,
      ])
      .concat([`datastore-endpoint: "mysql://k3s:${canary('datastore-endpoint')}@tcp(192.0.2.9:3306)/k3s"`])
      .concat([
        'node-ip: 192.0.2.11',
        'token-file: /etc/rancher/token',
        'kubelet-arg:',
        '  - "authorization-mode=Webhook"',
        '',
      ])
      .concat([`vpn-auth: "name=tailscale,joinKey=${canary('vpn-auth')}"`])
      .join('\n'),
  )
  file(
    'etc/rancher/k3s/registries.yaml',
    `configs:\n  "registry.example:5000":\n    auth:\n      username: ${canary('registries.yaml username')}\n      password: ${canary('registries.yaml')}\n      x: ${canary('below auth')}\n    tls:\n      ca_file: /etc/ca.pem\n`,
  )
  file(
    'etc/containerd/config.toml',
    `[plugins.x.auth]\n  password = "${canary('containerd password')}"\n  auth = "${canary('containerd auth')}"\n  sandbox_image = "pause:3.9"\n`,
  )
  file(
    'etc/containerd/certs.d/registry.example/hosts.toml',
    `[host."https://registry.example".header]\n  Authorization = "Basic ${canary('hosts.toml')}"\n`,
  )
  file(
    'etc/docker/daemon.json',
    `{"mtu": 1450, "proxies": {"http-proxy": "http://u:${canary('daemon.json proxy')}@192.0.2.8:3128"}}\n`,
  )
  file('root/.docker/config.json', `{"auths":{"x":{"auth":"${canary('docker config.json')}"}}}`)
  file(
    'etc/systemd/system/k3s.service',
    `[Service]\nEnvironment=HTTP_PROXY=http://u:${canary('unit proxy')}@192.0.2.8:3128\nExecStart=/usr/local/bin/k3s server '--token=${canary('unit --token=')}' --token ${canary('unit --token')} --flannel-backend=vxlan\n`,
  )
  file(
    'etc/systemd/system/k3s.service.env',
    `K3S_TOKEN=K10${'a'.repeat(64)}::server:${canary('K3S_TOKEN')}\nK3S_URL=https://192.0.2.11:6443\n`,
  )
  file(
    'etc/systemd/system/k3s.service.d/x.conf',
    `[Service]\nEnvironment="AWS_SECRET_ACCESS_KEY=${canary('drop-in')}"\n`,
  )
  file(
    'var/lib/kubelet/kubeadm-flags.env',
    `KUBELET_KUBEADM_ARGS="--node-ip=192.0.2.11 --bootstrap-token=${canary('kubeadm-flags')}"\n`,
  )
  file(
    'etc/kubernetes/manifests/app.yaml',
    [
      'spec:',
      '  containers:',
      '  - env:',
      '    - name: DB',
      `      value: ${canary('static pod env')}`,
      '    - name: HOST',
    ]
      .concat([
        '      value: 10.96.0.10',
        '    - name: BLOCK',
        '      value: |',
        `        ${canary('static pod env block')}`,
        '    command:',
      ])
      .concat([
        '    - app',
        '    - --password',
        `    - ${canary('static pod argument')}`,
        '    - --secure-port=6443',
        `    args: ["--token", "${canary('argument in a flow sequence')}"]`,
        `    credentials: {user: ${canary('flow mapping')}, x: ${canary('rest of a flow mapping')}}`,
        '    password:',
        `    - ${canary('sequence below a telling name')}`,
        '    env:',
        '    - name: LONG',
        '      value: first',
        `        ${canary('rest of a plain scalar')}`,
        '    - name: API_TOKEN',
        `      value: ${whole('host name as a token', `${randomBytes(6).toString('hex')}.secret.horse`)}`,
        '    - name: REFERRED',
        '      valueFrom: {secretKeyRef: {name: db, key: password}}',
        `    - {name: FLOW, value: ${canary('value in braces')}}`,
        `    - { "name": "QUOTED", "value": "a, } ${canary('quoted value in braces')}", "x": 1 }`,
        `    - {name: APOSTROPHES, value: 'it''s ${canary('apostrophes in braces')}'}`,
        `    more: [{name: A, value: ${canary('first of a list')}}, {name: B, value: ${canary('second of a list')}}]`,
        '    - {name: FLOW_HOST, value: 10.96.0.10}',
        `    - {name: FLOW_PASSWORD, value: ${whole('host name as a password in braces', `${randomBytes(6).toString('hex')}.secret.mule`)}}`,
        '    - {name: LONG, value: "first',
        `        ${canary('rest of a quoted value in braces')}"}`,
        '',
      ])
      .join('\n'),
  )
  file(
    'etc/cni/net.d/10-calico.conflist',
    `{"plugins": [{"type": "calico", "k8s_auth_token": "${canary('conflist token')}", "etcd_key": "${key('conflist key').replaceAll('\n', '\\n')}", "mtu": 1450}]}\n`,
  )
  file(
    'etc/sysctl.d/99-x.conf',
    `net.ipv4.ip_forward = 1\n# password: ${canary('comment in a sysctl file')}\n`,
  )
  file('etc/hosts', `127.0.0.1 localhost # token=${canary('comment in hosts')}\n`)
  for (const path of [
    'etc/NetworkManager/system-connections/w',
    'etc/netplan/50.yaml',
    'etc/wpa_supplicant/w.conf',
    'etc/wireguard/wg0.conf',
  ])
    file(path, `psk=${canary(path)}\nPrivateKey = ${canary(path)}\n`)
  file('etc/frr/frr.conf', `neighbor 192.0.2.1 password ${canary('frr')}\n`)
  file('etc/ssh/ssh_host_rsa_key', key('ssh host key'))
  file('var/lib/kubelet/pods/x/volumes/kubernetes.io~secret/token', canary('service account token'))
  file('var/lib/cloud/instance/user-data.txt', `password: ${canary('user-data')}\n`)
  const inPodLog = key('pod log')
  file(
    'var/log/pods/kube-system_kube-proxy-abc_uid/kube-proxy/0.log',
    inPodLog
      .split('\n')
      .map((line) => `2026-11-20T23:45:00Z stderr F ${line}`)
      .join('\n'),
  )
}

function journalLines(): string {
  const signature = randomBytes(32).toString('base64url')
  const token = whole(
    'JWT',
    `${base64('{"alg":"RS256"}').replaceAll('=', '')}.${base64('{"sub":"x"}').replaceAll('=', '')}.${signature}`,
  )
  const crlf = key('journal CRLF').replaceAll('\n', '\r\n')
  const escaped = key('journal JSON').replaceAll('\n', '\\n')
  return [
    'before: Failed to update lease, error: context deadline exceeded',
    `Starting with K8S_API_TOKEN=${canary('K8S_API_TOKEN')} and "password":"${canary('JSON in the journal')}"`,
    `E1120 23:45:00.000000 1 request.go:1] Authorization: Bearer ${canary('Bearer')}`,
    `jwt ${token}`,
    `proxy https://user:${canary('URL userinfo')}@192.0.2.8:3128/path`,
    `time="x" level=info msg="AWS_SECRET_ACCESS_KEY=${canary('AWS')}" sas="AccountKey=${canary('Azure')};EndpointSuffix=x"`,
    `AWS id ${whole('AWS key id', `AKIA${randomBytes(8).toString('hex').toUpperCase()}`)} vault ${whole('Vault', `hvs.${signature}`)}`,
    `kubeadm join 192.0.2.11:6443 --token ${whole('kubeadm token', `${randomBytes(3).toString('hex')}.${randomBytes(8).toString('hex')}`)} --certificate-key ${canary('kubeadm certificate key')}`,
    `wg PrivateKey = ${canary('wireguard')} PresharedKey=${canary('preshared')}`,
    `escaped {"msg":"{\\"token\\":\\"${canary('escaped JSON')}\\"}"} and "${escaped}"`,
    crlf,
    `base64 ${whole('base64 of a key', base64(key('base64 of a key')))}`,
    'token: invalid',
    `container ${'0123456789abcdef'.repeat(4)} stays`,
    'after: the last line that anyone may read',
    key('cut off').slice(0, 900),
    'hidden, because no END came',
  ].join('\n')
}

function podsJson(): string {
  const annotations = {
    'flannel.alpha.coreos.com/public-ip': '192.0.2.11',
    'kubectl.kubernetes.io/last-applied-configuration': `{"env":"${canary('last applied')}"}`,
    'example.com/note': canary('annotation'),
  }
  const env = [
    { name: 'DB', value: canary('pod env') },
    { name: 'KUBERNETES_SERVICE_HOST', value: '10.43.0.1' },
    { name: 'URL', value: `http://u:${canary('pod env url')}@db.example` },
    { name: 'FLAGS', value: '' },
  ]
  const container = {
    name: 'c',
    env,
    secretRef: { name: canary('JSON below a telling name') },
    args: ['--password', canary('pod argument'), `--token=${canary('pod argument=')}`, '--v=2'],
  }
  return JSON.stringify(
    {
      kind: 'List',
      items: [
        { metadata: { annotations, name: 'pod-1' }, spec: { containers: [container], hostNetwork: true } },
      ],
    },
    null,
    4,
  )
}

function plantTools(): void {
  writeTool('journalctl', 'case $* in *" k3s "*) cat "$HERE/journal" ;; *) echo "-- No entries --" ;; esac', {
    journal: journalLines(),
  })
  writeTool(
    'kubectl',
    'case $* in *" pods "*) cat "$HERE/pods.json" ;; *" events "*) cat "$HERE/flat.json" ;; *) echo "{}" ;; esac',
    {
      'pods.json': podsJson(),
      'flat.json': `{"items":[{"message":"${canary('JSON of one line')}"}]}`,
    },
  )
  writeTool('iptables-save', 'cat "$HERE/dump"', {
    dump: `*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m comment --comment "password=${canary('iptables comment')}" -j ACCEPT\nCOMMIT\n`,
  })
  writeTool('docker', `echo 'x "--token=${canary('docker ps')}"'`, {})
  writeTool('conntrack', `echo "warning: --auth-key ${canary('standard error')}" >&2`, {})
  writeTool('dmesg', 'cat "$HERE/dmesg.txt"', {
    'dmesg.txt': `[    0.000000] Command line: root=/dev/vda rd.luks.key=x ds_secret=${canary('kernel log')}\n`,
  })
  plant(workshop, 'run/docker.pid', '1')
}

function writeTool(name: string, body: string, data: Readonly<Record<string, string>>): void {
  stub(workshop, name, `HERE=${workshop.root}/data\n${body}`)
  for (const [path, content] of Object.entries(data)) plant(workshop, `data/${path}`, content)
}

/** A self-signed certificate, made by openssl for this run. */
function makeCertificate(): void {
  const folder = mkdtempSync(join(workshop.folder, 'ca-'))
  const request = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    '/CN=node-1',
    '-days',
    '1',
  ]
  execFileSync('openssl', [...request, '-keyout', join(folder, 'key'), '-out', join(folder, 'crt')], {
    stdio: 'ignore',
  })
  certificate = readFileSync(join(folder, 'crt'), 'utf8')
  certificateDer = execFileSync('openssl', ['x509', '-in', join(folder, 'crt'), '-outform', 'DER'])
}

/** A text of the bundle; empty where there is none. */
function text(path: string): string {
  return bundle.files.get(path)?.toString() ?? ''
}

/** A secret as itself and in the disguises in which it could slip through. */
function disguises(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const shifted = [0, 1, 2].map((lead) =>
    Buffer.concat([Buffer.alloc(lead), bytes])
      .toString('base64')
      .slice(4, -4),
  )
  return [
    secret,
    encodeURIComponent(secret),
    bytes.toString('hex'),
    secret.split('').toReversed().join(''),
    ...shifted,
  ]
}

describe.each(['/usr/bin/awk', 'busybox awk'])('filtered by %s', (awk) => {
  beforeAll(() => {
    workshop = openWorkshop()
    planted.clear()
    makeCertificate()
    plantFiles()
    plantTools()
    stub(workshop, 'awk', `exec ${awk} "$@"`)
    const run = collect(workshop)
    stderr = run.stderr
    bundle = unpack(workshop, run.stdout)
  })
  afterAll(() => closeWorkshop(workshop))

  it('plants enough to prove something', () => {
    expect(new Set(planted.values()).size).toBeGreaterThan(60)
    expect(discrepancies(bundle)).toEqual([])
  })

  it('lets no secret out: neither in contents, nor in names, nor in messages', () => {
    const haystacks = new Map([...bundle.files].map(([path, content]) => [path, content.toString('latin1')]))
    haystacks.set('manifest', readFileSync(join(bundle.top, 'manifest.tsv'), 'latin1'))
    haystacks.set('names', filesBelow(bundle.top).join('\n')).set('standard error', stderr)
    const leaks: string[] = []
    for (const [secret, place] of planted) {
      for (const [path, hay] of haystacks)
        if (disguises(secret).some((form) => hay.includes(form))) leaks.push(`${place} in ${path}`)
    }
    expect(leaks).toEqual([])
    expect(readdirSync(workshop.out)).toHaveLength(1)
  })

  it('keeps what is no secret', () => {
    expect(text('kube/config/etc/rancher/k3s/config.yaml')).toContain(
      'node-ip: 192.0.2.11\ntoken-file: /etc/rancher/token\n',
    )
    expect(text('kube/config/etc/rancher/k3s/config.yaml')).toContain('authorization-mode=Webhook')
    expect(text('kube/config/etc/rancher/k3s/config.yaml')).toContain('@tcp(192.0.2.9:3306)/k3s')
    expect(text('runtime/config/etc/rancher/k3s/registries.yaml')).toContain(
      '    tls:\n      ca_file: /etc/ca.pem\n',
    )
    expect(text('kube/config/etc/systemd/system/k3s.service')).toContain(' --flannel-backend=vxlan\n')
    expect(text('kube/config/etc/systemd/system/k3s.service.env')).toContain(
      'K3S_URL=https://192.0.2.11:6443\n',
    )
    expect(text('kube/config/etc/kubernetes/manifests/app.yaml')).toContain('      value: 10.96.0.10\n')
    expect(text('kube/config/etc/kubernetes/manifests/app.yaml')).toContain(
      [
        '      valueFrom: {secretKeyRef: <withheld>}\n',
        '    - {name: FLOW, value: <withheld>}\n',
        '    - { "name": "QUOTED", "value": <withheld>, "x": 1 }\n',
        '    - {name: APOSTROPHES, value: <withheld>}\n',
        '    more: [{name: A, value: <withheld>}, {name: B, value: <withheld>}]\n',
        '    - {name: FLOW_HOST, value: 10.96.0.10}\n',
      ].join(''),
    )
    expect(text('kube/config/etc/kubernetes/manifests/app.yaml')).toContain('    - --secure-port=6443\n')
    expect(text('journal/k3s.txt')).toMatch(
      /^before: Failed to update lease, error: context deadline exceeded\n/,
    )
    expect(text('journal/k3s.txt')).toContain(
      `token: invalid\ncontainer ${'0123456789abcdef'.repeat(4)} stays\nafter: the last line that anyone may read\n`,
    )
    expect(text('journal/k3s.txt').split('\n')).toHaveLength(journalLines().split('\n').length + 1)
    expect(text('netfilter/iptables-save.txt')).toContain('--comment "password=<withheld>" -j ACCEPT\n')
    const cni: unknown = JSON.parse(text('cni/net.d/10-calico.conflist'))
    expect(cni).toEqual({
      plugins: [
        {
          type: 'calico',
          k8s_auth_token: '<withheld>',
          etcd_key: expect.stringMatching(/^<withheld>\s*$/),
          mtu: 1450,
        },
      ],
    })
  })

  it('keeps the addresses in pods, and JSON that is still JSON', () => {
    const pods: unknown = JSON.parse(bundle.files.get('kube/api/pods.json')?.toString() ?? '')
    expect(pods).toMatchObject({
      items: [
        {
          metadata: {
            annotations: {
              'flannel.alpha.coreos.com/public-ip': '192.0.2.11',
              'example.com/note': '<withheld>',
            },
            name: 'pod-1',
          },
          spec: {
            containers: [
              {
                env: [
                  { value: '<withheld>' },
                  { value: '10.43.0.1' },
                  { value: '<withheld>' },
                  { value: '' },
                ],
                args: ['--password', '<withheld>', '--token=<withheld>', '--v=2'],
              },
            ],
          },
        },
      ],
    })
  })

  it('leaves out what it cannot filter, and says so', () => {
    expect(statusOf(bundle, 'kube/api/events.json')).toBe('withheld')
    expect(statusOf(bundle, 'cni/net.d/99-stray.conf')).toBe('withheld')
    expect(statusOf(bundle, 'cni/net.d/calico-kubeconfig')).toBe('withheld')
  })

  it('takes the public half of every certificate', () => {
    const paths = [
      'var/lib/kubelet/pki/kubelet-client-current.pem',
      `${RANCHER}/server/tls/server-ca.crt`,
      `${RANCHER}/agent/serving-kubelet.crt`,
    ].concat([
      'etc/kubernetes/pki/apiserver-kubelet-client.crt',
      'etc/kubernetes/admin.conf.ca.crt',
      'etc/rancher/k3s/k3s.yaml.client.crt',
    ])
    for (const path of paths) expect(bundle.files.get(`certs/${path}`)?.toString()).toBe(certificate)
    expect(bundle.files.get('certs/etc/kubernetes/pki/broken.crt')?.length).toBe(0)
  })

  it('describes kubeconfigs without their secrets', () => {
    const sum = createHash('sha256').update(certificateDer).digest('hex')
    const table = bundle.files.get('kube/kubeconfigs.tsv')?.toString() ?? ''
    expect(table).toMatch(/^path\tserver\tca_sha256\tuser_kind\n/)
    expect(table).toContain(
      `\n/etc/rancher/k3s/k3s.yaml\thttps://<withheld>@192.0.2.11:6443\t${sum}\ttoken\n`,
    )
    expect(table).toContain(
      `\n/etc/kubernetes/admin.conf\thttps://<withheld>@192.0.2.11:6443\t${sum}\tclient-certificate\n`,
    )
  })

  it.runIf(isRoot)('asks the kernel for no secret key', () => {
    const secret = 'fd00:1234:5678:9abc:def0:1234:5678:9abc'
    const outer = openWorkshop()
    const script = `echo ${secret} >/proc/sys/net/ipv6/conf/lo/stable_secret && sh ${new URL('../../collector/collect.sh', import.meta.url).pathname} --quiet --out ${outer.out} --root ${outer.root}`
    const stdout = execFileSync('unshare', ['-n', 'sh', '-c', `${script} || true`], { encoding: 'utf8' })
    const values = unpack(outer, stdout).files.get('sysctl/values.txt')?.toString() ?? ''
    closeWorkshop(outer)
    expect(values).toContain('net.ipv6.conf.lo.forwarding = ')
    expect(values).not.toMatch(/stable_secret|fastopen_key|9abc/)
  })
})
