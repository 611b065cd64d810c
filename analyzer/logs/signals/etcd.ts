import type { LogSignal } from '../logSignal.ts'

/**
 * What etcd says of its disk, its peers and itself: zap's JSON since 3.4 (and of k3s and rke2, which embed 3.4 and later), capnslog
 * up to 3.3 and, by default, in 3.4.
 */
export const etcdSignals = [
  {
    // server/storage/wal/wal.go, warnSyncDuration = 1 s: etcd 3.5 and 3.4 with zap; wal/wal.go of 3.3.
    id: 'etcd-slow-sync',
    keywords: ['slow fdatasync', 'sync duration of '],
    pattern:
      /(?:slow fdatasync\b.{0,40}?\btook["=:]{1,4}|\bsync duration of )(?<took>[\d.]{1,20}(?:µs|ms|m[\d.]{1,12}s|s))/,
  },
  {
    // etcdserver/raft.go: both wordings of 3.4, the second one of 3.3.
    id: 'etcd-late-heartbeat',
    keywords: ['failed to send out heartbeat on time'],
    pattern: /failed to send out heartbeat on time(?:;| \(exceeded the )/,
  },
  {
    // etcdserver/util.go, warnOfExpensiveRequest, over 100 ms: zap of 3.4 and later; capnslog of 3.3 (`request "…" with result "…"`).
    id: 'etcd-slow-apply',
    keywords: ['apply request took too long', ' took too long ('],
    pattern:
      /(?:apply request took too long\b.{0,80}?\btook["=:]{1,4}|" took too long \()(?<took>[\d.]{1,20}(?:µs|ms|m[\d.]{1,12}s|s))/,
  },
  {
    // raft/node.go: the member that logs it learned of another leader, or of its first one after a start.
    id: 'etcd-leader-elected',
    keywords: ['raft.node: '],
    pattern:
      /raft\.node: [0-9a-f]{1,16} (?:elected leader|changed leader from [0-9a-f]{1,16} to) (?<leader>[0-9a-f]{1,16}) at term (?<term>\d{1,10})/,
  },
  {
    // embed/etcd.go since 3.4 (zap) · etcdserver/server.go of 3.3 (capnslog).
    id: 'etcd-started',
    keywords: ['starting an etcd server', 'starting server... [version'],
    pattern: /starting an etcd server|starting server\.\.\. \[version: \d/,
  },
  {
    // etcdserver/api/v3rpc/rpctypes/error.go, ErrNoSpace · etcdserver/v3_server.go and clients' alarms: `alarm:NOSPACE`.
    id: 'etcd-no-space',
    keywords: ['database space exceeded', 'alarm:NOSPACE'],
    pattern: /mvcc: database space exceeded|alarm:NOSPACE/,
  },
  {
    // etcdserver/api/rafthttp stream.go, peer_util.go and http.go: in zap and capnslog.
    id: 'etcd-other-cluster',
    keywords: ['cluster ID mismatch'],
    pattern: /request (?:sent was )?ignored\b.{0,40}?cluster ID mismatch|request cluster ID mismatch/,
  },
  {
    // etcdserver/server.go and etcdmain/etcd.go: the member was taken out of the cluster.
    id: 'etcd-member-removed',
    keywords: ['permanently removed from the cluster', 'data-dir used by this member must be removed'],
    pattern:
      /the member has been permanently removed from the cluster|data-dir used by this member must be removed/,
  },
  {
    // etcdserver/bootstrap.go: the member's data is gone, and the cluster knows it.
    id: 'etcd-already-bootstrapped',
    keywords: ['has already been bootstrapped'],
    pattern: /\bmember (?<member>[0-9a-f]{1,16}) has already been bootstrapped/,
  },
  {
    // raft/log.go: the log ends before what the member has confirmed · server/storage/wal: a record's checksum · backend of bbolt.
    id: 'etcd-data-corrupt',
    keywords: [
      'Was the raft log corrupted',
      'walpb: crc mismatch',
      'wal: crc mismatch',
      'mvcc: cannot unmarshal',
    ],
    pattern:
      /\[lastIndex\(\d{1,20}\)\]\. Was the raft log corrupted|walp?b?: crc mismatch|mvcc: cannot unmarshal/,
  },
  {
    // rafthttp/probing_status.go, over 1 s: zap, whose two fields changed places in 3.4 · capnslog.
    id: 'etcd-clock-drift',
    keywords: ['prober found high clock drift', 'the clock difference against peer'],
    pattern:
      /(?:prober found high clock drift\b.{0,120}?\bremote-peer-id["=:]{1,4}(?<peer>[0-9a-f]{1,16}).{0,10}?\bclock-drift["=:]{1,4}(?<drift>[\dµmhns.]{2,40})"?[, ]{1,2}"?rtt["=:]{1,4}(?<rtt>[\dµmhns.]{2,40})|the clock difference against peer (?<member>[0-9a-f]{1,16}) is too high \[(?<difference>[\dµmhns.]{2,40}) > )/,
  },
] as const satisfies readonly LogSignal[]
