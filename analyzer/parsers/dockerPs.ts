import type { Line } from '../text/line.ts'
import type { LineParser } from './parser.ts'

/** A container of Docker, running or not. */
export interface DockerContainer {
  /** 64 hexadecimal digits. */
  readonly id: string
  readonly image: string
  /** `Up 2 hours`, `Exited (137) 3 minutes ago`, as printed. */
  readonly status: string
  /** Still running, be it paused. */
  readonly running: boolean
  /** A container of the kubelet is named `k8s_<container>_<pod>_<namespace>_<uid>_<attempt>`. */
  readonly names: readonly string[]
  readonly line: Line
}

const ID = /^[0-9a-f]{12}(?:[0-9a-f]{52})?$/
const STATUS = /^(?:Up|Exited|Created|Restarting|Removal|Dead|Paused)\b/

/**
 * `runtime/docker-ps.txt`, `docker ps -a --no-trunc`; columns are at least three spaces apart, PORTS may be empty:
 * ```
 * CONTAINER ID   IMAGE   COMMAND   CREATED   STATUS   PORTS   NAMES
 * 7f6c…   registry.k8s.io/pause:3.6   "/pause"   2 hours ago   Up 2 hours      k8s_POD_web-zjdt5_default_fa4b93aa_0
 * ```
 * Lines of `--format` with tabs between the columns are read too.
 */
export const dockerPs: LineParser<readonly DockerContainer[]> = {
  kind: 'lines',
  start() {
    const containers: DockerContainer[] = []
    return {
      line(text, number) {
        if (text.trim() === '' || text.startsWith('CONTAINER ID')) return true
        const container = containerOf({ number, text })
        if (container !== undefined) containers.push(container)
        return container !== undefined
      },
      end: () => containers,
    }
  },
}

function containerOf(line: Line): DockerContainer | undefined {
  const cells = cellsOf(line.text)
  const id = cells[0] ?? ''
  const status = cells.slice(2, -1).findLast((cell) => STATUS.test(cell))
  const names = cells.at(-1)
  if (!ID.test(id) || status === undefined || names === undefined) return undefined
  return {
    id,
    image: cells[1] ?? '',
    status,
    running: status.startsWith('Up'),
    names: names.split(',').filter((name) => name !== ''),
    line,
  }
}

/** Columns are padded by three spaces (docker/cli, tabwriter); a command of the table may hold two, but is in quotes. */
function cellsOf(text: string): readonly string[] {
  const parts = text.includes('\t') ? text.split('\t') : text.split('   ')
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}
