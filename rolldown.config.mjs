import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { resolve, dirname } from 'node:path'

/** `import text from './file?raw'`: the file's text as a string, so that the bundle needs no file beside it. */
const rawText = {
  name: 'raw-text',
  resolveId(id, importer) {
    if (!id.endsWith('?raw')) return null
    return resolve(dirname(importer), id)
  },
  load(id) {
    if (!id.endsWith('?raw')) return null
    const text = readFileSync(id.slice(0, -'?raw'.length), 'utf8')
    return { code: `export default ${JSON.stringify(text)}`, moduleType: 'js' }
  },
}

const { version } = JSON.parse(readFileSync(fileURLToPath(new URL('package.json', import.meta.url)), 'utf8'))

export default {
  input: 'analyzer/cli/main.ts',
  platform: 'node',
  plugins: [rawText],
  transform: { define: { COLDCASE_VERSION: JSON.stringify(version) } },
  output: {
    file: 'dist/coldcase.mjs',
    format: 'esm',
    banner: '#!/usr/bin/env node',
    codeSplitting: false,
    minify: { compress: true, mangle: false, codegen: true },
  },
}
