import { bridgeFdb } from '../parsers/bridgeFdb.ts'
import { bridgeLink } from '../parsers/bridgeLink.ts'
import { cniConf } from '../parsers/cniConf.ts'
import { configText } from '../parsers/configText.ts'
import { conntrackCounts } from '../parsers/conntrackCounts.ts'
import { conntrackList } from '../parsers/conntrackList.ts'
import { conntrackStats } from '../parsers/conntrackStats.ts'
import { criPods } from '../parsers/criPods.ts'
import { criContainers } from '../parsers/criContainers.ts'
import { dockerPs } from '../parsers/dockerPs.ts'
import { etcdStatus } from '../parsers/etcdStatus.ts'
import { ethtoolFeatures } from '../parsers/ethtoolFeatures.ts'
import { fio } from '../parsers/fio.ts'
import { flannelSubnetEnv } from '../parsers/flannelSubnetEnv.ts'
import { ipAddr } from '../parsers/ipAddr.ts'
import { ipNeigh } from '../parsers/ipNeigh.ts'
import { ip6Route, ipRoute } from '../parsers/ipRoute.ts'
import { ipRule } from '../parsers/ipRule.ts'
import { ipamReservation } from '../parsers/ipamReservation.ts'
import { ipsetSave } from '../parsers/ipsetSave.ts'
import { iptablesSave } from '../parsers/iptablesSave.ts'
import { ipvsadm } from '../parsers/ipvsadm.ts'
import { ipvsadmStats } from '../parsers/ipvsadmStats.ts'
import { ipvsadmTimeouts } from '../parsers/ipvsadmTimeouts.ts'
import { json } from '../parsers/json.ts'
import { kernelLog } from '../parsers/kernelLog.ts'
import { journal } from '../parsers/journal.ts'
import { journalBoots } from '../parsers/journalBoots.ts'
import { kubeConfigs } from '../parsers/kubeConfigs.ts'
import { kubeEndpoints } from '../parsers/kubeEndpoints.ts'
import { kubeEndpointSlices } from '../parsers/kubeEndpointSlices.ts'
import { kubeEvents } from '../parsers/kubeEvents.ts'
import { kubeNodes } from '../parsers/kubeNodes.ts'
import { kubePods } from '../parsers/kubePods.ts'
import { kubeServices } from '../parsers/kubeServices.ts'
import { lines } from '../parsers/lines.ts'
import { nftRuleset } from '../parsers/nftRuleset.ts'
import { nmapSweep } from '../parsers/nmapSweep.ts'
import { nodeMeta } from '../parsers/nodeMeta.ts'
import { osRelease } from '../parsers/osRelease.ts'
import { pemCertificates } from '../parsers/pemCertificates.ts'
import { procCounters } from '../parsers/procCounters.ts'
import { procIpVs } from '../parsers/procIpVs.ts'
import { procModules } from '../parsers/procModules.ts'
import { procNetDev } from '../parsers/procNetDev.ts'
import { procNeighStat } from '../parsers/procNeighStat.ts'
import { resolvConf } from '../parsers/resolvConf.ts'
import { softnetStat } from '../parsers/softnetStat.ts'
import { ssListen } from '../parsers/ssListen.ts'
import { sysctlConf } from '../parsers/sysctlConf.ts'
import { sysctlValues } from '../parsers/sysctlValues.ts'
import { toolVersions } from '../parsers/toolVersions.ts'
import { uname } from '../parsers/uname.ts'
import { yamlConfig } from '../parsers/yamlConfig.ts'
import { file, folder } from './source.ts'

