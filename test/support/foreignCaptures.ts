import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FIXTURES } from './faultCase.ts'

/** A capture as somebody else's collector would file it. */
export interface ForeignCapture {
  readonly source: string
  readonly path: string
  readonly command: string
  readonly bytes: Buffer
}

type Row = readonly [source: string, path: string, text: string, command: string]

/** Path in the bundle, the text it gets (below fixtures/), and what makes such a text: every path of docs/bundle-format.md. */
const ROWS: readonly Row[] = [
  ['node-meta', 'meta/node.txt', 'outputs/node-meta/collected.txt', '-'],
  ['os-release', 'meta/os-release.txt', 'outputs/os-release/debian-12.txt', 'cat /etc/os-release'],
  ['uname', 'meta/uname.txt', 'outputs/uname/debian-12.txt', 'uname -a'],
  ['cmdline', 'meta/cmdline.txt', 'outputs/cmdline/debian-12.txt', 'cat /proc/cmdline'],
  ['modules', 'meta/modules.txt', 'outputs/modules/kube-node.txt', 'cat /proc/modules'],
  ['versions', 'meta/versions.txt', 'outputs/versions/kubeadm-node.txt', '-'],

  ['ip-addr', 'net/ip-addr.txt', 'outputs/ip-addr/vxlan-and-veth.txt', 'ip -d addr show'],
  ['ip-link', 'net/ip-link.txt', 'outputs/ip-link/vxlan-and-veth.txt', 'ip -s -s -d link show'],
  ['ip-route', 'net/ip-route.txt', 'outputs/ip-route/flannel-calico-ipvs.txt', 'ip -4 route show table all'],
  ['ip6-route', 'net/ip6-route.txt', 'outputs/ip6-route/multipath.txt', 'ip -6 route show table all'],
  ['ip-rule', 'net/ip-rule.txt', 'outputs/ip-rule/every-selector.txt', 'ip -4 rule show'],
  ['ip6-rule', 'net/ip6-rule.txt', 'outputs/ip6-rule/two-rules.txt', 'ip -6 rule show'],
  ['ip-neigh', 'net/ip-neigh.txt', 'outputs/ip-neigh/every-state.txt', 'ip -s neigh show nud all'],
  ['bridge-fdb', 'net/bridge-fdb.txt', 'outputs/bridge-fdb/static-and-learnt.txt', 'bridge fdb show'],
  ['bridge-link', 'net/bridge-link.txt', 'outputs/bridge-link/one-port.txt', 'bridge -d link show'],
  ['ss-listen', 'net/ss-listen.txt', 'outputs/ss-listen/zones-and-families.txt', 'ss -tulpn'],
  ['ss-summary', 'net/ss-summary.txt', 'outputs/ss-summary/quiet.txt', 'ss -s'],
  [
    'arp-cache-stat',
    'net/arp-cache-stat.txt',
    'outputs/arp-cache-stat/quiet.txt',
    'cat /proc/net/stat/arp_cache',
  ],
  [
    'ndisc-cache-stat',
    'net/ndisc-cache-stat.txt',
    'outputs/ndisc-cache-stat/quiet.txt',
    'cat /proc/net/stat/ndisc_cache',
  ],
  ['softnet-stat', 'net/softnet-stat.txt', 'outputs/softnet-stat/two-cpus.txt', 'cat /proc/net/softnet_stat'],
  ['netstat', 'net/netstat.txt', 'outputs/netstat/quiet.txt', 'cat /proc/net/netstat'],
  ['snmp', 'net/snmp.txt', 'outputs/snmp/quiet.txt', 'cat /proc/net/snmp'],
  ['dev', 'net/dev.txt', 'outputs/dev/eight-devices.txt', 'cat /proc/net/dev'],
  ['ethtool', 'net/ethtool/cni0.txt', 'outputs/ethtool/bridge.txt', 'ethtool -k cni0'],
  ['ethtool', 'net/ethtool/flannel.1.txt', 'outputs/ethtool/vxlan.txt', 'ethtool -k flannel.1'],
  ['resolv-conf', 'net/resolv-conf.txt', 'outputs/resolv-conf/systemd-resolved.txt', 'cat /etc/resolv.conf'],
  ['hosts', 'net/hosts.txt', 'outputs/hosts/debian-12.txt', 'cat /etc/hosts'],
  ['nsswitch', 'net/nsswitch.txt', 'outputs/nsswitch/debian-12.txt', 'cat /etc/nsswitch.conf'],

  [
    'iptables-save',
    'netfilter/iptables-save.txt',
    'outputs/iptables-save/forward-drop-counted.txt',
    'iptables-save -c',
  ],
  ['ip6tables-save', 'netfilter/ip6tables-save.txt', 'outputs/ip6tables-save/nft.txt', 'ip6tables-save -c'],
  [
    'iptables-legacy-save',
    'netfilter/iptables-legacy-save.txt',
    'outputs/iptables-save/every-match-legacy.txt',
    'iptables-legacy-save -c',
  ],
  [
    'iptables-nft-save',
    'netfilter/iptables-nft-save.txt',
    'outputs/iptables-save/every-match-nft-save.txt',
    'iptables-nft-save -c',
  ],
  [
    'ip6tables-legacy-save',
    'netfilter/ip6tables-legacy-save.txt',
    'outputs/ip6tables-save/legacy.txt',
    'ip6tables-legacy-save -c',
  ],
  [
    'ip6tables-nft-save',
    'netfilter/ip6tables-nft-save.txt',
    'outputs/ip6tables-save/nft.txt',
    'ip6tables-nft-save -c',
  ],
  [
    'bundled-iptables-save',
    'netfilter/bundled/iptables-save.txt',
    'outputs/iptables-save/small-counted.txt',
    '/var/lib/rancher/k3s/data/current/bin/aux/iptables-save -c',
  ],
  ['nft-ruleset', 'netfilter/nft-ruleset.txt', 'outputs/nft-ruleset/with-handles.txt', 'nft -a list ruleset'],
  ['ipset-save', 'netfilter/ipset-save.txt', 'outputs/ipset-save/every-kind.txt', 'ipset save'],
  [
    'ip-tables-names',
    'netfilter/ip-tables-names.txt',
    'outputs/ip-tables-names/filter.txt',
    'cat /proc/net/ip_tables_names',
  ],

  ['ipvsadm', 'ipvs/ipvsadm.txt', 'outputs/ipvsadm/kube-proxy.txt', 'ipvsadm -Ln'],
  ['ipvsadm-stats', 'ipvs/ipvsadm-stats.txt', 'outputs/ipvsadm-stats/kube-proxy.txt', 'ipvsadm -Ln --stats'],
  [
    'ipvsadm-timeouts',
    'ipvs/ipvsadm-timeouts.txt',
    'outputs/ipvsadm-timeouts/default.txt',
    'ipvsadm -Ln --timeout',
  ],
  ['proc-ip-vs', 'ipvs/proc-ip-vs.txt', 'outputs/proc-ip-vs/kube-proxy.txt', 'cat /proc/net/ip_vs'],
  ['conntrack-counts', 'conntrack/counts.txt', 'outputs/conntrack-counts/quiet.txt', '-'],
  ['conntrack-stats', 'conntrack/stats.txt', 'outputs/conntrack-stats/per-cpu.txt', 'conntrack -S'],
  ['conntrack-list', 'conntrack/list.txt', 'outputs/conntrack-list/service.txt', 'conntrack -L'],

  ['sysctl-values', 'sysctl/values.txt', 'outputs/sysctl-values/flannel-node.txt', '-'],
  [
    'sysctl-files',
    'sysctl/files/etc/sysctl.conf',
    'outputs/sysctl-files/debian-12-sysctl.conf',
    'cat /etc/sysctl.conf',
  ],
  [
    'sysctl-files',
    'sysctl/files/etc/sysctl.d/k8s.conf',
    'outputs/sysctl-files/kubernetes.conf',
    'cat /etc/sysctl.d/k8s.conf',
  ],
  [
    'sysctl-files',
    'sysctl/files/usr/lib/sysctl.d/50-pid-max.conf',
    'outputs/sysctl-files/systemd-50-pid-max.conf',
    'cat /usr/lib/sysctl.d/50-pid-max.conf',
  ],
  [
    'sysctl-files',
    'sysctl/files/usr/lib/sysctl.d/99-protect-links.conf',
    'outputs/sysctl-files/debian-99-protect-links.conf',
    'cat /usr/lib/sysctl.d/99-protect-links.conf',
  ],
  [
    'sysctl-files',
    'sysctl/files/run/sysctl.d/10-cni.conf',
    'outputs/sysctl-files/kubernetes.conf',
    'cat /run/sysctl.d/10-cni.conf',
  ],
  [
    'sysctl-files',
    'sysctl/files/etc/sysconf.d/k8s.conf',
    'outputs/sysctl-files/kubernetes.conf',
    'cat /etc/sysconf.d/k8s.conf',
  ],

  [
    'certificates',
    'certs/etc/kubernetes/pki/ca.crt',
    'outputs/certificates/kubeadm-ca.crt',
    'cat /etc/kubernetes/pki/ca.crt',
  ],
  [
    'certificates',
    'certs/etc/kubernetes/pki/apiserver.crt',
    'outputs/certificates/kubeadm-apiserver.crt',
    'cat /etc/kubernetes/pki/apiserver.crt',
  ],
  [
    'certificates',
    'certs/etc/kubernetes/pki/etcd/server.crt',
    'nodes/kubernetes-1.20/node-1/certs/etc/kubernetes/pki/etcd/server.crt',
    'cat /etc/kubernetes/pki/etcd/server.crt',
  ],

  [
    'cni-conf',
    'cni/net.d/10-bridge.conflist',
    'outputs/cni-conf/bridge.conflist',
    'cat /etc/cni/net.d/10-bridge.conflist',
  ],
  ['cni-bin', 'cni/bin.txt', 'outputs/cni-bin/debian-plugins.txt', 'ls /opt/cni/bin'],
  [
    'flannel-subnet-env',
    'cni/flannel-subnet.env',
    'outputs/flannel-subnet-env/vxlan.env',
    'cat /run/flannel/subnet.env',
  ],
  ['ipam-reservations', 'cni/ipam/cbr0/10.244.9.10', 'outputs/ipam-reservations/10.244.9.10', '-'],
  [
    'ipam-reservations',
    'cni/ipam/cbr0/last_reserved_ip.0',
    'outputs/ipam-reservations/last_reserved_ip.0',
    '-',
  ],
  ['flannel-state', 'cni/flannel-state.txt', 'outputs/flannel-state/two-pods.txt', 'ls /var/lib/cni/flannel'],
  ['netns', 'cni/netns.txt', 'outputs/netns/two-pods.txt', 'ip netns list-id'],

  [
    'kube-config',
    'kube/config/var/lib/kubelet/config.yaml',
    'outputs/kube-config/kubelet-config.yaml',
    'cat /var/lib/kubelet/config.yaml',
  ],
  [
    'kube-config',
    'kube/config/var/lib/kubelet/kubeadm-flags.env',
    'outputs/kube-config/kubeadm-flags.env',
    'cat /var/lib/kubelet/kubeadm-flags.env',
  ],
  [
    'kube-config',
    'kube/config/etc/rancher/k3s/config.yaml',
    'outputs/kube-config/k3s-config.yaml',
    'cat /etc/rancher/k3s/config.yaml',
  ],
  [
    'kube-config',
    'kube/config/etc/rancher/k3s/config.yaml.d/10-more.yaml',
    'outputs/kube-config/k3s-config.yaml',
    'cat /etc/rancher/k3s/config.yaml.d/10-more.yaml',
  ],
  [
    'kube-config',
    'kube/config/etc/kubernetes/manifests/etcd.yaml',
    'outputs/kube-config/static-pod-etcd.yaml',
    'cat /etc/kubernetes/manifests/etcd.yaml',
  ],
  [
    'kube-config',
    'kube/config/etc/systemd/system/kubelet.service.d/10-kubeadm.conf',
    'outputs/kube-config/kubelet-service-drop-in.conf',
    'cat /etc/systemd/system/kubelet.service.d/10-kubeadm.conf',
  ],
  ['kubeconfigs', 'kube/kubeconfigs.tsv', 'outputs/kubeconfigs/kubeadm.tsv', '-'],
  ['kube-nodes', 'kube/api/nodes.json', 'outputs/kube-nodes/v1.20.json', 'kubectl get nodes -A -o json'],
  ['kube-pods', 'kube/api/pods.json', 'outputs/kube-pods/v1.20.json', 'kubectl get pods -A -o json'],
  [
    'kube-services',
    'kube/api/services.json',
    'outputs/kube-services/v1.20.json',
    'kubectl get services -A -o json',
  ],
  [
    'kube-endpoints',
    'kube/api/endpoints.json',
    'outputs/kube-endpoints/v1.20.json',
    'kubectl get endpoints -A -o json',
  ],
  [
    'kube-endpointslices',
    'kube/api/endpointslices.json',
    'outputs/kube-endpointslices/v1.20.json',
    'kubectl get endpointslices -A -o json',
  ],
  ['kube-events', 'kube/api/events.json', 'outputs/kube-events/v1.20.json', 'kubectl get events -A -o json'],
  [
    'kube-networkpolicies',
    'kube/api/networkpolicies.json',
    'outputs/kube-networkpolicies/deny-all.json',
    'kubectl get networkpolicies -A -o json',
  ],

  ['crictl-pods', 'runtime/crictl-pods.json', 'outputs/crictl-pods/two-pods.json', 'crictl pods -o json'],
  ['crictl-ps', 'runtime/crictl-ps.json', 'outputs/crictl-ps/one-container.json', 'crictl ps -a -o json'],
  ['docker-ps', 'runtime/docker-ps.txt', 'outputs/docker-ps/kubelet-containers.txt', 'docker ps -a'],
  [
    'runtime-config',
    'runtime/config/etc/containerd/config.toml',
    'outputs/runtime-config/containerd.toml',
    'cat /etc/containerd/config.toml',
  ],
  [
    'runtime-config',
    'runtime/config/etc/docker/daemon.json',
    'outputs/runtime-config/docker-daemon.json',
    'cat /etc/docker/daemon.json',
  ],

  [
    'journal',
    'journal/kubelet.txt',
    'nodes/kubernetes-1.20/node-1/journal/kubelet.txt',
    'journalctl -u kubelet -o short-iso-precise --utc',
  ],
  [
    'journal',
    'journal/containerd.txt',
    'nodes/kubernetes-1.20/node-1/journal/containerd.txt',
    'journalctl -u containerd -o short-iso-precise --utc',
  ],
  [
    'journal',
    'journal/k3s.txt',
    'outputs/journal/short-iso-precise.txt',
    'journalctl -u k3s -o short-iso-precise --utc',
  ],
  ['dmesg', 'kernel/dmesg.txt', 'outputs/dmesg/neighbour-and-conntrack-full.txt', 'dmesg'],
  ['boots', 'kernel/boots.txt', 'outputs/boots/systemd-252.txt', 'journalctl --list-boots'],

  ['etcd', 'etcd/member-list.json', 'outputs/etcd/member-list.json', 'etcdctl -w json member list'],
  [
    'etcd',
    'etcd/endpoint-status.json',
    'outputs/etcd/endpoint-status.json',
    'etcdctl -w json endpoint status',
  ],
  ['fio', 'extra/fio.txt', 'outputs/fio/fdatasync.txt', '-'],
  ['nmap', 'extra/nmap.xml', 'outputs/nmap/ping-sweep.xml', '-'],
]

/** A capture for every path that the format of a bundle names, each with a text that real tools print. */
export function foreignCaptures(): readonly ForeignCapture[] {
  return ROWS.map(([source, path, text, command]) => ({
    source,
    path,
    command,
    bytes: readFileSync(join(FIXTURES, text)),
  }))
}
