import type { BundleInfo, SourceRow } from '../../analyzer/bundle/bundle.ts'
import { says } from '../../analyzer/bundle/sentences.ts'
import type { Evidence } from '../../analyzer/engine/evidence.ts'
import type { Sentence } from '../../analyzer/engine/language.ts'
import type { Area, Finding, Outcome, Step } from '../../analyzer/engine/outcome.ts'
import type { Report } from '../../analyzer/report/report.ts'

const LOST = 'netfilter/iptables-save.txt on node-3: lost with the damaged archive'

/** A case of three nodes with two causes, their effects, a certificate fault, a minor finding and a cut-off bundle. */
export const sampleReport: Report = {
  schema: 1,
  tool: { name: 'coldcase', version: '0.1.0' },
  language: 'en',
  bundles: [
    bundle('node-1', 'a3f1', '2026-11-20T23:45:02Z', [
      row('node-meta', 'meta/node.txt', 412),
      row('ip-addr', 'net/ip-addr.txt', 6204),
      row('iptables-save', 'netfilter/iptables-save.txt', 20_401_337),
      row('ipvsadm', 'ipvs/ipvsadm.txt', 0, { status: 'absent' }),
      row('unknown', 'extra/notes.txt', 815, { parsed: 0, skipped: 815 }),
    ]),
    bundle('node-2', 'b7c2', '2026-11-20T23:46:40Z', [
      row('node-meta', 'meta/node.txt', 409),
      row('ip-addr', 'net/ip-addr.txt', 5731),
      row('iptables-save', 'netfilter/iptables-save.txt', 28_112),
      row('journal', 'journal/k3s-agent.txt', 16_777_216, { status: 'truncated', droppedOnNode: 48_234_112 }),
      row('ip-neigh', 'net/ip-neigh.txt', 1210, {
        parsed: 1170,
        skipped: 40,
        unreadLines: 1,
        unread: [{ number: 9, text: 'Error: ipv4: neighbour dump interrupted.' }],
      }),
    ]),
    {
      ...bundle('node-3', 'c9d4', '2026-11-20T23:48:11Z', [
        row('node-meta', 'meta/node.txt', 409),
        row('ip-addr', 'net/ip-addr.txt', 5698),
        row('iptables-save', 'netfilter/iptables-save.txt', 11_264, { status: 'damaged' }),
      ]),
      complete: false,
      problems: [
        {
          code: 'file-truncated',
          message: says.fileBreaksOff(11_264),
          path: 'netfilter/iptables-save.txt',
        },
      ],
    },
  ],
  rejected: [],
  outcomes: [
    duplicateRules(),
    externalIp(),
    kubeletSan(),
    minorSysctl(),
    neighbour(),
    lease(),
    silent('service-endpoint-divergence', 'services', 'node-3', 'unchecked', LOST),
    silent('iptables-reject-before-accept', 'iptables', 'node-3', 'unchecked', LOST),
    silent('iptables-backends-mixed', 'iptables', 'node-3', 'unchecked', LOST),
    silent(
      'kube-proxy-not-programming',
      'services',
      'node-2',
      'unchecked',
      'journal/k3s-agent.txt on node-2: cut off at the collector’s size limit',
    ),
    silent(
      'etcd-slow-disk',
      'control-plane',
      'node-1',
      'broken',
      'the rule failed on this bundle, which is a defect of coldcase: duration out of range',
    ),
    silent('etcd-slow-disk', 'control-plane', 'node-2', 'not-applicable', 'node-2 runs no etcd'),
    silent('etcd-slow-disk', 'control-plane', 'node-3', 'not-applicable', 'node-3 runs no etcd'),
    ...clear('iptables-backends-mixed', 'iptables', ['node-1', 'node-2']),
    ...clear('route-multi-default', 'routing', ['node-1', 'node-2', 'node-3']),
    ...clear('sysctl-ip-forward-off', 'routing', ['node-1', 'node-2', 'node-3']),
    ...clear('conntrack-table-full', 'conntrack', ['node-1', 'node-2', 'node-3']),
    ...clear('arp-duplicate-ip', 'addresses', ['node-1', 'node-2', 'node-3']),
    silent('ipvs-external-ip-is-node-ip', 'ipvs', 'node-3', 'not-applicable', 'node-3 uses no IPVS'),
    ...clear('certificate-expired', 'certificates', ['node-1', 'node-3']),
    ...clear('cni-not-ready', 'cni', ['node-1', 'node-2', 'node-3']),
    ...clear('service-no-endpoints', 'services', ['node-1', 'node-2']),
  ],
  figures: [
    {
      kind: 'rules-per-node',
      bars: [
        { node: 'node-1', count: 180_124, outlier: true },
        { node: 'node-2', count: 230, outlier: false },
        { node: 'node-3', count: 212, outlier: false },
      ],
    },
    {
      kind: 'certificate-lifetimes',
      judgedAt: '2026-11-20T23:45:02Z',
      spans: [
        span(
          'node-1',
          'server/tls/serving-kube-apiserver.crt',
          'CN=kube-apiserver',
          '2026-03-02',
          '2027-03-02',
          'valid',
        ),
        span(
          'node-1',
          'server/tls/client-admin.crt',
          'O=system:masters, CN=system:admin',
          '2026-03-02',
          '2027-03-02',
          'valid',
        ),
        span(
          'node-1',
          'server/tls/server-ca.crt',
          'CN=k3s-server-ca@1709337600',
          '2024-03-02',
          '2034-02-28',
          'valid',
        ),
        span('node-2', 'agent/serving-kubelet.crt', 'CN=node-2', '2025-12-09', '2026-12-09', 'expiring'),
        span(
          'node-2',
          'agent/client-kube-proxy.crt',
          'CN=system:kube-proxy',
          '2025-11-11',
          '2026-11-11',
          'expired',
        ),
        span('node-3', 'agent/serving-kubelet.crt', 'CN=node-3', '2026-03-02', '2027-03-02', 'valid'),
      ],
    },
    {
      kind: 'pool-use',
      pools: [
        { node: 'node-1', network: 'cbr0', subnet: '10.42.0.0/24', used: 41, capacity: 253 },
        { node: 'node-2', network: 'cbr0', subnet: '10.42.1.0/24', used: 251, capacity: 253, leaked: 212 },
        { node: 'node-3', network: 'cbr0', subnet: '10.42.2.0/24', used: 87, capacity: 253 },
      ],
    },
  ],
}

