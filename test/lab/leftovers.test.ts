import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { makeWorkFolder, removeWorkFolder } from '../../fixtures/lab/workFolder.ts'
import { lacksLab } from './needs.ts'

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url))

/** Where the lab puts its programs: the path stands in the command line of each of its processes. */
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leftovers-'))
  vi.stubEnv('TMPDIR', folder)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

function startLab(): ChildProcess {
  const lab = join(REPOSITORY, 'fixtures/lab/lab.ts')
  return spawn(process.execPath, ['--import', 'tsx', lab, 'netns', 'ip-forward-off'], {
    cwd: REPOSITORY,
    stdio: 'ignore',
  })
}

/** Process ids of the lab, seen from outside its namespaces. */
function processesOfLab(): readonly string[] {
  return readdirSync('/proc').filter((id) => {
    if (!/^\d+$/.test(id)) return false
    try {
      return readFileSync(`/proc/${id}/cmdline`, 'latin1').includes(join(folder, 'coldcase-lab-'))
    } catch {
      return false
    }
  })
}

/** An agent in each of the ten namespaces, and the first process: the cluster is up. */
function isUp(): boolean {
  return processesOfLab().length > 10
}

function workFolders(): readonly string[] {
  return readdirSync(folder).filter((name) => name.startsWith('coldcase-lab-'))
}

/** Two minutes at most: the machine may be busy with other tests. */
async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 2400 && !isSo(); tries += 1) await sleep(50)
}

function mountsAndNamespaces(): string {
  const named = existsSync('/run/netns') ? readdirSync('/run/netns').join(' ') : ''
  return readFileSync('/proc/self/mountinfo', 'utf8') + named
}

describe.skipIf(lacksLab())('what the lab leaves behind', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('nothing after %s', async (signal) => {
    const before = mountsAndNamespaces()
    const lab = startLab()
    const ended = once(lab, 'close')
    await until(isUp)
    expect(isUp()).toBe(true)
    lab.kill(signal)
    await ended
    await until(() => processesOfLab().length === 0)
    expect(processesOfLab()).toEqual([])
    expect(mountsAndNamespaces()).toBe(before)
    // Nobody can clean up behind himself who is killed outright: the next one does.
    expect(workFolders()).toHaveLength(signal === 'SIGKILL' ? 1 : 0)
    removeWorkFolder(makeWorkFolder())
    expect(workFolders()).toEqual([])
  })
})
