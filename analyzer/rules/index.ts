import type { Rule } from '../engine/defineRule.ts'
import arpDuplicateIp from './addresses/arp-duplicate-ip.ts'
import arpWrongMac from './addresses/arp-wrong-mac.ts'
import duplicateMachineIdentity from './addresses/duplicate-machine-identity.ts'
import interfaceDown from './addresses/interface-down.ts'
import linkErrorsOrFlaps from './addresses/link-errors-or-flaps.ts'
import neighTableOverflow from './addresses/neigh-table-overflow.ts'
import neighbourUnresolved from './addresses/neighbour-unresolved.ts'
import certificateExpired from './certificates/certificate-expired.ts'
import certificateExpiring from './certificates/certificate-expiring.ts'
import certificateNotYetValid from './certificates/certificate-not-yet-valid.ts'
import certificateApiserverSanMissing from './certificates/certificate-apiserver-san-missing.ts'
import certificateKeyMismatch from './certificates/certificate-key-mismatch.ts'
import clockSkew from './certificates/clock-skew.ts'
import certificateRenewedNotLoaded from './certificates/certificate-renewed-not-loaded.ts'
import certificateUnknownCa from './certificates/certificate-unknown-ca.ts'
import certificateKubeletSanMissingNodeIp from './certificates/certificate-kubelet-san-missing-node-ip.ts'
import k3sCert1y from './certificates/k3s-cert-1y.ts'
import k3sCustomCaIncomplete from './certificates/k3s-custom-ca-incomplete.ts'
import apiServerUnreachable from './control-plane/api-server-unreachable.ts'
import k3sAgentJoin from './control-plane/k3s-agent-join.ts'
import staticPodManifestBad from './control-plane/static-pod-manifest-bad.ts'
import etcdEvenMembers from './control-plane/etcd-even-members.ts'
import etcdLeaderChanges from './control-plane/etcd-leader-changes.ts'
import etcdMemberBroken from './control-plane/etcd-member-broken.ts'
import etcdNospace from './control-plane/etcd-nospace.ts'
import etcdSlowDisk from './control-plane/etcd-slow-disk.ts'
import cniHostportStale from './iptables/cni-hostport-stale.ts'
import calicoBgpNotEstablished from './cni/calico-bgp-not-established.ts'
import calicoBlackholeOverlap from './cni/calico-blackhole-overlap.ts'
import calicoIpamLeak from './cni/calico-ipam-leak.ts'
import calicoIpipTunnelRouteMissing from './cni/calico-ipip-tunnel-route-missing.ts'
import calicoWrongAutodetectedIp from './cni/calico-wrong-autodetected-ip.ts'
import cniCidrOverlapHost from './cni/cni-cidr-overlap-host.ts'
import cniConfigMissing from './cni/cni-config-missing.ts'
import cniInstallSelinuxDenied from './cni/cni-install-selinux-denied.ts'
import cniLeftoverConfig from './cni/cni-leftover-config.ts'
import cniNotReady from './cni/cni-not-ready.ts'
import cniStaleVeth from './cni/cni-stale-veth.ts'
import flannelStateWiped from './cni/flannel-state-wiped.ts'
import serviceHairpin from './services/service-hairpin.ts'
import cniAddressPoolExhausted from './cni/cni-address-pool-exhausted.ts'
import bridgeAddressMismatch from './cni/bridge-address-mismatch.ts'
import duplicatePodcidr from './cni/duplicate-podcidr.ts'
import flannelPodcidrUnassigned from './cni/flannel-podcidr-unassigned.ts'
import flannelPeerTupleMissing from './cni/flannel-peer-tuple-missing.ts'
import flannelVtepMacMismatch from './cni/flannel-vtep-mac-mismatch.ts'
import flannelWrongPublicIp from './cni/flannel-wrong-public-ip.ts'
import hostLocalAddressLeak from './cni/host-local-address-leak.ts'
import podUnreachableInSweep from './cni/pod-unreachable-in-sweep.ts'
import vxlanChecksumOffload from './cni/vxlan-checksum-offload.ts'
import vxlanPortConflictOrBlocked from './cni/vxlan-port-conflict-or-blocked.ts'
import k3sConfigContradiction from './configuration/k3s-config-contradiction.ts'
import k3sConfigInconsistent from './configuration/k3s-config-inconsistent.ts'
import k3sNodeIpNotOnHost from './configuration/k3s-node-ip-not-on-host.ts'
import versionSkew from './configuration/version-skew.ts'
import systemdDropinNoSection from './configuration/systemd-dropin-no-section.ts'
import iptablesLockContention from './iptables/iptables-lock-contention.ts'
import iptablesRestoreFailed from './iptables/iptables-restore-failed.ts'
import cgroupDriverMismatch from './runtime/cgroup-driver-mismatch.ts'
import diskPressure from './runtime/disk-pressure.ts'
import hungTask from './runtime/hung-task.ts'
import kernelMemoryCgroupLeak from './runtime/kernel-memory-cgroup-leak.ts'
import kernelSoftlockup from './runtime/kernel-softlockup.ts'
import netdevLeak from './runtime/netdev-leak.ts'
import oomKill from './runtime/oom-kill.ts'
import plegUnhealthy from './runtime/pleg-unhealthy.ts'
import runtimeStorm from './runtime/runtime-storm.ts'
import swapEnabled from './runtime/swap-enabled.ts'
import configSyntax from './configuration/config-syntax.ts'
import conntrackInsertFailedDnsRace from './conntrack/conntrack-insert-failed-dns-race.ts'
import conntrackInvalidRst from './conntrack/conntrack-invalid-rst.ts'
import conntrackStaleDnat from './conntrack/conntrack-stale-dnat.ts'
import conntrackTableFull from './conntrack/conntrack-table-full.ts'
import capturePartlyUnread from './evidence/capture-partly-unread.ts'
import capturesFarApart from './evidence/captures-far-apart.ts'
import clockUnsynchronised from './evidence/clock-unsynchronised.ts'
import collectedInContainer from './evidence/collected-in-container.ts'
import collectorNotRoot from './evidence/collector-not-root.ts'
import dumpTruncated from './evidence/dump-truncated.ts'
import evidenceWindowShort from './evidence/evidence-window-short.ts'
import nftUnavailable from './evidence/nft-unavailable.ts'
import nodeCollectedTwice from './evidence/node-collected-twice.ts'
import toolMissing from './evidence/tool-missing.ts'
import dockerForwardDrop from './iptables/docker-forward-drop.ts'
import iptablesDumpByOlderBinary from './iptables/iptables-dump-by-older-binary.ts'
import iptablesDuplicateRules from './iptables/iptables-duplicate-rules.ts'
import iptablesRejectBeforeAccept from './iptables/iptables-reject-before-accept.ts'
import hostFirewallActive from './iptables/host-firewall-active.ts'
import iptablesBackendsMixed from './iptables/iptables-backends-mixed.ts'
import iptablesCrossVersionMangling from './iptables/iptables-cross-version-mangling.ts'
import iptablesKubeForwardDuplicate from './iptables/iptables-kube-forward-duplicate.ts'
import iptablesKubeJumpMissing from './iptables/iptables-kube-jump-missing.ts'
import iptablesMarkMatchLost from './iptables/iptables-mark-match-lost.ts'
import iptablesVersionKnownBad from './iptables/iptables-version-known-bad.ts'
import netpolChainLeak from './iptables/netpol-chain-leak.ts'
import netpolLeftoverAfterDisable from './iptables/netpol-leftover-after-disable.ts'
import iptablesTableIncompatible from './iptables/iptables-table-incompatible.ts'
import ipvsConnReuseDelay from './ipvs/ipvs-conn-reuse-delay.ts'
import ipvsDivergenceAcrossNodes from './ipvs/ipvs-divergence-across-nodes.ts'
import ipvsExternalIpIsNodeIp from './ipvs/ipvs-external-ip-is-node-ip.ts'
import ipvsIpsetMismatch from './ipvs/ipvs-ipset-mismatch.ts'
import ipvsModulesMissing from './ipvs/ipvs-modules-missing.ts'
import ipvsServerWeightZero from './ipvs/ipvs-server-weight-zero.ts'
import ipvsStrictarpFalseWithL2Lb from './ipvs/ipvs-strictarp-false-with-l2-lb.ts'
import ipvsTimeoutsIdleReset from './ipvs/ipvs-timeouts-idle-reset.ts'
import ipvsServiceWithoutServers from './ipvs/ipvs-service-without-servers.ts'
import kubeProxyLeftoverMode from './services/kube-proxy-leftover-mode.ts'
import kubeProxyModeMismatch from './services/kube-proxy-mode-mismatch.ts'
import serviceChainBroken from './services/service-chain-broken.ts'
import serviceEndpointDivergenceAcrossNodes from './services/service-endpoint-divergence-across-nodes.ts'
import kubeProxyNotProgramming from './services/kube-proxy-not-programming.ts'
import kubeProxyNotRunning from './services/kube-proxy-not-running.ts'
import apiserverViaServiceUnreachable from './services/apiserver-via-service-unreachable.ts'
import dnsServiceMissing from './services/dns-service-missing.ts'
import dnsResolvConfBad from './services/dns-resolv-conf-bad.ts'
import serviceNoEndpoints from './services/service-no-endpoints.ts'
import hostportNodeportListenerConflict from './services/hostport-nodeport-listener-conflict.ts'
import podIpHardcoded from './services/pod-ip-hardcoded.ts'
import gatewayNotForwarding from './routing/gateway-not-forwarding.ts'
import gatewayUnresolved from './routing/gateway-unresolved.ts'
import linkMtuMismatch from './routing/link-mtu-mismatch.ts'
import multiNicAsymmetric from './routing/multi-nic-asymmetric.ts'
import policyRoutingHijack from './routing/policy-routing-hijack.ts'
import routeLookupMismatch from './routing/route-lookup-mismatch.ts'
import routeMultiDefault from './routing/route-multi-default.ts'
import routeNoDefault from './routing/route-no-default.ts'
import sysctlBridgeNfOff from './routing/sysctl-bridge-nf-off.ts'
import sysctlDeadDropin from './routing/sysctl-dead-dropin.ts'
import sysctlIpForwardOff from './routing/sysctl-ip-forward-off.ts'
import sysctlInotifyLimits from './routing/sysctl-inotify-limits.ts'
import sysctlNodeportEphemeralOverlap from './routing/sysctl-nodeport-ephemeral-overlap.ts'
import sysctlRpFilterCni from './routing/sysctl-rp-filter-cni.ts'
import sysctlRuntimeVsPersisted from './routing/sysctl-runtime-vs-persisted.ts'
import sysctlTcpTwRecycle from './routing/sysctl-tcp-tw-recycle.ts'