/** The same case, with what `change` makes of every text that could have come from a bundle. */
export function withTexts(report: Report, change: (text: string) => string): Report {
  return {
    ...report,
    bundles: report.bundles.map((it) => ({
      ...it,
      id: change(it.id),
      file: change(it.file),
      node: change(it.node),
      problems: it.problems.map(({ code, message, path }) => ({
        code,
        message: changeSentence(message, change),
        path: change(path ?? ''),
      })),
      sources: it.sources.map((source) => ({
        ...source,
        path: change(source.path),
        unread: source.unread.map(({ number, text }) => ({ number, text: change(text) })),
      })),
    })),
    rejected: report.rejected.map(({ file, message }) => {
      return { file: change(file), message: changeSentence(message, change) }
    }),
    outcomes: report.outcomes.map((outcome) => changeOutcome(outcome, change)),
    figures: report.figures.map((figure) => {
      switch (figure.kind) {
        case 'rules-per-node':
          return { ...figure, bars: figure.bars.map((bar) => ({ ...bar, node: change(bar.node) })) }
        case 'certificate-lifetimes':
          return {
            ...figure,
            spans: figure.spans.map((it) => ({
              ...it,
              node: change(it.node),
              path: change(it.path),
              subject: change(it.subject),
            })),
          }
        case 'pool-use':
          return {
            ...figure,
            pools: figure.pools.map((it) => ({ ...it, node: change(it.node), subnet: change(it.subnet) })),
          }
      }
    }),
  }
}

function changeSentence({ en, zh }: Sentence, change: (text: string) => string): Sentence {
  return { en: change(en), zh: change(zh) }
}

