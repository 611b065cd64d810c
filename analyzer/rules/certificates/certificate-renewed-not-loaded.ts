import type { Capture } from '../../bundle/bundle.ts'
import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { type OfNode, eachNode } from '../../engine/fact.ts'
import { type Found, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { type NodeCertificate, certificates } from '../../facts/node/certificates.ts'
import { clock } from '../../facts/node/clock.ts'
import { type ComponentVersions, componentVersions } from '../../facts/node/componentVersions.ts'
import { type IssueTime, issueTime } from '../../facts/node/issueTime.ts'
import { type LogSignals, type LoggedLine, logSignals } from '../../facts/node/logSignals.ts'
import type { CriContainer } from '../../parsers/criContainers.ts'
import { captured } from '../../sources/captured.ts'
import { type Note, type StaleProcess, text } from './certificate-renewed-not-loaded.text.ts'
import { aboutEnd } from './lifetimeFault.ts'
import { LOADED_ONCE, type LoadedOnce, SERVED } from './loadedOnce.ts'

/** A restart may follow a renewal by so much, and clocks of who issues and who runs differ by less. */
const SETTLED_MS = 600_000
/** Clocks step at boot: a container that seems older by less may be of this boot. */
const BOOT_TOLERANCE_MS = 60_000
/** Since 1.31 kubeadm can be told to make certificates for another time than a year. */
const CONFIGURABLE_SINCE = 31
const MOST_LINES = 2

/** Processes of kubeadm's control plane that run since before the certificate was renewed which they read only when they start. */
export default defineRule({
  id: 'certificate-renewed-not-loaded',
  area: 'certificates',
  severity: 'low',
  references: [
    {
      title: 'Kubernetes documentation, Certificate Management with kubeadm: Manual certificate renewal',
      url: 'https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/',
    },
    {
      title: 'kubernetes#79083: client-go reads certificate files anew (1.18), not data of kubeconfigs',
      url: 'https://github.com/kubernetes/kubernetes/pull/79083',
    },
    {
      title: 'kubernetes#84200: the API server reads anew what it serves (1.17)',
      url: 'https://github.com/kubernetes/kubernetes/pull/84200',
    },
    {
      title: 'kubernetes#131298: whether a restart is needed after kubeadm certs renew',
      url: 'https://github.com/kubernetes/kubernetes/pull/131298',
    },
  ],
  needs: { certificates, clock },
  wants: {
    containers: captured.criContainers,
    versions: componentVersions,
    ownLogs: logSignals,
    logs: eachNode(logSignals),
    everywhere: eachNode(certificates),
  },
  text,
  check({ certificates, clock, containers, versions, ownLogs, logs, everywhere }, node) {
    const { collectedAtMs, bootedAtMs } = clock
    const files = certificates.filter(({ inUse, index, path }) => inUse && index === 0 && isLoadedOnce(path))
    if (files.length === 0) return notApplicable('noControlPlane')
    if (containers === undefined) return unchecked('noContainers')
    const known = certificates.map(({ certificate }) => certificate)
    const findings: Found<StaleProcess, Note>[] = []
    let isJudged = false
    let isUntold = false
    for (const component of new Set(LOADED_ONCE.map((each) => each.component))) {
      const container = runningContainer(containers.value, component)
      if (container?.createdMs === undefined) continue
      isJudged = true
      const startedMs = container.createdMs
      const release = releaseOf(container, versions)
      // A container does not outlive a boot: the clock has been set since it was made.
      const isBeforeBoot = bootedAtMs !== undefined && startedMs < bootedAtMs - BOOT_TOLERANCE_MS
      const renewed: RenewedFile[] = []
      for (const row of LOADED_ONCE.filter((each) => each.component === component)) {
        const file = files.find(({ path }) => path === row.path)
        if (file === undefined || isReloaded(row, release)) continue
        const issued = issueTime(file.certificate, known, collectedAtMs)
        if (issued !== undefined && startedMs + SETTLED_MS >= issued.timeMs) continue
        if (issued === undefined || isBeforeBoot || needsRelease(row, release)) isUntold = true
        else if (issued.timeMs + SETTLED_MS < collectedAtMs) renewed.push({ file, issued })
      }
      const [first] = renewed
      if (first === undefined) continue
      const isYear = (release.ofProcess ?? release.ofKubelet ?? CONFIGURABLE_SINCE) < CONFIGURABLE_SINCE
      findings.push(
        staleProcess({
          node: node.id,
          component,
          containers,
          container,
          startedMs,
          renewed,
          collectedAtMs,
          hasKnownLife: isYear || !renewed.some(({ issued }) => issued.isReckoned),
          refused: refusedLocks(component, ownLogs, first.issued.timeMs),
          ended: endsOfOthers(logs ?? [], everywhere ?? [], first.issued.timeMs),
        }),
      )
    }
    if (findings.length > 0) return findings
    if (!isJudged) return unchecked('noProcesses')
    return isUntold ? unchecked('untold') : []
  },
})

interface RenewedFile {
  readonly file: NodeCertificate
  readonly issued: IssueTime
}

function isLoadedOnce(path: string): boolean {
  return LOADED_ONCE.some((each) => each.path === path)
}

/** The kubelet makes a new container for every start; where there seem to be two, the newest one counts. */
function runningContainer(containers: readonly CriContainer[], component: string): CriContainer | undefined {
  return containers
    .filter(({ name, state }) => name === component && state === 'RUNNING')
    .filter(({ podNamespace }) => podNamespace === '' || podNamespace === 'kube-system')
    .toSorted((a, b) => (b.createdMs ?? 0) - (a.createdMs ?? 0))[0]
}

/** Minor releases of Kubernetes, as far as they are known. */
interface Release {
  /** By the tag of its image, or its static pod. */
  readonly ofProcess: number | undefined
  /** Of the kubelet, which is never newer than the API server. */
  readonly ofKubelet: number | undefined
}

function releaseOf({ image, name }: CriContainer, versions: ComponentVersions | undefined): Release {
  const tag = /:v1\.(?<minor>\d{1,2})\.\d/.exec(image)?.groups?.['minor']
  const ofPod = name === 'kube-apiserver' ? versions?.apiServer?.minor : undefined
  return { ofProcess: tag === undefined ? ofPod : Number(tag), ofKubelet: versions?.kubelet?.minor }
}

function isReloaded({ reloadedSince }: LoadedOnce, { ofProcess, ofKubelet }: Release): boolean {
  return reloadedSince !== undefined && (ofProcess ?? ofKubelet ?? 0) >= reloadedSince
}

function needsRelease({ reloadedSince }: LoadedOnce, { ofProcess }: Release): boolean {
  return reloadedSince !== undefined && ofProcess === undefined
}

/** The process itself says, since the renewal, that the API server does not accept it. */
function refusedLocks(
  component: string,
  logs: LogSignals | undefined,
  renewedMs: number,
): readonly LoggedLine[] {
  return (logs?.of('leader-lock-unauthorized')?.lines ?? []).filter(
    ({ groups, origin, timeMs, old }) =>
      !old &&
      timeMs !== undefined &&
      timeMs > renewedMs &&
      (groups.get('lock') ?? origin.path.split('/').at(-1) ?? '').startsWith(component),
  )
}

/** Somebody still shows, since the renewal, a certificate that has ended and lies in no file of the case. */
function endsOfOthers(
  logs: readonly OfNode<LogSignals>[],
  everywhere: readonly OfNode<readonly NodeCertificate[]>[],
  renewedMs: number,
): readonly LoggedLine[] {
  const ends = new Set(
    everywhere.flatMap(({ value }) => value.map(({ certificate }) => certificate.notAfterMs)),
  )
  return logs
    .flatMap(({ value }) => value.of('certificate-expired')?.lines ?? [])
    .filter(({ groups, timeMs, old }) => {
      const endMs = Date.parse(groups.get('bound') ?? '')
      const isPast = groups.get('relation') === 'after' && !Number.isNaN(endMs) && !ends.has(endMs)
      return isPast && !old && timeMs !== undefined && timeMs > renewedMs
    })
}

interface Stale {
  readonly node: string
  readonly component: string
  readonly containers: Capture<readonly CriContainer[]>
  readonly container: CriContainer
  readonly startedMs: number
  readonly renewed: readonly RenewedFile[]
  readonly collectedAtMs: number
  /** For how long the certificate was made that it holds can be told from the one that lies there. */
  readonly hasKnownLife: boolean
  readonly refused: readonly LoggedLine[]
  readonly ended: readonly LoggedLine[]
}

/** What it holds was made before it started, and so has ended a certificate’s life later. */
function staleProcess(stale: Stale): Found<StaleProcess, Note> {
  const { node, component, containers, container, startedMs, renewed, collectedAtMs, refused } = stale
  const lifeMs = Math.max(...renewed.map(({ issued }) => issued.lifeMs))
  const endsMs = stale.hasKnownLife ? startedMs + lifeMs : undefined
  const isOver = endsMs !== undefined && endsMs < collectedAtMs
  // What another shows may be anybody’s, unless what this one holds can have ended.
  const ended = stale.ended.filter(
    ({ groups }) => Date.parse(groups.get('bound') ?? '') <= startedMs + lifeMs,
  )
  const isServed = renewed.some(({ file }) => file.path === SERVED)
  const isFelt = isOver || refused.length > 0 || ended.length > 0
  const isProved = refused.length > 0 && (isOver || ended.length > 0)
  return found(
    {
      node,
      component,
      paths: renewed.map(({ file }) => file.path),
      startedMs,
      renewedMs: Math.max(...renewed.map(({ issued }) => issued.timeMs)),
      isReckoned: renewed.some(({ issued }) => issued.isReckoned),
      ...(endsMs !== undefined && { endsMs }),
      isOver,
      refusals: refused.length,
      ends: ended.length,
      isServed,
    },
    {
      subject: component,
      severity: !isFelt ? 'low' : isServed ? 'critical' : 'medium',
      confidence: isProved ? 'certain' : isFelt ? 'likely' : 'possible',
      about: [
        ...(isServed ? ([`node:${node}`] as const) : []),
        ...renewed.map(({ file }) => `certificate:${file.path}` as const),
        ...new Set(ended.flatMap(({ groups }) => aboutEnd(groups.get('bound')))),
      ],
      evidence: [
        withNote<Note>(containers.cite(container.line), 'started', new Date(startedMs).toISOString()),
        ...renewed.map(({ file, issued }) =>
          withNote<Note>(file.origin, 'renewed', new Date(issued.timeMs).toISOString()),
        ),
        ...refused.slice(-MOST_LINES).map(({ origin }) => withNote<Note>(origin, 'refused')),
        ...ended.slice(-MOST_LINES).map(({ origin }) => withNote<Note>(origin, 'ended')),
      ],
    },
  )
}