/** Every rule, in the order of reports: evidence first, since it says what the others could not see. */
export const rules: readonly Rule[] = [
  capturePartlyUnread,
  capturesFarApart,
  clockUnsynchronised,
  collectedInContainer,
  collectorNotRoot,
  dumpTruncated,
  evidenceWindowShort,
  iptablesDumpByOlderBinary,
  nftUnavailable,
  nodeCollectedTwice,
  toolMissing,
  arpDuplicateIp,
  arpWrongMac,
  duplicateMachineIdentity,
  interfaceDown,
  linkErrorsOrFlaps,
  neighTableOverflow,
  neighbourUnresolved,
  gatewayNotForwarding,
  gatewayUnresolved,
  linkMtuMismatch,
  multiNicAsymmetric,
  policyRoutingHijack,
  routeLookupMismatch,
  routeMultiDefault,
  routeNoDefault,
  sysctlBridgeNfOff,
  sysctlDeadDropin,
  sysctlIpForwardOff,
  sysctlInotifyLimits,
  sysctlNodeportEphemeralOverlap,
  sysctlRpFilterCni,
  sysctlRuntimeVsPersisted,
  sysctlTcpTwRecycle,
  dockerForwardDrop,
  hostFirewallActive,
  iptablesBackendsMixed,
  iptablesCrossVersionMangling,
  iptablesDuplicateRules,
  iptablesKubeForwardDuplicate,
  iptablesKubeJumpMissing,
  iptablesMarkMatchLost,
  iptablesRejectBeforeAccept,
  cniHostportStale,
  netpolChainLeak,
  netpolLeftoverAfterDisable,
  iptablesTableIncompatible,
  iptablesVersionKnownBad,
  iptablesLockContention,
  iptablesRestoreFailed,
  ipvsExternalIpIsNodeIp,
  ipvsDivergenceAcrossNodes,
  ipvsServerWeightZero,
  ipvsConnReuseDelay,
  ipvsIpsetMismatch,
  ipvsModulesMissing,
  ipvsStrictarpFalseWithL2Lb,
  ipvsTimeoutsIdleReset,
  ipvsServiceWithoutServers,
  conntrackInsertFailedDnsRace,
  conntrackInvalidRst,
  conntrackStaleDnat,
  conntrackTableFull,
  bridgeAddressMismatch,
  duplicatePodcidr,
  flannelPodcidrUnassigned,
  flannelPeerTupleMissing,
  flannelVtepMacMismatch,
  flannelWrongPublicIp,
  vxlanPortConflictOrBlocked,
  vxlanChecksumOffload,
  hostLocalAddressLeak,
  cniAddressPoolExhausted,
  flannelStateWiped,
  cniCidrOverlapHost,
  cniConfigMissing,
  cniInstallSelinuxDenied,
  cniLeftoverConfig,
  cniNotReady,
  cniStaleVeth,
  calicoBgpNotEstablished,
  calicoBlackholeOverlap,
  calicoIpamLeak,
  calicoIpipTunnelRouteMissing,
  calicoWrongAutodetectedIp,
  podUnreachableInSweep,
  kubeProxyLeftoverMode,
  kubeProxyModeMismatch,
  kubeProxyNotRunning,
  kubeProxyNotProgramming,
  serviceChainBroken,
  serviceEndpointDivergenceAcrossNodes,
  dnsResolvConfBad,
  dnsServiceMissing,
  apiserverViaServiceUnreachable,
  serviceNoEndpoints,
  podIpHardcoded,
  hostportNodeportListenerConflict,
  serviceHairpin,
  configSyntax,
  k3sConfigContradiction,
  k3sConfigInconsistent,
  k3sNodeIpNotOnHost,
  versionSkew,
  systemdDropinNoSection,
  cgroupDriverMismatch,
  diskPressure,
  hungTask,
  kernelMemoryCgroupLeak,
  kernelSoftlockup,
  netdevLeak,
  oomKill,
  plegUnhealthy,
  runtimeStorm,
  swapEnabled,
  certificateKubeletSanMissingNodeIp,
  certificateExpired,
  certificateExpiring,
  certificateNotYetValid,
  certificateRenewedNotLoaded,
  certificateUnknownCa,
  certificateApiserverSanMissing,
  certificateKeyMismatch,
  k3sCert1y,
  k3sCustomCaIncomplete,
  clockSkew,
  apiServerUnreachable,
  etcdEvenMembers,
  etcdLeaderChanges,
  etcdMemberBroken,
  etcdNospace,
  etcdSlowDisk,
  k3sAgentJoin,
  staticPodManifestBad,
]