function changeOutcome(outcome: Outcome, change: (text: string) => string): Outcome {
  const head = {
    rule: outcome.rule,
    id: change(outcome.id),
    area: outcome.area,
    nodes: [...outcome.nodes, 'node-4'].map(change),
  }
  if (outcome.state === 'clear') return { ...outcome, ...head }
  if (outcome.state !== 'found') return { ...outcome, ...head, reason: change(outcome.reason) }
  const changeStep = ({ text, commands }: Step): Step => ({
    text: change(text),
    commands: commands.map(change),
  })
  return {
    ...outcome,
    ...head,
    title: change(outcome.title),
    summary: change(outcome.summary),
    evidence: outcome.evidence.map(({ bundle: id, path, line, text, note }) => {
      return { bundle: change(id), path: change(path), line, text: change(text), note: change(note ?? '') }
    }),
    ruledOut: outcome.ruledOut.map(change),
    explains: outcome.explains.map(change),
    causedBy: outcome.causedBy.map(change),
    remedy: outcome.remedy.map(changeStep),
    verify: outcome.verify.map(changeStep),
  }
}

function bundle(
  node: string,
  digest: string,
  collectedAt: string,
  sources: readonly SourceRow[],
): BundleInfo {
  return {
    id: node,
    file: `coldcase-${node}-${collectedAt.replaceAll(/[-:]/g, '')}.tar.gz`,
    sha256: digest.repeat(16),
    node,
    layout: 'coldcase',
    collectedAt,
    complete: true,
    problems: [],
    sources,
  }
}

function row(source: string, path: string, bytes: number, more: Partial<SourceRow> = {}): SourceRow {
  const whole = {
    status: 'ok',
    parsed: bytes,
    skipped: 0,
    dropped: 0,
    unreadLines: 0,
    unread: [],
    droppedOnNode: 0,
  } as const
  return { source, path, bytes, ...whole, ...more }
}

function span(
  node: string,
  path: string,
  subject: string,
  from: string,
  to: string,
  state: 'valid' | 'expiring' | 'expired' | 'not-yet-valid',
) {
  return {
    node,
    path: `certs/var/lib/rancher/k3s/${path}`,
    subject,
    notBefore: `${from}T09:12:44Z`,
    notAfter: `${to}T09:12:44Z`,
    state,
  }
}

function clear(rule: string, area: Area, nodes: readonly string[]): Outcome[] {
  return nodes.map((node) => ({ rule, id: `${rule}:${node}`, area, nodes: [node], state: 'clear' }))
}

function silent(
  rule: string,
  area: Area,
  node: string,
  state: 'not-applicable' | 'unchecked' | 'broken',
  reason: string,
): Outcome {
  return { rule, id: `${rule}:${node}`, area, nodes: [node], state, reason }
}

function line(bundleId: string, path: string, number: number, text: string, note?: string): Evidence {
  const cited = { bundle: bundleId, path, line: number, text }
  return note === undefined ? cited : { ...cited, note }
}

function duplicateRules(): Finding {
  const dump = 'netfilter/iptables-save.txt'
  return {
    rule: 'iptables-duplicate-rules',
    id: 'iptables-duplicate-rules:node-1:filter/KUBE-FIREWALL',
    area: 'iptables',
    nodes: ['node-1'],
    state: 'found',
    severity: 'critical',
    confidence: 'certain',
    title: 'node-1 holds 180,124 iptables rules, of which 179,904 are copies',
    summary:
      'Three rules in KUBE-FIREWALL and FORWARD stand 59,968 times each; node-2 and node-3 hold 230 and 212 rules in all. ' +
      'Every packet walks the copies one by one, which keeps ksoftirqd busy and makes iptables calls time out.',
    evidence: [
      line(
        'node-1',
        dump,
        1,
        '# Generated by xtables-save v1.8.2 on Fri Nov 20 23:44:51 2026',
        'the binary that wrote them',
      ),
      line(
        'node-1',
        dump,
        731,
        '[0:0] -A KUBE-FIREWALL -m comment --comment "kubernetes firewall for dropping marked packets" -m mark --mark 0x8000/0x8000 -j DROP',
        '59,968 copies, down to line 60,698',
      ),
      line(
        'node-1',
        dump,
        60_699,
        '[0:0] -A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP',
        '59,968 copies',
      ),
      line(
        'node-1',
        'meta/versions.txt',
        4,
        'iptables: iptables v1.8.2 (nf_tables)',
        'compares rules in the wrong order',
      ),
      line(
        'node-2',
        'meta/versions.txt',
        4,
        'iptables: iptables v1.8.9 (nf_tables)',
        'a peer without copies',
      ),
    ],
    ruledOut: [
      'Many Services: node-1 holds 9 Services, as many as its peers.',
      'Two writers with different words for one rule: the copies are equal to the byte.',
      'Jumps that differ in source or destination only: source and destination are part of the comparison.',
    ],
    explains: [],
    causedBy: [],
    remedy: [
      {
        text: 'Upgrade iptables on node-1 to 1.8.8 or later (not 1.8.10), or have k3s use its own binary.',
        commands: ["printf 'prefer-bundled-bin: true\\n' >> /etc/rancher/k3s/config.yaml"],
      },
      {
        text: 'Drain the node, then drop the copies with the version that wrote them; a reboot does the same.',
        commands: [
          'kubectl drain node-1 --ignore-daemonsets --delete-emptydir-data',
          "iptables-save | awk '/^\\*/{delete s} /^[*:#C]/||!s[$0]++' | iptables-restore",
        ],
      },
    ],
    verify: [
      {
        text: 'The number of rules stays near that of the peers for ten minutes.',
        commands: ['iptables-save | wc -l', 'iptables-save | sort | uniq -c | sort -rn | head'],
      },
    ],
  }
}

