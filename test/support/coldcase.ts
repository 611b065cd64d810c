import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const ROOT = new URL('../..', import.meta.url).pathname

/** A folder that is gone after the tests of this file. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'coldcase-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/**
 * Builds the command from the sources as they are now, away from dist/ and from node_modules, and gives its path. Takes half
 * a second; every file that runs the command calls it once.
 */
export function buildColdcase(): string {
  const path = join(scratchFolder(), 'coldcase.mjs')
  const rolldown = join(ROOT, 'node_modules/rolldown/bin/cli.mjs')
  const { status, stderr } = spawnSync(process.execPath, [rolldown, '-c', '-o', path], { cwd: ROOT })
  if (status !== 0) throw new Error(`the command cannot be built: ${stderr.toString()}`)
  return path
}

/** How a process ended. */
export interface Ended {
  /** Null where a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** How a process is started. */
export interface Start {
  readonly cwd?: string
  /** Added to the environment; an undefined value takes a variable out. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly input?: Uint8Array
  /** Arguments of Node itself. */
  readonly node?: readonly string[]
}

/** A process that has not ended by then hangs. */
const HANGS_MS = 30_000

/** Runs a built command. Never rejects on how it ends; one that hangs is killed and has no code. */
export function runColdcase(command: string, args: readonly string[], start: Start = {}): Promise<Ended> {
  const { cwd, env = {}, input, node = [] } = start
  const child = spawn(process.execPath, [...node, command, ...args], {
    cwd,
    env: { ...process.env, ...env },
    timeout: HANGS_MS,
    killSignal: 'SIGKILL',
  })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (piece: Buffer) => stdout.push(piece))
  child.stderr.on('data', (piece: Buffer) => stderr.push(piece))
  // It may end before it has read everything.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() })
    })
  })
}
