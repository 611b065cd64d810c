import { rename, rm, writeFile } from 'node:fs/promises'

/** Writes a file so that it is there whole or not at all: under another name first, then renamed. */
export async function writeFileWhole(path: string, text: string): Promise<void> {
  const partial = `${path}.partial`
  try {
    await writeFile(partial, text)
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}