function externalIp(): Finding {
  return {
    rule: 'ipvs-external-ip-is-node-ip',
    id: 'ipvs-external-ip-is-node-ip:node-1+node-2:192.0.2.12',
    area: 'ipvs',
    nodes: ['node-1', 'node-2'],
    state: 'found',
    severity: 'critical',
    confidence: 'certain',
    title: 'Service default/busybox claims 192.0.2.12, the address of node-2; node-1 can no longer reach it',
    summary:
      'kube-proxy put 192.0.2.12 on kube-ipvs0 of node-1, for it is an externalIP of default/busybox. node-1 now takes the address ' +
      'for its own and drops what node-2 sends as martian: no ARP, no API, no kubelet between the two.',
    evidence: [
      line(
        'node-1',
        'net/ip-addr.txt',
        88,
        '    inet 192.0.2.12/32 scope global kube-ipvs0',
        'on node-1, put there by kube-proxy',
      ),
      line(
        'node-2',
        'net/ip-addr.txt',
        9,
        '    inet 192.0.2.12/24 brd 192.0.2.255 scope global ens33',
        'the same on the NIC of node-2',
      ),
      line(
        'node-1',
        'net/ip-route.txt',
        31,
        'local 192.0.2.12 dev kube-ipvs0 table local proto kernel scope host src 192.0.2.12',
      ),
    ],
    ruledOut: [
      'An address of a load balancer pool that no node owns: node-2 holds it on ens33.',
      'node-2 being down: its own bundle shows ens33 up, with traffic.',
    ],
    explains: ['neighbour-unresolved:node-1:192.0.2.12', 'node-lease-not-renewed:node-2'],
    causedBy: [],
    remedy: [
      {
        text: 'Take the externalIP off the Service, from a node that reaches the API.',
        commands: [
          'kubectl -n default patch svc busybox --type=json -p \'[{"op":"remove","path":"/spec/externalIPs"}]\'',
        ],
      },
      {
        text: 'If node-1 still holds the address after a minute, take it off by hand.',
        commands: ['ip addr del 192.0.2.12/32 dev kube-ipvs0'],
      },
    ],
    verify: [
      {
        text: 'The route to node-2 leaves through the NIC again.',
        commands: ['ip route get 192.0.2.12', 'kubectl get nodes'],
      },
    ],
  }
}

function neighbour(): Finding {
  return {
    rule: 'neighbour-unresolved',
    id: 'neighbour-unresolved:node-1:192.0.2.12',
    area: 'addresses',
    nodes: ['node-1'],
    state: 'found',
    severity: 'high',
    confidence: 'certain',
    title: 'node-1 does not resolve 192.0.2.12, the address of node-2',
    summary:
      'The neighbour entry is FAILED while node-2 shows ens33 up: nothing node-1 sends to node-2 leaves the node.',
    evidence: [
      line(
        'node-1',
        'net/ip-neigh.txt',
        4,
        '192.0.2.12 dev ens33 used 12/71/9 probes 6 FAILED',
        'no answer to 6 probes',
      ),
    ],
    ruledOut: ['node-2 being off: its bundle was taken two minutes later.'],
    explains: [],
    causedBy: ['ipvs-external-ip-is-node-ip:node-1+node-2:192.0.2.12'],
    remedy: [{ text: 'Cure the cause; the entry heals by itself.', commands: [] }],
    verify: [{ text: 'The entry is REACHABLE.', commands: ['ip neigh show 192.0.2.12'] }],
  }
}

