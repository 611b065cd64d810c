import { describe, expect, test } from 'vitest'
import { type SignalId, signals } from '../../analyzer/logs/signals.ts'
import { journal } from '../../analyzer/parsers/journal.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'

interface Sample {
  readonly signal: SignalId
  /** From a real log, or put together after the format string of the source that the signal names. */
  readonly line: string
  readonly groups: Record<string, string>
  /** Holds a keyword of the signal, and is none. */
  readonly nearMiss: string
}

const samples: readonly Sample[] = [
  {
    signal: 'cni-network-not-ready',
    line: '"Container runtime network not ready" networkReady="NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized"',
    groups: { message: 'Network plugin returns error: cni plugin not initialized' },
    nearMiss: 'NetworkReady=true reason: not NetworkPluginNotReady',
  },
  {
    signal: 'cni-config-not-found',
    line: 'level=error msg="failed to load cni during init, please check CRI plugin status before setting up network for pods" error="cni config load failed: no network config found in /etc/cni/net.d: cni plugin not initialized: failed to load cni config"',
    groups: { folder: '/etc/cni/net.d' },
    nearMiss: 'no networks found in the list',
  },
  {
    signal: 'cni-config-not-found',
    line: 'Unable to update cni config: no networks found in /etc/cni/net.d',
    groups: { folder: '/etc/cni/net.d' },
    nearMiss: 'no networks found in',
  },
  {
    signal: 'cni-plugin-not-found',
    line: 'failed to find plugin "portmap" in path [/opt/cni/bin]',
    groups: { plugin: 'portmap', path: '/opt/cni/bin' },
    nearMiss: 'failed to find plugin named portmap',
  },
  {
    signal: 'cni-plugin-failed',
    line: 'failed to setup network for sandbox "c2e42dda6cd62b8add470f237d7e523f67a256ef09f51d1fc374572adca33156": plugin type="calico" failed (add): stat /var/lib/calico/nodename: no such file or directory: check that the calico/node container is running and has mounted /var/lib/calico/',
    groups: { plugin: 'calico' },
    nearMiss: 'plugin failed (add)',
  },
  {
    signal: 'cni-plugin-failed',
    line: 'plugin type="multus" name="multus-cni-network" failed (add): Multus: error getting k8s client',
    groups: { plugin: 'multus', network: 'multus-cni-network' },
    nearMiss: 'plugin type="multus" name="multus-cni-network" failed (delete) after it failed (add)',
  },
  {
    signal: 'cni-veth-exists',
    line: 'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "4eb5121d39dd": plugin type="ptp" failed (add): container veth name provided (eth0) already exists',
    groups: { name: 'eth0' },
    nearMiss: 'container veth name provided by the user',
  },
  {
    signal: 'cni-veth-exists',
    line: 'failed to find a unique veth name',
    groups: {},
    nearMiss: 'could not find a unique veth name',
  },
  {
    signal: 'calico-no-address',
    line: 'failed to setup network for sandbox "4eb5121d39dd": plugin type="calico" failed (add): failed to request IPv4 addresses: Assigned 0 out of 1 requested IPv4 addresses; No more free affine blocks and strict affinity enabled',
    groups: {},
    nearMiss: 'failed to request IPv4 addresses: connection refused',
  },
  {
    signal: 'calico-no-address',
    line: 'network: failed to request 1 IPv4 addresses. IPAM allocated only 0',
    groups: {},
    nearMiss: 'failed to request 2 IPv4 addresses. IPAM allocated only 1',
  },
  {
    signal: 'calico-no-address',
    line: 'networkPlugin cni failed to set up pod "default1" network: cannot allocate new block due to per host block limit',
    groups: {},
    nearMiss: 'a new block was refused due to per host block limit',
  },
  {
    signal: 'selinux-denied',
    line: 'audit: type=1400 audit(1795220850.123:412): avc:  denied  { write } for  pid=20711 comm="cp" name="net.d" dev="dm-0" ino=67325417 scontext=system_u:system_r:container_t:s0:c14,c813 tcontext=system_u:object_r:etc_t:s0 tclass=dir permissive=0',
    groups: {
      permission: 'write',
      source: 'system_u:system_r:container_t:s0:c14,c813',
      target: 'system_u:object_r:etc_t:s0',
      permissive: '0',
    },
    nearMiss:
      'audit: type=1400 audit(1795220850.123:412): avc:  denied  { read } for  pid=1 comm="cat" name="shadow" scontext=a tcontext=b tclass=file permissive=0',
  },
  {
    signal: 'calico-bgp-not-established',
    line: 'Readiness probe failed: calico/node is not ready: BIRD is not ready: BGP not established with 10.0.0.2,10.0.0.3',
    groups: { peers: '10.0.0.2,10.0.0.3' },
    nearMiss: 'BGP not established with its peers',
  },
  {
    signal: 'link-down',
    line: 'e1000e 0000:00:1f.6 eth0: NIC Link is Down',
    groups: { device: 'eth0' },
    nearMiss: 'Link is Down, says nobody',
  },
  {
    signal: 'link-down',
    line: 'igb: eno1 NIC Link is Down',
    groups: { device: 'eno1' },
    nearMiss: 'Link is Down',
  },
  {
    signal: 'bond-link-down',
    line: 'bond0: (slave eth1): link status definitely down, disabling slave',
    groups: { slave: 'eth1' },
    nearMiss: 'bond0: link status definitely downed',
  },
  {
    signal: 'bond-link-down',
    line: 'bonding: bond0: link status definitely down for interface eth1, disabling it',
    groups: { device: 'eth1' },
    nearMiss: 'bond0: link status definitely down; retrying',
  },
  {
    signal: 'proxy-sync-failed',
    line: 'E0809 05:37:21.484590       1 proxier.go:1507] Failed to execute iptables-restore: exit status 1 (iptables-restore: line 51 failed',
    groups: { error: 'exit status 1 (iptables-restore: line 51 failed' },
    nearMiss: 'Failed to ensure that the folder exists',
  },
  {
    signal: 'proxy-sync-failed',
    line: String.raw`E0322 14:49:16.816309       1 proxier.go:840] "Failed to ensure chain exists" err="error creating chain \"KUBE-EXTERNAL-SERVICES\": exit status 3: modprobe" table=filter`,
    groups: { error: 'error creating chain "KUBE-EXTERNAL-SERVICES": exit status 3: modprobe" table=filter' },
    nearMiss: 'Failed to execute iptables-restored',
  },
  {
    signal: 'proxy-sync-failed',
    line: 'E1103 09:12:44.118204       1 proxier.go:1432] "Failed to execute iptables-restore" err=<',
    groups: {},
    nearMiss: 'initial nftables sync failedness',
  },
  {
    signal: 'list-refused',
    line: 'E1121 00:28:56.551094   31705 reflector.go:138] k8s.io/client-go/informers/factory.go:134: Failed to watch *v1.Service: failed to list *v1.Service: Unauthorized',
    groups: { kind: 'Service', refusal: 'Unauthorized' },
    nearMiss: 'Failed to list *v1.Pod: Unauthorized',
  },
  {
    signal: 'list-refused',
    line: 'E0221 23:06:54.821894       1 reflector.go:205] k8s.io/kubernetes/pkg/client/informers/informers_generated/internalversion/factory.go:85: Failed to list *core.Endpoints: Unauthorized',
    groups: { kind: 'Endpoints', refusal: 'Unauthorized' },
    nearMiss:
      'Failed to list *v1.Service: Get "https://192.0.2.1:6443/api/v1/services": dial tcp 192.0.2.1:6443: connect: connection refused',
  },
  {
    signal: 'list-refused',
    line: '[ERROR] plugin/kubernetes: pkg/mod/k8s.io/client-go@v0.24.4/tools/cache/reflector.go:167: Failed to watch *v1.EndpointSlice: failed to list *v1.EndpointSlice: endpointslices.discovery.k8s.io is forbidden: User "system:serviceaccount:kube-system:coredns" cannot list resource "endpointslices" in API group "discovery.k8s.io" at the cluster scope',
    groups: {
      kind: 'EndpointSlice',
      error: 'is forbidden',
      user: 'system:serviceaccount:kube-system:coredns',
    },
    nearMiss: 'failed to list *v1.Endpoints: EOF',
  },
  {
    signal: 'proxy-node-address-assumed',
    line: "I0113 11:02:51.118204       1 server_others.go:178] can't determine this node's IP, assuming 127.0.0.1; if this is incorrect, please set the --bind-address flag",
    groups: { assumed: '127.0.0.1' },
    nearMiss: "can't determine this node's IP, assuming nothing",
  },
  {
    signal: 'bridge-address-differs',
    line: String.raw`time="2026-11-21T00:27:59.301550050Z" level=error msg="RunPodSandbox for &PodSandboxMetadata{Name:web-6cd8775747-fbb5g,Attempt:0,} failed, error" error="failed to setup network for sandbox \"26e129d0\": plugin type=\"bridge\" failed (add): failed to set bridge addr: \"cni0\" already has an IP address different from 10.244.2.1/29"`,
    groups: { bridge: 'cni0', wanted: '10.244.2.1/29' },
    nearMiss: 'dhclient: eth0 already has an IP address different from the lease',
  },
  {
    signal: 'pod-cidr-unassigned',
    line: 'E0201 15:33:41.102897       1 main.go:280] Error registering network: failed to acquire lease: node "node-1" pod cidr not assigned',
    groups: { node: 'node-1' },
    nearMiss: 'docs: the error pod cidr not assigned means that …',
  },
  {
    signal: 'pod-cidrs-exhausted',
    line: 'E0807 07:33:10.824783       1 controller_utils.go:262] Error while processing Node Add/Delete: failed to allocate cidr from cluster cidr at idx:0: CIDR allocation failed; there are no remaining CIDRs left to allocate in the accepted range',
    groups: {},
    nearMiss: 'there are no remaining CIDRs left in this document',
  },
  {
    signal: 'vtep-mac-refused',
    line: `E1103 09:12:44.118204       1 main.go:359] Error registering network: flannel.1's mac address wanted: 02:fe:00:00:00:01, but got: 8a:1f:33:52:90:0c`,
    groups: { device: 'flannel.1', wanted: '02:fe:00:00:00:01', actual: '8a:1f:33:52:90:0c' },
    nearMiss: 'installer: mac address wanted: none',
  },
  {
    signal: 'udp-bad-checksum',
    line: '[  431.882119] UDP: bad checksum. From 172.16.9.99:27503 to 172.16.80.252:8472 ulen 75',
    groups: { source: '172.16.9.99', destination: '172.16.80.252', port: '8472' },
    nearMiss: 'proxy: bad checksum. From upstream 10.0.0.7',
  },
  {
    signal: 'vxlan-port-taken',
    line: 'E0510 07:52:45.456025       1 main.go:280] Error registering network: failed to configure interface flannel.1: failed to set interface flannel.1 to UP state: address already in use',
    groups: { device: 'flannel.1' },
    nearMiss: 'bridge: failed to set br0 to UP state: address already in use',
  },
  {
    signal: 'vxlan-port-taken',
    line: 'level=error msg="Start hook failed" error="failed to setup vxlan tunnel device: setting up vxlan device: creating vxlan device cilium_vxlan: setting up device cilium_vxlan: address already in use"',
    groups: { device: 'cilium_vxlan' },
    nearMiss: 'creating cilium_vxlan: address already in use',
  },
  {
    signal: 'vxlan-unsupported',
    line: 'Nov 03 03:58:08 node-1 k3s[260961]: time="2021-11-03T03:58:08Z" level=fatal msg="flannel exited: operation not supported"',
    groups: {},
    nearMiss: 'operator: registering network: operation not supported yet',
  },
  {
    signal: 'neighbour-table-overflow',
    line: '[   51.592520] neighbour: arp_cache: neighbor table overflow!',
    groups: { table: 'arp_cache' },
    nearMiss: '[   51.592520] memcg: page table overflow',
  },
  {
    signal: 'neighbour-table-overflow',
    line: 'Mar  3 10:00:00 node-1 kernel: [2296.282567] Neighbour table overflow.',
    groups: {},
    nearMiss: 'Mar  3 10:00:00 node-1 kernel: EXT4: inode table overflow.',
  },
  {
    signal: 'conntrack-table-full',
    line: '[ 1159.836853] nf_conntrack: nf_conntrack: table full in netns 4026533106, dropping packet',
    groups: { netns: '4026533106' },
    nearMiss: '[ 1159.836853] dm-thin: metadata table full, switching to read-only',
  },
  {
    signal: 'conntrack-table-full',
    line: 'Jan 10 03:00:00 node-1 kernel: ip_conntrack: table full, dropping packet.',
    groups: {},
    nearMiss: 'Jan 10 03:00:00 node-1 monitor: alert "table full" is not set',
  },
  {
    signal: 'martian-source',
    line: '[   41.572362] IPv4: martian source 192.168.50.11 from 192.168.50.13, on dev eth0',
    groups: { destination: '192.168.50.11', source: '192.168.50.13', device: 'eth0' },
    nearMiss: 'sysctl: martian source logging is off',
  },
  {
    signal: 'martian-destination',
    line: '[   12.000001] IPv4: martian destination 127.0.0.1 from 192.0.2.7, dev eth1',
    groups: { destination: '127.0.0.1', source: '192.0.2.7', device: 'eth1' },
    nearMiss: 'IPv4: martian destination addresses are counted in InAddrErrors',
  },
  {
    signal: 'martian-ll-header',
    line: '[   41.572930] ll header: 00000000: ff ff ff ff ff ff 02 00 00 00 00 03 08 06',
    groups: {
      destinationMac: 'ff ff ff ff ff ff',
      sourceMac: '02 00 00 00 00 03',
      etherType: '08 06',
    },
    nearMiss: 'node-1 app: the poll header: 00 of a packet',
  },
  {
    signal: 'martian-ll-header',
    line: 'Mar  3 10:00:00 node-1 kernel: ll header: ff:ff:ff:ff:ff:ff:02:00:00:00:00:03:08:06',
    groups: {
      destinationMac: 'ff:ff:ff:ff:ff:ff',
      sourceMac: '02:00:00:00:00:03',
      etherType: '08:06',
    },
    nearMiss: 'Mar  3 10:00:00 node-1 kernel: ll header: 00000000: 45 00',
  },
  {
    signal: 'duplicate-address',
    line: '[   20.1] eth0: IPv6 duplicate address fe80::2 used by 02:00:00:00:00:03 detected!',
    groups: { device: 'eth0', address: 'fe80::2', mac: '02:00:00:00:00:03' },
    nearMiss: 'node-1 app: no duplicate address detected',
  },
  {
    signal: 'duplicate-address',
    line: '[   20.123456] eth0: IPv6 duplicate address 2001:db8::7 detected!',
    groups: { device: 'eth0', address: '2001:db8::7' },
    nearMiss: 'IPv6 duplicate address detection is disabled',
  },
  {
    signal: 'ipvs-no-destination',
    line: '[ 5000.000001] IPVS: rr: TCP 10.43.0.10:53 - no destination available',
    groups: { scheduler: 'rr', protocol: 'TCP', address: '10.43.0.10', port: '53' },
    nearMiss: 'travel: no destination available',
  },
  {
    signal: 'ipvs-no-destination',
    line: '[ 5000.000001] IPVS: wrr: UDP [fd00:43::a]:53 - no destination available',
    groups: { scheduler: 'wrr', protocol: 'UDP', address: 'fd00:43::a', port: '53' },
    nearMiss: '[ 5000.000001] IPVS: [wrr] scheduler registered; no destination available',
  },
  {
    signal: 'kernel-messages-suppressed',
    line: '[ 1159.836834] net_ratelimit: 1971 callbacks suppressed',
    groups: { limiter: 'net_ratelimit', count: '1971' },
    nearMiss: 'app: all callbacks suppressed',
  },
  {
    signal: 'kernel-version',
    line: '[    0.000000] Linux version 6.1.0-56-cloud-amd64 (gcc-12) #1 SMP',
    groups: { release: '6.1.0-56-cloud-amd64' },
    nearMiss: 'installer: this needs a Linux version of 4.19 or later',
  },
  {
    signal: 'yaml-refused',
    line: 'Nov 20 10:00:00 node-1 k3s[812]: time="2026-11-20T10:00:00Z" level=fatal msg="yaml: line 4: found character that cannot start any token"',
    groups: { row: '4', error: 'found character that cannot start any token' },
    nearMiss: 'node-1 lint: the file has yaml: line 4: is fine',
  },
  {
    signal: 'docker-config-refused',
    line: "Nov 20 10:00:00 node-1 dockerd[812]: unable to configure the Docker daemon with file /etc/docker/daemon.json: invalid character '}' looking for beginning of object key string",
    groups: {
      file: '/etc/docker/daemon.json',
      error: "invalid character '}' looking for beginning of object key string",
    },
    nearMiss:
      'Nov 20 10:00:00 node-1 dockerd[812]: unable to configure the Docker daemon with file /etc/docker/daemon.json: the following directives are specified both as a flag and in the configuration file: hosts',
  },
  {
    signal: 'static-pod-refused',
    line: `Apr 18 12:54:45 node-1 kubelet[1533]: E0418 12:54:45.660923    1533 file.go:187] "Could not process manifest file" err="/etc/kubernetes/manifests/kube-apiserver.yaml: couldn't parse as pod(yaml: line 4: could not find expected ':'), please check config file" path="/etc/kubernetes/manifests/kube-apiserver.yaml"`,
    groups: {
      file: '/etc/kubernetes/manifests/kube-apiserver.yaml',
      error: "yaml: line 4: could not find expected ':'",
    },
    nearMiss: 'installer: could not read it, please check config file',
  },
  {
    signal: 'kubelet-config-refused',
    line: 'Jan 17 16:14:53 node-1 kubelet[17651]: E0117 16:14:53.701110   17651 run.go:72] "command failed" err="failed to load kubelet config file, path: /var/lib/kubelet/config.yaml, error: failed to load Kubelet config file /var/lib/kubelet/config.yaml, error failed to decode: yaml: line 5: did not find expected key"',
    groups: {
      file: '/var/lib/kubelet/config.yaml',
      error: 'failed to decode: yaml: line 5: did not find expected key"',
    },
    nearMiss:
      'Jan 17 16:14:53 node-1 kubelet[17651]: failed to load Kubelet config file /var/lib/kubelet/config.yaml, error open /var/lib/kubelet/config.yaml: no such file or directory',
  },
  {
    signal: 'cni-config-refused',
    line: "Aug 16 12:56:03 node-1 kubelet[6291]: W0816 12:56:03.260171    6291 cni.go:171] Error loading CNI config list file /etc/cni/net.d/10-flannel.conflist: error parsing configuration list: invalid character 't' looking for beginning of object key string",
    groups: {
      file: '/etc/cni/net.d/10-flannel.conflist',
      error:
        "error parsing configuration list: invalid character 't' looking for beginning of object key string",
    },
    nearMiss: 'app: error parsing configuration',
  },
  {
    signal: 'containerd-config-refused',
    line: 'Nov 20 10:00:00 node-1 containerd[512]: containerd: failed to load TOML: /etc/containerd/config.toml: (4, 3): was expecting token =, but got "x" instead',
    groups: {
      file: '/etc/containerd/config.toml',
      error: '(4, 3): was expecting token =, but got "x" instead',
    },
    nearMiss: 'app: failed to load TOML configuration',
  },
  {
    signal: 'unit-line-ignored',
    line: 'Nov 11 14:28:36 node-1 systemd[1]: /etc/systemd/system/docker.service.d/10-forward.conf:1: Assignment outside of section. Ignoring.',
    groups: {
      file: '/etc/systemd/system/docker.service.d/10-forward.conf',
      row: '1',
      error: 'Assignment outside of section',
    },
    nearMiss: 'docs: systemd says Assignment outside of section',
  },
  {
    signal: 'unit-line-ignored',
    line: "Nov 11 14:28:36 node-1 systemd[1]: [/etc/systemd/system/kubelet.service.d/20.conf:3] Missing '='.",
    groups: { file: '/etc/systemd/system/kubelet.service.d/20.conf', row: '3', error: "Missing '='" },
    nearMiss: "parser: Missing '=' in line 3",
  },
  {
    signal: 'pleg-unhealthy',
    line: 'E1120 23:40:05.000000    1042 kubelet.go:2349] "Skipping pod synchronization" err="PLEG is not healthy: pleg was last seen active 3m5.8s ago; threshold is 3m0s"',
    groups: { age: '3m5.8s', limit: '3m0s' },
    nearMiss: 'docs: PLEG is not healthy: pleg was last seen by nobody',
  },
  {
    signal: 'pleg-unhealthy',
    line: 'I0719 06:19:39.767000    1144 kubelet.go:1823] skipping pod synchronization - [container runtime is down PLEG is not healthy: pleg was last seen active 1h4m12s ago; threshold is 3m0s]',
    groups: { age: '1h4m12s', limit: '3m0s' },
    nearMiss: 'docs: PLEG is not healthy: pleg was last seen',
  },
  {
    signal: 'sandbox-name-reserved',
    line: 'time="2026-11-20T23:10:05Z" level=error msg="RunPodSandbox failed" error="failed to reserve sandbox name \\"web-0_default_d2c1_4\\": name \\"web-0_default_d2c1_4\\" is reserved for \\"9c0f\\""',
    groups: { kind: 'sandbox' },
    nearMiss: 'the address is reserved for documentation',
  },
  {
    signal: 'container-task-failed',
    line: 'time="2026-11-20T23:10:05Z" level=error msg="StartContainer failed" error="failed to create containerd task: failed to create shim task: OCI runtime create failed"',
    groups: { action: 'create', detail: ': failed to create shim task: OCI runtime create failed"' },
    nearMiss: 'a containerd task ended',
  },
  {
    signal: 'too-many-open-files',
    line: 'E1120 23:40:05.000000    1042 x.go:1] accept tcp 127.0.0.1:10248: accept4: too many open files',
    groups: {},
    nearMiss: 'there are too many open filesystems',
  },
  {
    signal: 'unit-restarted',
    line: '2026-11-20T23:40:05.000000+00:00 node-1 systemd[1]: containerd.service: Scheduled restart job, restart counter is at 7.',
    groups: { unit: 'containerd.service', counter: '7' },
    nearMiss:
      '2026-11-20T23:40:05.000000+00:00 node-1 systemd[1]: getty@tty1.service: Scheduled restart job, restart counter is at 7.',
  },
  {
    signal: 'cgroup-driver-mismatch',
    line: 'E1120 23:40:05.962067    4333 server.go:302] "Failed to run kubelet" err="failed to run Kubelet: misconfiguration: kubelet cgroup driver: \\"systemd\\" is different from docker cgroup driver: \\"cgroupfs\\""',
    groups: { kubelet: 'systemd', runtime: 'cgroupfs' },
    nearMiss: 'docs: when it is different from docker cgroup driver',
  },
  {
    signal: 'swap-refused',
    line: 'F0213 17:20:54.705918     487 server.go:265] failed to run Kubelet: Running with swap on is not supported, please disable swap! or set --fail-swap-on flag to false. /proc/swaps contained: [x]',
    groups: {},
    nearMiss: 'docs: running with swap on is not supported',
  },
  {
    signal: 'eviction-reclaim',
    line: 'I1120 23:40:05.000000    1042 eviction_manager.go:344] "Eviction manager: attempting to reclaim" resourceName="ephemeral-storage"',
    groups: { resource: 'ephemeral-storage' },
    nearMiss: 'eviction manager: attempting to reclaim nothing',
  },
  {
    signal: 'eviction-reclaim',
    line: 'W0213 17:20:54.705918     487 eviction_manager.go:333] eviction manager: attempting to reclaim nodefsInodes',
    groups: { resource: 'nodefsInodes' },
    nearMiss: 'eviction manager: must evict pod(s) now',
  },
  {
    signal: 'no-space-left',
    line: 'level=error msg="write /var/lib/containerd/x: no space left on device"',
    groups: { file: '/var/lib/containerd/x' },
    nearMiss: 'inotify: no space left on device',
  },
  {
    signal: 'oom-kill',
    line: '[84000.3] Out of memory: Killed process 2214 (etcd) total-vm:11345644kB',
    groups: { pid: '2214', task: 'etcd' },
    nearMiss: 'app: Out of memory: Killing nothing',
  },
  {
    signal: 'oom-kill',
    line: 'Mar  3 10:00:00 node-1 kernel: Out of memory: Kill process 31337 (kubelet) score 800 or sacrifice child',
    groups: { pid: '31337', task: 'kubelet' },
    nearMiss: 'Out of memory: Kill switch',
  },
  {
    signal: 'oom-kill-memcg',
    line: '[84000.3] Memory cgroup out of memory: Kill process 31337 (java) score 1994 or sacrifice child',
    groups: { pid: '31337', task: 'java' },
    nearMiss: 'docs: Memory cgroup out of memory is a limit',
  },
  {
    signal: 'soft-lockup',
    line: '[84000.1] NMI watchdog: BUG: soft lockup - CPU#3 stuck for 23s! [ksoftirqd/3:23]',
    groups: { cpu: '3', seconds: '23', task: 'ksoftirqd/3:23' },
    nearMiss: 'docs: soft lockup - CPU is busy',
  },
  {
    signal: 'rcu-stall',
    line: '[84060.1] INFO: rcu_sched self-detected stall on CPU { 1}  (t=60000 jiffies)',
    groups: { flavour: 'rcu_sched' },
    nearMiss: 'docs: a self-detected stall on CPU',
  },
  {
    signal: 'hung-task',
    line: '[84100.1] INFO: task kworker/u8:2:1288 blocked for more than 120 seconds.',
    groups: { task: 'kworker/u8:2', pid: '1288', seconds: '120' },
    nearMiss: 'calls were blocked for more than a minute',
  },
  {
    signal: 'netdev-held',
    line: '[82000.1] unregister_netdevice: waiting for lo to become free. Usage count = 2',
    groups: { device: 'lo', usage: '2' },
    nearMiss: 'unregister_netdevice: waiting for nobody',
  },
  {
    signal: 'slub-exhausted',
    line: '[84100.1] SLUB: Unable to allocate memory on node -1 (gfp=0x20)',
    groups: {},
    nearMiss: 'SLUB: Unable to allocate memory for tests',
  },
  {
    signal: 'memory-cgroup-refused',
    line: 'mkdir /sys/fs/cgroup/memory/kubepods/burstable/podd2c1: cannot allocate memory',
    groups: { path: '/sys/fs/cgroup/memory/kubepods/burstable/podd2c1' },
    nearMiss: 'fork/exec /bin/true: cannot allocate memory',
  },
  {
    signal: 'filesystem-stopped',
    line: '[84000.2] EXT4-fs (sda1): Remounting filesystem read-only',
    groups: { kind: 'EXT4', device: 'sda1' },
    nearMiss: 'docs: Remounting filesystem read-only',
  },
  {
    signal: 'filesystem-stopped',
    line: '[84000.2] XFS (dm-0): Log I/O Error Detected. Shutting down filesystem',
    groups: { xfsDevice: 'dm-0' },
    nearMiss: 'app: Shutting down filesystem watcher',
  },
  {
    signal: 'filesystem-error',
    line: '[84000.1] EXT4-fs error (device sda1): ext4_journal_check_start:83: comm containerd: Detected aborted journal',
    groups: { device: 'sda1' },
    nearMiss: 'x-fs error (device unknown)',
  },
  {
    signal: 'iptables-restore-failed',
    line: 'E1120 23:10:05.000000     900 proxier.go:1507] Failed to execute iptables-restore: exit status 1 (iptables-restore: line 51 failed',
    groups: { status: '1', row: '51' },
    nearMiss:
      'E1120 23:10:05.000000     900 proxier.go:1507] Failed to execute iptables-restore: exit status 4 (Another app is currently holding the xtables lock)',
  },
  {
    signal: 'iptables-restore-failed',
    line: 'E0217 11:12:14.212635    9234 proxier.go:1432] "Failed to execute iptables-restore" err=<',
    groups: {},
    nearMiss:
      '"Failed to execute iptables-restore" err="exit status 4: Another app is currently holding the xtables lock. Stopped waiting after 5s."',
  },
  {
    signal: 'iptables-chain-failed',
    line: 'iptables-restore v1.8.4 (nf_tables): line 10: CHAIN_USER_DEL failed (Device or resource busy): chain KUBE-SVC-X',
    groups: { action: 'CHAIN_USER_DEL', error: 'Device or resource busy', chain: 'KUBE-SVC-X' },
    nearMiss: 'the code CHAIN_USER_ADD means a new chain',
  },
  {
    signal: 'leader-lock-unauthorized',
    line: 'E0522 21:53:26.598561       1 leaderelection.go:224] error retrieving resource lock kube-system/kube-controller-manager: Unauthorized',
    groups: { lock: 'kube-controller-manager' },
    nearMiss:
      'E1228 16:59:45.353862 1 leaderelection.go:330] error retrieving resource lock kube-system/kube-scheduler: Get https://192.0.2.7:6443/api: net/http: request canceled',
  },
  {
    signal: 'leader-lock-unauthorized',
    line: 'E0526 23:03:57.521582       1 leaderelection.go:452] "Error retrieving lease lock" err="Unauthorized"',
    groups: {},
    nearMiss:
      'E0526 23:03:57.521582       1 leaderelection.go:452] "Error retrieving lease lock" err="i/o timeout"',
  },
  {
    signal: 'certificate-expired',
    line: 'E1121 00:28:56.548672   25397 authentication.go:53] Unable to authenticate the request due to an error: [x509: certificate has expired or is not yet valid: current time 2026-11-21T00:28:56Z is after 2026-11-20T00:28:51Z, verifying certificate SN=336]',
    groups: { now: '2026-11-21T00:28:56Z', relation: 'after', bound: '2026-11-20T00:28:51Z' },
    nearMiss: 'docs: a certificate has expired or is not yet valid when its dates say so',
  },
  {
    signal: 'certificate-expired',
    line: 'level=error msg="x509: certificate has expired or is not yet valid"',
    groups: {},
    nearMiss: 'level=error msg="the certificate has expired or is not yet valid"',
  },
  {
    signal: 'certificate-wrong-san',
    line: 'Error from server: Get "https://192.168.3.123:10250/containerLogs/kube-system/x": x509: certificate is valid for 127.0.0.1, 172.29.1.100, not 192.168.3.123',
    groups: { valid: '127.0.0.1, 172.29.1.100', wanted: '192.168.3.123' },
    nearMiss: 'openssl: certificate is valid for 364 days',
  },
  {
    signal: 'certificate-wrong-san',
    line: String.raw`time="2023-02-28T15:26:57+08:00" level=error msg="Get \"https://node-2:10250/\": tls: failed to verify certificate: x509: certificate is not valid for any names, but wanted to match node-2"`,
    groups: { wanted: 'node-2' },
    nearMiss: 'x509: certificate is not valid for any names',
  },
  {
    signal: 'certificate-without-ip-san',
    line: `W0720 proxy.go:1] x509: cannot validate certificate for 192.0.2.7 because it doesn't contain any IP SANs`,
    groups: { wanted: '192.0.2.7' },
    nearMiss: 'the CSR does not contain any IP SANs',
  },
  {
    signal: 'certificate-unknown-authority',
    line: String.raw`E0420 16:32:57.962067    4333 reflector.go:138] Get \"https://127.0.0.1:6444/version\": x509: certificate signed by unknown authority (possibly because of \"crypto/rsa: verification error\" while trying to verify candidate authority certificate \"k3s-server-ca@1677569217\")`,
    groups: { hint: 'crypto/rsa: verification error', candidate: 'k3s-server-ca@1677569217' },
    nearMiss: 'curl: certificate signed by unknown authority',
  },
  {
    signal: 'certificate-unknown-authority',
    line: 'kubelet[1]: error: x509: certificate signed by unknown authority',
    groups: {},
    nearMiss: 'a certificate signed by unknown authority is refused',
  },
  {
    signal: 'tls-alert-received',
    line: 'I0720 log.go:172] http: TLS handshake error from 192.0.2.7:41234: remote error: tls: bad certificate',
    groups: { alert: 'bad certificate' },
    nearMiss: 'remote error: tls: internal error',
  },
  {
    signal: 'lease-update-failed',
    line: 'Apr 20 16:32:57 k8s-node-1 kubelet[4333]: E0420 16:32:57.962067    4333 controller.go:187] failed to update lease, error: Put "https://192.168.0.10:6443/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/k8s-node-1?timeout=10s": context deadline exceeded',
    groups: { host: '192.168.0.10', port: '6443', error: 'context deadline exceeded' },
    nearMiss: 'dhcpd: failed to update leases file',
  },
  {
    signal: 'lease-update-failed',
    line: String.raw`E0702 10:00:00.000000 1 controller.go:195] "Failed to update lease" err="Put \"https://[fd00::10]:6443/apis/coordination.k8s.io/v1/x\": dial tcp [fd00::10]:6443: connect: no route to host"`,
    groups: { host: '[fd00::10]', port: '6443', error: 'no route to host' },
    nearMiss: 'I0702 lease.go:1] no client failed to ensure lease existsence',
  },
  {
    signal: 'lease-update-failed',
    line: 'E1121 00:29:02.860000   31705 controller.go:144] failed to ensure lease exists, will retry in 200ms, error: Unauthorized',
    groups: { error: 'Unauthorized' },
    nearMiss: 'E1121 00:29:02.860000 1 x.go:1] jailed to ensure lease exists',
  },
  {
    signal: 'lease-update-failed',
    line: 'E0702 10:00:00.000000 1 controller.go:170] failed to update node lease, error: Put https://node-1.example:6443/apis/x: net/http: TLS handshake timeout',
    groups: { host: 'node-1.example', port: '6443', error: 'TLS handshake timeout' },
    nearMiss: 'failed to update node lease.',
  },
  {
    signal: 'node-status-update-failed',
    line: 'E0420 16:32:59.810776    4333 kubelet_node_status.go:470] Error updating node status, will retry: error getting node "k8s-node-1": Get "https://192.168.0.10:6443/api/v1/nodes/k8s-node-1?resourceVersion=0&timeout=10s": net/http: request canceled (Client.Timeout exceeded while awaiting headers)',
    groups: { host: '192.168.0.10', port: '6443', error: 'Client.Timeout exceeded' },
    nearMiss: 'Error updating node status history page',
  },
  {
    signal: 'api-connection',
    line: 'E0420 13:13:50.096947    8005 reflector.go:138] Get "https://192.168.0.10:6443/apis/storage.k8s.io/v1/csidrivers?limit=500&resourceVersion=0": dial tcp 192.168.0.10:6443: connect: connection refused',
    groups: { address: '192.168.0.10', port: '6443', error: 'connection refused' },
    nearMiss: 'dial tcp 192.168.0.10:6443: operation not permitted',
  },
  {
    signal: 'api-connection',
    line: 'x: dial tcp [fd00::1]:44444->[fd00:43::1]:443: i/o timeout',
    groups: { address: '[fd00:43::1]', port: '443', error: 'i/o timeout' },
    nearMiss: 'dial tcp 192.0.2.7: missing port in address',
  },
  {
    signal: 'network-unreachable',
    line: 'x: connect: network is unreachable',
    groups: {},
    nearMiss: 'x: the network is unreachables',
  },
  {
    signal: 'k3s-no-default-route',
    line: String.raw`time="2023-02-28T15:26:57+08:00" level=fatal msg="no default routes found in \"/proc/net/route\" or \"/proc/net/ipv6_route\""`,
    groups: { file: '/proc/net/route' },
    nearMiss: 'no default routes found in table main',
  },
  {
    signal: 'cni-address-pool-exhausted',
    line: String.raw`time="2026-11-21T00:29:00.986775661Z" level=error msg="RunPodSandbox failed, error" error="failed to setup network for sandbox \"5e8d\": plugin type=\"bridge\" failed (add): failed to allocate for range 0: no IP addresses available in range set: 10.244.2.2-10.244.2.6"`,
    groups: { ranges: '10.244.2.2-10.244.2.6' },
    nearMiss: 'there are no IP addresses available in this pool',
  },
  {
    signal: 'cni-address-pool-exhausted',
    line: 'Failed to setup network for pod using network plugins "cni": no IP addresses available in network: podnet; Skipping pod',
    groups: { network: 'podnet' },
    nearMiss: 'no IP addresses available in networks',
  },
  {
    signal: 'cni-address-pool-exhausted',
    line: 'Error adding network, no ip address available in network "cbr0"',
    groups: { network: 'cbr0' },
    nearMiss: 'no ip address available in networks',
  },
  {
    signal: 'cni-no-default-route',
    line: 'E0703 12:45:00.969209       1 main.go:268] Failed to find any valid interface to use: failed to get default interface: unable to find default route',
    groups: {},
    nearMiss: 'systemd: unable to find default target',
  },
  {
    signal: 'bridge-nf-missing',
    line: 'E0703 12:45:00.969209       1 main.go:268] Failed to check br_netfilter: stat /proc/sys/net/bridge/bridge-nf-call-iptables: no such file or directory',
    groups: {},
    nearMiss: 'sysctl: net.bridge.bridge-nf-call-iptables = 1',
  },
  {
    signal: 'bridge-nf-missing',
    line: `Nov 21 00:31:01 node-1 systemd-sysctl[312]: Couldn't write '1' to 'net/bridge/bridge-nf-call-iptables', ignoring: No such file or directory`,
    groups: {},
    nearMiss: 'modprobe: module br_netfilter is loaded',
  },
  {
    signal: 'flannel-rules-missing',
    line: 'I0924 05:15:06.162571       1 iptables.go:145] Some iptables rules are missing; deleting and recreating rules',
    groups: {},
    nearMiss: 'I0924 05:15:06.162571       1 check.go:145] no iptables rules are missing',
  },
  {
    signal: 'kube-proxy-opened-port',
    line: 'I0420 16:32:40.367114    4655 proxier.go:2243] Opened local port "externalIP for default/busybox" (192.168.0.11:8888/tcp)',
    groups: {
      purpose: 'externalIP',
      service: 'default/busybox',
      address: '192.168.0.11',
      port: '8888',
      protocol: 'tcp',
    },
    nearMiss: 'ssh: Opened local port 8080',
  },
  {
    signal: 'kube-proxy-opened-port',
    line: String.raw`I0420 16:32:40.367114    4655 service_port.go:1] "Opened local port" port="\"nodePort for default/web:http\" (:30080/tcp4)"`,
    groups: { purpose: 'nodePort', service: 'default/web:http', address: '', port: '30080', protocol: 'tcp' },
    nearMiss: '"Opened local port" port=""',
  },
  {
    signal: 'ipvs-modules-missing',
    line: `E0626 17:19:43.491383       1 server_others.go:127] Can't use the IPVS proxier: IPVS proxier will not be used because the following required kernel modules are not loaded: [ip_vs ip_vs_rr ip_vs_wrr ip_vs_sh]`,
    groups: { modules: 'ip_vs ip_vs_rr ip_vs_wrr ip_vs_sh' },
    nearMiss: 'IPVS proxier will not be used because the mode is iptables',
  },
  {
    signal: 'ipvs-parse-ip-error',
    line: 'E0513 proxier.go:1533] Failed to sync endpoint for service: 10.8.0.10:53/UDP, err: parseIP Error ip=[10 244 1 5 0 0 0 0 0 0 0 0 0 0 0 0]',
    groups: { service: '10.8.0.10:53/UDP', bytes: '10 244 1 5 0 0 0 0 0 0 0 0 0 0 0 0' },
    nearMiss: 'parseIP Error ip=[]',
  },
  {
    signal: 'xtables-lock',
    line: 'E0101 proxier.go:1402] Failed to execute iptables-restore: exit status 4 (Another app is currently holding the xtables lock. Perhaps you want to use the -w option?)',
    groups: {},
    nearMiss: 'iptables lock was released',
  },
  {
    signal: 'xtables-lock',
    line: 'failed to acquire old iptables lock: timed out waiting for the condition',
    groups: {},
    nearMiss: 'unlock /run/xtables.lock',
  },
  {
    signal: 'iptables-table-incompatible',
    line: "panic: iptables v1.8.10 (nf_tables): chain `INPUT' in table `filter' is incompatible, use 'nft' tool.",
    groups: { chain: 'INPUT', table: 'filter' },
    nearMiss: 'this plugin is incompatible, use another',
  },
  {
    signal: 'address-conflict',
    line: 'Nov 21 00:31:01 node-1 systemd-networkd[400]: eth0: Dropping address 192.0.2.7, as an address conflict was detected.',
    groups: { address: '192.0.2.7' },
    nearMiss: 'systemd-networkd[400]: address conflict detection is off',
  },
  {
    signal: 'address-conflict',
    line: 'Nov 21 00:31:01 node-1 NetworkManager[700]: <info>  [1795221061.4] l3cfg[x,ifindex=2]: IPv4 address 192.0.2.7 is used on network connected to interface 2 (eth0) from host AA:BB:CC:00:11:22',
    groups: { address: '192.0.2.7', mac: 'AA:BB:CC:00:11:22' },
    nearMiss: 'No conflict detected for IP address 192.0.2.7',
  },
  {
    signal: 'network-manager-configures-pod-device',
    line: "Nov 21 00:31:01 node-1 NetworkManager[700]: <info>  [1795221061.4] device (cali1a81d481534): state change: disconnected -> prepare (reason 'none', sys-iface-state: 'managed')",
    groups: { device: 'cali1a81d481534', state: 'prepare' },
    nearMiss:
      "NetworkManager[700]: <info>  [1795221061.4] device (cni0): state change: disconnected -> prepare (reason 'none', sys-iface-state: 'external')",
  },
  {
    signal: 'network-manager-configures-pod-device',
    line: "Nov 21 00:31:01 node-1 NetworkManager[700]: <info>  [1795221061.4] device (flannel.1): state change: config -> ip-config (reason 'none', managed-type: 'full')",
    groups: { device: 'flannel.1', state: 'ip-config' },
    nearMiss:
      "NetworkManager[700]: <info>  [1795221061.4] device (eth0): state change: config -> ip-config (reason 'none', managed-type: 'full')",
  },
  {
    signal: 'networkd-configures-pod-device',
    line: 'Nov 21 00:31:01 node-1 systemd-networkd[400]: kube-ipvs0: Configuring with /etc/systemd/network/10-vmware.network.',
    groups: { device: 'kube-ipvs0', file: '/etc/systemd/network/10-vmware.network' },
    nearMiss: 'systemd-networkd[400]: eth0: Configuring with /run/systemd/network/10-netplan-eth0.network.',
  },
  {
    signal: 'journal-suppressed',
    line: 'Nov 21 00:31:01 node-1 systemd-journald[400]: Suppressed 4512 messages from k3s.service',
    groups: { count: '4512', source: 'k3s.service' },
    nearMiss: 'kubelet: Suppressed warnings',
  },
  {
    signal: 'inotify-exhausted',
    line: 'F0110 21:30:25.764493   42304 kubelet.go:1230] Failed to start cAdvisor inotify_init: too many open files',
    groups: { error: 'too many open files' },
    nearMiss: 'F0110 21:30:25.764493   42304 kubelet.go:1230] inotify_init: function not implemented',
  },
  {
    signal: 'inotify-exhausted',
    line: 'E0827 18:48:24.279544       1 watcher.go:146] Failed to watch directory "/sys/fs/cgroup/pids": inotify_add_watch /sys/fs/cgroup/pids/kubepods: no space left on device',
    groups: { error: 'no space left on device' },
    nearMiss:
      'E0827 18:48:24.279544       1 watcher.go:146] inotify_add_watch /sys/fs/cgroup/pids: no such file or directory',
  },
  {
    signal: 'inotify-exhausted',
    line: 'failed to create fsnotify watcher: too many open files',
    groups: { error: 'too many open files' },
    nearMiss: 'failed to create fsnotify watcher: permission denied',
  },
  {
    signal: 'node-port-not-opened',
    line: `E0312 10:11:12.123456       1 proxier.go:1070] can't open "nodePort for shop/web:http" (:45102/tcp), skipping this nodePort: listen tcp :45102: bind: address already in use`,
    groups: { service: 'shop/web:http', port: '45102', protocol: 'tcp' },
    nearMiss: `E0312 10:11:12.123456       1 proxier.go:1070] can't open it, skipping this nodePort`,
  },
  {
    signal: 'node-port-not-opened',
    line: String.raw`E0312 10:11:12.123456       1 proxier.go:1240] "can't open port, skipping it" err="listen tcp4 :30080: bind: address already in use" port="\"nodePort for default/web\" (:30080/tcp4)"`,
    groups: { service: 'default/web', port: '30080', protocol: 'tcp' },
    nearMiss: `E0312 10:11:12.123456       1 proxier.go:1240] "can't open port, skipping it" port="none"`,
  },
  {
    signal: 'nameserver-limit',
    line: `E0213 15:13:42.770960   45206 dns.go:156] "Nameserver limits exceeded" err="Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 192.0.2.1 192.0.2.2 2001:db8::1"`,
    groups: { applied: '192.0.2.1 192.0.2.2 2001:db8::1' },
    nearMiss: 'operator: Nameserver limits were exceeded, as an alert says',
  },
  {
    signal: 'search-limit',
    line: 'W0312 dns.go:125] Search Line limits were exceeded, some search paths have been omitted, the applied search line is: default.svc.cluster.local svc.cluster.local cluster.local a.example',
    groups: { applied: 'default.svc.cluster.local svc.cluster.local cluster.local a.example' },
    nearMiss: 'operator: Search Line limits were exceeded, as an alert says',
  },
  {
    signal: 'coredns-loop',
    line: '[FATAL] plugin/loop: Loop (127.0.0.1:34614 -> :53) detected for zone ".", see https://coredns.io/plugins/loop#troubleshooting. Query: "HINFO 6074102630077018525.5798689655824409358."',
    groups: { from: '127.0.0.1:34614' },
    nearMiss: '[INFO] plugin/loop: loading',
  },
  {
    signal: 'coredns-loop',
    line: '2018/09/06 13:02:45 [FATAL] plugin/loop: Seen "HINFO IN 2050421060481615995.5620656063561519376." more than twice, loop detected',
    groups: {},
    nearMiss: '[INFO] plugin/loop: Seen once',
  },
  {
    signal: 'resolv-conf-replaced',
    line: 'time="2023-11-14T13:53:15+08:00" level=warning msg="Host resolv.conf includes loopback or multicast nameservers - kubelet will use autogenerated resolv.conf with nameserver 8.8.8.8"',
    groups: {},
    nearMiss: 'note: Host resolv.conf includes loopback',
  },
  {
    signal: 'etcd-slow-sync',
    line: '{"level":"warn","ts":"2026-11-21T00:19:17.672Z","caller":"wal/wal.go:802","msg":"slow fdatasync","took":"1.263337456s","expected-duration":"1s"}',
    groups: { took: '1.263337456s' },
    nearMiss: 'docs: see the chapter slow fdatasync of the manual',
  },
  {
    signal: 'etcd-slow-sync',
    line: '2020-07-11 10:00:00.123456 W | wal: sync duration of 1.363283431s, expected less than 1s',
    groups: { took: '1.363283431s' },
    nearMiss: '2020-07-11 10:00:00.123456 I | job: sync duration of the mirror is unknown',
  },
  {
    signal: 'etcd-late-heartbeat',
    line: 'Jul 11 10:00:00 node-1 etcd[811]: failed to send out heartbeat on time (exceeded the 100ms timeout for 1.220602923s, to d35e062b0036cc3a)',
    groups: {},
    nearMiss: 'operator: never failed to send out heartbeat on time',
  },
  {
    signal: 'etcd-slow-apply',
    line: '{"level":"warn","ts":"2026-11-21T00:08:45.726Z","caller":"etcdserver/util.go:163","msg":"apply request took too long","took":"7.000203ms","expected-duration":"100ms"}',
    groups: { took: '7.000203ms' },
    nearMiss: 'the apply request took too long, said nobody',
  },
  {
    signal: 'etcd-slow-apply',
    line: '2020-07-11 10:00:00.123456 W | etcdserver: read-only range request "key:\\"/registry/leases/\\" " with result "range_response_count:3 size:1020" took too long (203.511ms) to execute',
    groups: { took: '203.511ms' },
    nearMiss: '2020-07-11 10:00:00.123456 W | app: the backup took too long (see the manual)',
  },
  {
    signal: 'etcd-leader-elected',
    line: '{"level":"info","ts":"2026-11-21T00:08:44.004Z","caller":"raft/node.go:325","msg":"raft.node: 34dffb3c74b89151 elected leader 4e54f8d96324c49a at term 2"}',
    groups: { leader: '4e54f8d96324c49a', term: '2' },
    nearMiss: '{"level":"info","msg":"raft.node: 34dffb3c74b89151 lost leader 34dffb3c74b89151 at term 2"}',
  },
  {
    signal: 'etcd-leader-elected',
    line: '2020-07-11 10:00:00.123456 I | raft: raft.node: 8e9e05c52164694d changed leader from 8e9e05c52164694d to 91bc3c398fb3c146 at term 12',
    groups: { leader: '91bc3c398fb3c146', term: '12' },
    nearMiss:
      '2020-07-11 10:00:00.123456 I | raft: raft.node: 8e9e05c52164694d lost leader 8e9e05c52164694d at term 12',
  },
  {
    signal: 'etcd-started',
    line: '{"level":"info","ts":"2026-11-21T00:07:59.100Z","caller":"embed/etcd.go:309","msg":"starting an etcd server","etcd-version":"3.4.23"}',
    groups: {},
    nearMiss: 'app: starting server... [version of the app]',
  },
  {
    signal: 'etcd-no-space',
    line: 'E1121 00:27:10.000000       1 status.go:71] apiserver received an error that is not an metav1.Status: rpctypes.EtcdError{code:0x8, desc:"etcdserver: mvcc: database space exceeded"}',
    groups: {},
    nearMiss: 'app: database space exceeded in a table',
  },
  {
    signal: 'etcd-other-cluster',
    line: '2021-05-04 21:27:11.856471 E | rafthttp: request sent was ignored (cluster ID mismatch: peer[bc5babcd42042800]=a8977fad6ef90f15, local=38cf28018b4788e7)',
    groups: {},
    nearMiss: 'kafka: cluster ID mismatch of a broker',
  },
  {
    signal: 'etcd-other-cluster',
    line: 'Apr 18 10:34:45 k8s-master01 etcd: request cluster ID mismatch (got cf138cda9790f1d0 want 8732ef518b18f052)',
    groups: {},
    nearMiss: 'Apr 18 10:34:45 node-1 app: the cluster ID mismatch was repaired',
  },
  {
    signal: 'etcd-member-removed',
    line: '{"level":"warn","msg":"data-dir used by this member must be removed"}',
    groups: {},
    nearMiss: 'the host was permanently removed from the cluster',
  },
  {
    signal: 'etcd-already-bootstrapped',
    line: 'etcdmain: member 8e9e05c52164694d has already been bootstrapped',
    groups: { member: '8e9e05c52164694d' },
    nearMiss: 'the platform has already been bootstrapped',
  },
  {
    signal: 'etcd-data-corrupt',
    line: '2020-07-11 10:00:00.123456 C | raft: tocommit(13) is out of range [lastIndex(9)]. Was the raft log corrupted, truncated, or lost?',
    groups: {},
    nearMiss: 'manual: Was the raft log corrupted',
  },
  {
    signal: 'etcd-clock-drift',
    line: '{"level":"warn","ts":"2022-07-04T06:35:26.512Z","caller":"rafthttp/probing_status.go:86","msg":"prober found high clock drift","round-tripper-name":"ROUND_TRIPPER_SNAPSHOT","remote-peer-id":"d66e878e1cd03cfc","clock-drift":"8m0.640985013s","rtt":"502.906µs"}',
    groups: { peer: 'd66e878e1cd03cfc', drift: '8m0.640985013s', rtt: '502.906µs' },
    nearMiss: 'runbook: prober found high clock drift means that clocks differ',
  },
  {
    signal: 'etcd-clock-drift',
    line: '2020-07-11 10:00:00.123456 W | rafthttp: the clock difference against peer 91bc3c398fb3c146 is too high [1m2.03s > 1s]',
    groups: { member: '91bc3c398fb3c146', difference: '1m2.03s' },
    nearMiss: 'rafthttp: the clock difference against peer 91bc3c398fb3c146 is fine',
  },
  {
    signal: 'certificate-key-mismatch',
    line: 'E1121 00:27:11.000000    3311 run.go:74] "command failed" err="tls: private key does not match public key"',
    groups: {},
    nearMiss: 'tls: private key loaded',
  },
  {
    signal: 'authority-key-mismatch',
    line: `time="2026-11-21T00:27:10Z" level=fatal msg="starting kubernetes: preparing server: x509: provided PrivateKey doesn't match parent's PublicKey"`,
    groups: {},
    nearMiss: 'x509: provided PrivateKey is of an unknown type',
  },
  {
    signal: 'authorities-newer-than-datastore',
    line: 'Dec 28 11:43:36 k3-m1 k3s[9577]: time="2023-12-28T11:43:36-05:00" level=fatal msg="/var/lib/rancher/k3s/server/tls/server-ca.crt, /var/lib/rancher/k3s/server/tls/client-ca.key newer than datastore and could cause a cluster outage. Remove the file(s) from disk and restart to be recreated from datastore."',
    groups: {},
    nearMiss: 'level=warning msg="Datastore / disk conflict: /var/lib/x newer than datastore"',
  },
  {
    signal: 'k3s-started',
    line: 'May 06 11:05:04 node-1 k3s[72179]: time="2026-05-06T11:05:04+02:00" level=info msg="Starting k3s agent v1.35.4+k3s1 (5dc8fe68)"',
    groups: {},
    nearMiss: 'level=info msg="Starting k3s auto-update"',
  },
  {
    signal: 'k3s-config-refused',
    line: 'Dec 21 20:39:14 node-2 rke2[2576]: time="2021-12-21T20:39:14Z" level=fatal msg="starting kubernetes: preparing server: unable to join cluster due to critical configuration value mismatch"',
    groups: {},
    nearMiss: 'docs: what a critical configuration value mismatch is',
  },
  {
    signal: 'k3s-option-differs',
    line: 'level=warning msg="critical configuration mismatched: secrets-encryption"',
    groups: { option: 'secrets-encryption' },
    nearMiss: 'critical configuration mismatched: 1',
  },
  {
    signal: 'node-ip-not-held',
    line: String.raw`Feb 07 22:23:02 node1 k3s[1448143]: E0207 22:23:02.346550 1448143 kubelet_node_status.go:701] "Failed to set some node status fields" err="failed to validate secondaryNodeIP: node IP: \"fd7a:115c:a1e0:ab12:4843:cd96:6278:6544\" not found in the host's network interfaces" node="node1"`,
    groups: { address: 'fd7a:115c:a1e0:ab12:4843:cd96:6278:6544' },
    nearMiss: "docs: what an address not found in the host's network interfaces means",
  },
  {
    signal: 'address-not-bindable',
    line: '2020-03-25 00:06:36.497449 C | etcdmain: listen tcp 192.168.88.242:2380: bind: cannot assign requested address',
    groups: { address: '192.168.88.242', port: '2380' },
    nearMiss: 'docs: what bind: cannot assign requested address means',
  },
  {
    signal: 'address-not-bindable',
    line: 'level=fatal msg="starting kubernetes: preparing server: init cluster datastore and https: listen tcp [fd00:50::99]:6443: bind: cannot assign requested address"',
    groups: { address: 'fd00:50::99', port: '6443' },
    nearMiss: 'connect: cannot assign requested address, not bind: cannot assign requested address',
  },
  {
    signal: 'k3s-option-unknown',
    line: String.raw`Nov 22 16:37:20 ip-172-31-36-7 k3s[2189]: time="2021-11-22T16:37:20Z" level=warning msg="Unknown flag --notaflag found in config.yaml, skipping\n"`,
    groups: { option: 'notaflag' },
    nearMiss: 'docs: an unknown flag found in config.yaml, skipping it',
  },
  {
    signal: 'k3s-option-undefined',
    line: 'Jun 16 12:07:23 guest k3s[2508]: time="2021-06-16T12:07:23Z" level=fatal msg="flag provided but not defined: -disable"',
    groups: { option: 'disable' },
    nearMiss: 'docs: flag provided but not defined: - and a name',
  },
  {
    signal: 'k3s-options-refused',
    line: 'level=fatal msg="invalid flag use; --server is required with --disable-etcd"',
    groups: { words: 'invalid flag use; --server is required with --disable-etcd' },
    nearMiss: 'docs: an invalid flag use; "see above"',
  },
  {
    signal: 'k3s-options-refused',
    line: 'level=fatal msg="Error: cannot perform cluster-reset while server URL is set - remove server from configuration before resetting"',
    groups: { words: 'cannot perform cluster-reset while server URL is set' },
    nearMiss: 'docs: do not perform cluster-reset while server URL is set',
  },
  {
    signal: 'k3s-reset-again',
    line: 'level=fatal msg="starting kubernetes: preparing server: start managed database: Managed etcd cluster membership was previously reset, please remove the cluster-reset flag and start k3s normally. If you need to perform another cluster reset, you must first manually delete the /var/lib/rancher/k3s/server/db/reset-flag file"',
    groups: {},
    nearMiss: 'docs: when the etcd cluster membership was previously reset',
  },
  {
    signal: 'node-password-rejected',
    line: `Apr 13 07:37:37 k3s2 k3s[1763]: time="2021-04-13T15:37:37.444123090+08:00" level=error msg="Failed to retrieve agent config: Node password rejected, duplicate hostname or contents of '/etc/rancher/node/password' may not match server node-passwd entry, try enabling a unique node name with the --with-node-id flag"`,
    groups: {},
    nearMiss: 'docs: what Node password rejected means',
  },
  {
    signal: 'token-authority-differs',
    line: 'level=error msg="Failed to validate connection to cluster at https://192.168.50.12:6443: token CA hash does not match the Cluster CA certificate hash: b7cedbb6a03cca9a3973f9e3f5dac2fb093abe4d347d1ff09dbf237e459d1ec5 != 38319ba9bd62abc53350ad3af711f689b681644390ad3db1ae81989b5962bb35"',
    groups: {
      token: 'b7cedbb6a03cca9a3973f9e3f5dac2fb093abe4d347d1ff09dbf237e459d1ec5',
      server: '38319ba9bd62abc53350ad3af711f689b681644390ad3db1ae81989b5962bb35',
    },
    nearMiss: 'the token CA hash does not match anything',
  },
  {
    signal: 'cluster-not-validated',
    line: 'time="2026-11-21T00:27:10Z" level=error msg="Failed to validate connection to cluster at https://192.168.50.12:6443: EOF"',
    groups: { url: 'https://192.168.50.12:6443', reason: 'EOF' },
    nearMiss: 'Failed to validate connection to cluster at once',
  },
]