/** Every source that the product reads: path in the bundle (docs/bundle-format.md) → parser. */
export const sources = {
  nodeMeta: file('node-meta', 'meta/node.txt', nodeMeta),
  osRelease: file('os-release', 'meta/os-release.txt', osRelease),
  uname: file('uname', 'meta/uname.txt', uname),
  cmdline: file('cmdline', 'meta/cmdline.txt', lines),
  modules: file('modules', 'meta/modules.txt', procModules),
  versions: file('versions', 'meta/versions.txt', toolVersions),

  ipAddr: file('ip-addr', 'net/ip-addr.txt', ipAddr),
  ipLink: file('ip-link', 'net/ip-link.txt', ipAddr),
  ipRoute: file('ip-route', 'net/ip-route.txt', ipRoute),
  ip6Route: file('ip6-route', 'net/ip6-route.txt', ip6Route),
  ipRule: file('ip-rule', 'net/ip-rule.txt', ipRule),
  ip6Rule: file('ip6-rule', 'net/ip6-rule.txt', ipRule),
  ipNeigh: file('ip-neigh', 'net/ip-neigh.txt', ipNeigh),
  bridgeFdb: file('bridge-fdb', 'net/bridge-fdb.txt', bridgeFdb),
  bridgeLink: file('bridge-link', 'net/bridge-link.txt', bridgeLink),
  ssListen: file('ss-listen', 'net/ss-listen.txt', ssListen),
  ssSummary: file('ss-summary', 'net/ss-summary.txt', lines),
  arpCacheStat: file('arp-cache-stat', 'net/arp-cache-stat.txt', procNeighStat),
  ndiscCacheStat: file('ndisc-cache-stat', 'net/ndisc-cache-stat.txt', procNeighStat),
  softnetStat: file('softnet-stat', 'net/softnet-stat.txt', softnetStat),
  netstat: file('netstat', 'net/netstat.txt', procCounters),
  snmp: file('snmp', 'net/snmp.txt', procCounters),
  netDev: file('dev', 'net/dev.txt', procNetDev),
  ethtool: folder('ethtool', 'net/ethtool/', ethtoolFeatures),
  resolvConf: file('resolv-conf', 'net/resolv-conf.txt', resolvConf),
  hosts: file('hosts', 'net/hosts.txt', lines),
  nsswitch: file('nsswitch', 'net/nsswitch.txt', lines),

  iptablesSave: file('iptables-save', 'netfilter/iptables-save.txt', iptablesSave),
  ip6tablesSave: file('ip6tables-save', 'netfilter/ip6tables-save.txt', iptablesSave),
  iptablesLegacySave: file('iptables-legacy-save', 'netfilter/iptables-legacy-save.txt', iptablesSave),
  iptablesNftSave: file('iptables-nft-save', 'netfilter/iptables-nft-save.txt', iptablesSave),
  ip6tablesLegacySave: file('ip6tables-legacy-save', 'netfilter/ip6tables-legacy-save.txt', iptablesSave),
  ip6tablesNftSave: file('ip6tables-nft-save', 'netfilter/ip6tables-nft-save.txt', iptablesSave),
  bundledIptablesSave: file('bundled-iptables-save', 'netfilter/bundled/iptables-save.txt', iptablesSave),
  nftRuleset: file('nft-ruleset', 'netfilter/nft-ruleset.txt', nftRuleset),
  ipsetSave: file('ipset-save', 'netfilter/ipset-save.txt', ipsetSave),
  ipTablesNames: file('ip-tables-names', 'netfilter/ip-tables-names.txt', lines),

  ipvsadm: file('ipvsadm', 'ipvs/ipvsadm.txt', ipvsadm),
  ipvsadmStats: file('ipvsadm-stats', 'ipvs/ipvsadm-stats.txt', ipvsadmStats),
  ipvsadmTimeouts: file('ipvsadm-timeouts', 'ipvs/ipvsadm-timeouts.txt', ipvsadmTimeouts),
  procIpVs: file('proc-ip-vs', 'ipvs/proc-ip-vs.txt', procIpVs),

  conntrackCounts: file('conntrack-counts', 'conntrack/counts.txt', conntrackCounts),
  conntrackStats: file('conntrack-stats', 'conntrack/stats.txt', conntrackStats),
  conntrackList: file('conntrack-list', 'conntrack/list.txt', conntrackList),

  sysctlValues: file('sysctl-values', 'sysctl/values.txt', sysctlValues),
  sysctlFiles: folder('sysctl-files', 'sysctl/files/', sysctlConf),

  certificates: folder('certificates', 'certs/', pemCertificates),

  cniConf: folder('cni-conf', 'cni/net.d/', cniConf),
  cniBin: file('cni-bin', 'cni/bin.txt', lines),
  flannelSubnetEnv: file('flannel-subnet-env', 'cni/flannel-subnet.env', flannelSubnetEnv),
  ipamReservations: folder('ipam-reservations', 'cni/ipam/', ipamReservation),
  flannelState: file('flannel-state', 'cni/flannel-state.txt', lines),
  netns: file('netns', 'cni/netns.txt', lines),

  kubeConfigFiles: folder('kube-config', 'kube/config/', yamlConfig),
  kubeConfigs: file('kubeconfigs', 'kube/kubeconfigs.tsv', kubeConfigs),
  kubeNodes: file('kube-nodes', 'kube/api/nodes.json', kubeNodes),
  kubePods: file('kube-pods', 'kube/api/pods.json', kubePods),
  kubeServices: file('kube-services', 'kube/api/services.json', kubeServices),
  kubeEndpoints: file('kube-endpoints', 'kube/api/endpoints.json', kubeEndpoints),
  kubeEndpointSlices: file('kube-endpointslices', 'kube/api/endpointslices.json', kubeEndpointSlices),
  kubeEvents: file('kube-events', 'kube/api/events.json', kubeEvents),
  kubeNetworkPolicies: file('kube-networkpolicies', 'kube/api/networkpolicies.json', json),

  criPods: file('crictl-pods', 'runtime/crictl-pods.json', criPods),
  criContainers: file('crictl-ps', 'runtime/crictl-ps.json', criContainers),
  dockerPs: file('docker-ps', 'runtime/docker-ps.txt', dockerPs),
  runtimeConfig: folder('runtime-config', 'runtime/config/', configText),

  journals: folder('journal', 'journal/', journal),
  kernelLog: file('dmesg', 'kernel/dmesg.txt', kernelLog),
  boots: file('boots', 'kernel/boots.txt', journalBoots),

  etcd: folder('etcd', 'etcd/', etcdStatus),
  fio: file('fio', 'extra/fio.txt', fio),
  nmapSweep: file('nmap', 'extra/nmap.xml', nmapSweep),
}

/** Key of a source in the table. */
export type SourceKey = keyof typeof sources

/** What the parser of a source gives. */
export type SourceValue<K extends SourceKey> = (typeof sources)[K] extends { readonly parser: infer P }
  ? P extends { readonly start: () => { readonly end: () => infer T } }
    ? T
    : P extends { readonly parse: (text: string) => { readonly value: infer T } }
      ? T
      : never
  : never