function lease(): Finding {
  return {
    rule: 'node-lease-not-renewed',
    id: 'node-lease-not-renewed:node-2',
    area: 'control-plane',
    nodes: ['node-2'],
    state: 'found',
    severity: 'critical',
    confidence: 'likely',
    title: 'The kubelet of node-2 has not renewed its lease for 14 minutes',
    summary:
      'Each update of the lease timed out against https://192.0.2.11:6443; the control plane takes node-2 for lost.',
    evidence: [
      line(
        'node-2',
        'journal/k3s-agent.txt',
        48_211,
        '2026-11-20T23:46:31.204187+00:00 node-2 k3s[812]: E1120 23:46:31.203911     812 controller.go:195] "Failed to update lease" err="Put \\"https://192.0.2.11:6443/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node-2?timeout=10s\\": context deadline exceeded"',
        '83 times since 23:32',
      ),
    ],
    ruledOut: [],
    explains: [],
    causedBy: ['ipvs-external-ip-is-node-ip:node-1+node-2:192.0.2.12'],
    remedy: [],
    verify: [
      {
        text: 'The lease is renewed every 10 seconds.',
        commands: ['kubectl -n kube-node-lease get lease node-2 -w'],
      },
    ],
  }
}

function kubeletSan(): Finding {
  return {
    rule: 'certificate-kubelet-san-missing-node-ip',
    id: 'certificate-kubelet-san-missing-node-ip:node-2',
    area: 'certificates',
    nodes: ['node-2'],
    state: 'found',
    severity: 'high',
    confidence: 'certain',
    title: 'The kubelet certificate of node-2 does not name 192.0.2.12: logs, exec and metrics fail there',
    summary:
      'The certificate was issued for 127.0.0.1 and 198.51.100.7, an address that node-2 no longer has. The API server refuses the kubelet.',
    evidence: [
      line(
        'node-2',
        'certs/var/lib/rancher/k3s/agent/serving-kubelet.crt',
        0,
        'X509v3 Subject Alternative Name: DNS:node-2, DNS:localhost, IP Address:127.0.0.1, IP Address:198.51.100.7',
      ),
      line(
        'node-2',
        'kube/config/etc/rancher/k3s/config.yaml',
        3,
        'node-ip: 192.0.2.12',
        'the address that is dialled',
      ),
    ],
    ruledOut: [
      'A self-signed kubeadm certificate, which nobody verifies: the file is issued by k3s-server-ca.',
    ],
    explains: [],
    causedBy: [],
    remedy: [
      {
        text: 'Have k3s issue it anew.',
        commands: [
          'rm /var/lib/rancher/k3s/agent/serving-kubelet.crt /var/lib/rancher/k3s/agent/serving-kubelet.key',
          'systemctl restart k3s-agent',
        ],
      },
    ],
    verify: [
      {
        text: 'The new certificate names the address.',
        commands: [
          'openssl x509 -in /var/lib/rancher/k3s/agent/serving-kubelet.crt -noout -ext subjectAltName',
        ],
      },
    ],
  }
}

function minorSysctl(): Finding {
  return {
    rule: 'sysctl-dead-dropin',
    id: 'sysctl-dead-dropin:node-3',
    area: 'routing',
    nodes: ['node-3'],
    state: 'found',
    severity: 'low',
    confidence: 'certain',
    title: 'node-3 keeps sysctl settings in /etc/sysconf.d, which nothing reads',
    summary:
      'net.ipv4.ip_forward is set there and is on for another reason; after a change of that reason it would go off at boot.',
    evidence: [line('node-3', 'sysctl/files/etc/sysconf.d/99-k8s.conf', 1, 'net.ipv4.ip_forward = 1')],
    ruledOut: [],
    explains: [],
    causedBy: [],
    remedy: [
      {
        text: 'Move the file to where it is read.',
        commands: ['mv /etc/sysconf.d/99-k8s.conf /etc/sysctl.d/', 'sysctl --system'],
      },
    ],
    verify: [{ text: 'The value is kept over a reboot.', commands: ['sysctl net.ipv4.ip_forward'] }],
  }
}