function hitOf(line: string, signal: SignalId) {
  return parseText(journal, `${line}\n`).value.hits.get(signal)?.first[0]
}

test('every signal has a sample', () => {
  const sampled = new Set(samples.map(({ signal }) => signal))
  expect(signals.map(({ id }) => id).filter((id) => !sampled.has(id))).toEqual([])
  expect(new Set(signals.map(({ id }) => id)).size).toBe(signals.length)
})

test('keywords are long enough to skip by, and survive an embedding format', () => {
  for (const { keywords } of signals) {
    for (const keyword of keywords) {
      expect(keyword.length).toBeGreaterThanOrEqual(6)
      expect(keyword).not.toMatch(/["\\]/)
    }
  }
})

describe.each(samples)('$signal', ({ signal, line, groups, nearMiss }) => {
  test('is known by its line, with its groups', () => {
    const hit = hitOf(line, signal)
    expect(hit?.line).toEqual({ number: 1, text: line })
    expect(Object.fromEntries(hit?.groups ?? [])).toEqual(groups)
  })

  test('is known in JSON as well', () => {
    const entry = JSON.stringify({ __REALTIME_TIMESTAMP: '1795221061414798', MESSAGE: line })
    expect(Object.fromEntries(hitOf(entry, signal)?.groups ?? [])).toEqual(groups)
  })

  test('is not seen in a near miss', () => {
    const definition = signals.find(({ id }) => id === signal)
    expect(definition?.keywords.some((keyword) => nearMiss.includes(keyword))).toBe(true)
    expect(hitOf(nearMiss, signal)).toBeUndefined()
  })
})

/** A pattern that tries each beginning anew takes more than a minute for one such text, all others some milliseconds. */
const MALICE_LIMIT_MS = 30_000

function fill(piece: string): string {
  return piece.repeat(Math.ceil(262_144 / piece.length)).slice(0, 262_144)
}

/** Texts that begin a match again and again, and never end it. */
function adversarialTexts(line: string, keywords: readonly string[]): readonly string[] {
  const halves = [line.slice(0, line.length / 2), line.slice(0, -2), line.slice(line.length / 2)]
  return [
    ...keywords,
    ...halves,
    ...keywords.map((keyword) => `${keyword} https://`),
    'a',
    '0 ',
    '":',
    '\\',
  ].map(fill)
}

test.each(signals.map((signal) => [signal.id, signal] as const))(
  '%s: 256 KiB of malice cost little',
  (id, signal) => {
    for (const { line } of samples.filter((sample) => sample.signal === id)) {
      for (const text of adversarialTexts(line, signal.keywords)) {
        expect(() => signal.pattern.exec(text)).not.toThrow()
      }
    }
  },
  MALICE_LIMIT_MS,
)
