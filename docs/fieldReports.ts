/** A situation out of a report from the field, and the rules that answer it. */
interface Situation {
  readonly tells: string
  readonly rules: readonly string[]
}

/** One report from the field: a case or a guide that somebody wrote down. */
export interface FieldReport {
  readonly id: string
  readonly title: string
  readonly situations: readonly Situation[]
}

/** The reports that the rules were made from, taken apart into situations. */
export const fieldReports: readonly FieldReport[] = [
  {
    id: 'S0',
    title: 'Five faults of Kubernetes and k3s clusters',
    situations: [
      { tells: 'traffic to a peer arrives on its other network card', rules: ['arp-wrong-mac'] },
      {
        tells: 'logs and exec fail: the kubelet’s certificate names an address that the node no longer has',
        rules: ['certificate-kubelet-san-missing-node-ip', 'flannel-wrong-public-ip'],
      },
      { tells: 'k3s with an authority of one’s own', rules: ['k3s-custom-ca-incomplete'] },
      {
        tells: 'the gateway of the cluster does not forward',
        rules: ['gateway-not-forwarding', 'sysctl-ip-forward-off', 'docker-forward-drop'],
      },
      {
        tells: 'pods get no address: the range of host-local is used up by pods that are gone',
        rules: ['host-local-address-leak', 'cni-address-pool-exhausted', 'flannel-state-wiped'],
      },
    ],
  },
  {
    id: 'S1',
    title: 'A k3s cluster whose Services hang for minutes',
    situations: [
      {
        tells: 'one node holds 180,000 iptables rules, nearly all of them copies',
        rules: ['iptables-duplicate-rules', 'iptables-version-known-bad'],
      },
      {
        tells: 'a Service answers from one node and not from the other',
        rules: ['service-chain-broken', 'service-endpoint-divergence-across-nodes'],
      },
      { tells: 'an application was given the address of a pod', rules: ['pod-ip-hardcoded'] },
      { tells: '“Host is unreachable” from a rule', rules: ['iptables-reject-before-accept'] },
    ],
  },
  {
    id: 'S2',
    title: 'Advice on what to look at when pods cannot reach each other',
    situations: [
      { tells: 'networks of pods and hosts overlap', rules: ['cni-cidr-overlap-host'] },
      {
        tells: 'the network below does not carry the overlay’s protocol',
        rules: ['calico-ipip-tunnel-route-missing', 'vxlan-port-conflict-or-blocked'],
      },
      {
        tells: 'forwarding, or filtering on bridges, is off',
        rules: ['sysctl-ip-forward-off', 'sysctl-bridge-nf-off'],
      },
      { tells: 'routes to the pods of a peer are missing', rules: ['flannel-peer-tuple-missing'] },
      { tells: 'SELinux kept a network plugin from being installed', rules: ['cni-install-selinux-denied'] },
      {
        tells: 'Docker drops what is forwarded, and the drop-in against it is not read',
        rules: ['docker-forward-drop', 'systemd-dropin-no-section'],
      },
      {
        tells: 'names are not resolved',
        rules: ['dns-service-missing', 'service-no-endpoints'],
      },
      { tells: 'kube-proxy does not run, or does not program', rules: ['kube-proxy-not-programming'] },
      { tells: 'a pod does not reach itself through its Service', rules: ['service-hairpin'] },
      {
        tells: 'the API server is not reached through its Service',
        rules: ['apiserver-via-service-unreachable', 'ipvs-service-without-servers'],
      },
    ],
  },
  {
    id: 'S3',
    title: 'An externalIP that is the address of a node',
    situations: [
      {
        tells: 'kube-ipvs0 takes the address of a peer, and nothing reaches the API server',
        rules: ['ipvs-external-ip-is-node-ip', 'neighbour-unresolved', 'api-server-unreachable'],
      },
    ],
  },
  {
    id: 'S4',
    title: 'A guide to troubleshooting Kubernetes',
    situations: [
      {
        tells: 'kubectl fails: etcd changes its leader, is slow, or has members that cannot agree',
        rules: ['etcd-even-members', 'etcd-leader-changes', 'etcd-slow-disk'],
      },
      {
        tells: 'certificates are expired, not yet valid, or of another authority; clocks differ',
        rules: [
          'certificate-expired',
          'certificate-expiring',
          'certificate-not-yet-valid',
          'certificate-unknown-ca',
          'clock-skew',
          'clock-unsynchronised',
        ],
      },
      {
        tells: 'names are not resolved: resolv.conf, CoreDNS, kube-proxy',
        rules: [
          'dns-resolv-conf-bad',
          'dns-service-missing',
          'service-no-endpoints',
          'kube-proxy-not-programming',
        ],
      },
      {
        tells: 'no route, or no translation, for a Service',
        rules: ['route-no-default', 'service-chain-broken', 'conntrack-stale-dnat', 'conntrack-table-full'],
      },
      {
        tells: 'pods of two nodes do not reach each other',
        rules: ['cni-not-ready', 'vxlan-port-conflict-or-blocked', 'link-mtu-mismatch'],
      },
      {
        tells: 'kernel settings are wrong, or are not what the files say',
        rules: [
          'sysctl-ip-forward-off',
          'sysctl-bridge-nf-off',
          'sysctl-runtime-vs-persisted',
          'sysctl-rp-filter-cni',
          'sysctl-dead-dropin',
        ],
      },
      {
        tells: 'a firewall rejects with icmp-host-unreachable',
        rules: ['iptables-reject-before-accept', 'host-firewall-active'],
      },
      { tells: 'a configuration file has a tab or a bracket too many', rules: ['config-syntax'] },
    ],
  },
]
