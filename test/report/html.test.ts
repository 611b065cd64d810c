import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, type BrowserContextOptions, type Page, chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { renderHtml } from '../../analyzer/report/html/renderHtml.ts'
import type { Report } from '../../analyzer/report/report.ts'
import { controlPayloads, markupPayloads, steeringCharacters } from './hostileTexts.ts'
import { sampleReport, withTexts } from './sampleReport.ts'

let browser: Browser
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coldcase-report-'))
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
})

afterAll(async () => {
  await browser.close()
  await rm(folder, { recursive: true })
})

interface Visit {
  readonly page: Page
  readonly url: string
  /** Requests but the first, dialogs, and what the console or the page complains of. */
  readonly mishaps: string[]
}

async function visit(report: Report, options: BrowserContextOptions = {}): Promise<Visit> {
  const path = join(folder, 'report.html')
  await writeFile(path, await renderHtml(report))
  const url = pathToFileURL(path).href
  const page = await browser.newPage(options)
  const mishaps: string[] = []
  page.on('request', (request) => {
    if (request.url() !== url && !request.url().startsWith('data:')) mishaps.push(`request ${request.url()}`)
  })
  page.on('dialog', (dialog) => {
    mishaps.push(`dialog ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('console', (message) => mishaps.push(`console ${message.text()}`))
  page.on('pageerror', (error) => mishaps.push(`error ${error.message}`))
  await page.goto(url)
  return { page, url, mishaps }
}

async function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}

const findingTitles = sampleReport.outcomes.flatMap((it) => (it.state === 'found' ? [it.title] : []))

test('is one file that asks for nothing, and shows every finding', async () => {
  const { page, mishaps } = await visit(sampleReport)
  const text = await page.locator('body').innerText()
  for (const title of findingTitles) expect(text).toContain(title)
  expect(await page.locator('h1').innerText()).toBe('3 causes explain 5 findings on node-1 and node-2')
  expect(await page.locator('article').count()).toBe(4)
  expect(mishaps).toEqual([])
  await page.close()
})

test('the causes are in sight before anyone scrolls, on a desk and on a telephone', async () => {
  for (const viewport of [
    { width: 1280, height: 800 },
    { width: 390, height: 844 },
  ]) {
    const { page } = await visit(sampleReport, { viewport })
    for (const item of await page.locator('.verdict li').all()) {
      const box = await item.boundingBox()
      expect((box?.y ?? Infinity) + (box?.height ?? 0)).toBeLessThan(viewport.height)
    }
    await page.close()
  }
})

test.each([320, 390, 768, 1280])('nothing sticks out at %i pixels', async (width) => {
  const long = withTexts(sampleReport, (text) => `${text} ${'a-long-word/'.repeat(40)}`)
  for (const report of [sampleReport, long]) {
    const { page } = await visit(report, { viewport: { width, height: 844 } })
    await page.evaluate(() =>
      document.querySelectorAll('details').forEach((details) => (details.open = true)),
    )
    expect(await overflow(page)).toBe(0)
    await page.close()
  }
})

test('nothing of a Chinese report sticks out at 390 pixels, and its button speaks Chinese', async () => {
  const viewport = { width: 390, height: 800 }
  const { page, mishaps } = await visit({ ...sampleReport, language: 'zh' }, { viewport })
  expect(await overflow(page)).toBe(0)
  expect(await page.locator('h1').innerText()).toBe('node-1 和 node-2 上的 5 项问题源于 3 个根因')
  expect(await page.locator('.command button').first().innerText()).toBe('复制')
  expect(mishaps).toEqual([])
  await page.close()
})

test('is all there without JavaScript', async () => {
  const { page, mishaps } = await visit(sampleReport, { javaScriptEnabled: false })
  for (const title of findingTitles) {
    expect(await page.getByText(title, { exact: false }).first().isVisible()).toBe(true)
  }
  expect(await page.locator('button').count()).toBe(0)
  await page.locator('summary').first().click()
  expect(await page.getByText('The neighbour entry is FAILED').isVisible()).toBe(true)
  expect(mishaps).toEqual([])
  await page.close()
})

test('copies a command as it is typed', async () => {
  const { page, url } = await visit(sampleReport, { permissions: ['clipboard-read', 'clipboard-write'] })
  const command = page.locator('.command', { hasText: 'iptables-restore' })
  await command.getByRole('button', { name: 'Copy' }).click()
  await command.getByRole('button', { name: 'Copied' }).waitFor()
  expect(url).toMatch(/^file:/)
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
    "iptables-save | awk '/^\\*/{delete s} /^[*:#C]/||!s[$0]++' | iptables-restore",
  )
  await page.close()
})

test('a link to an effect opens it', async () => {
  const { page } = await visit(sampleReport)
  await page.locator('.matrix a', { hasText: '2.2' }).click()
  const effect = page.getByText('Each update of the lease timed out')
  // The browser tells the script of the new address after the click has returned.
  await effect.waitFor({ state: 'visible' })
  expect(await effect.isVisible()).toBe(true)
  await page.close()
})

test('every link leads somewhere in the report', async () => {
  const { page } = await visit(sampleReport)
  const dead = await page.evaluate(() =>
    [...document.querySelectorAll('a')]
      .map((link) => link.getAttribute('href') ?? '')
      .filter((href) => !href.startsWith('#') || document.getElementById(href.slice(1)) === null),
  )
  expect(dead).toEqual([])
  await page.close()
})

test('paper shows what is folded on the screen', async () => {
  const { page } = await visit(sampleReport, { javaScriptEnabled: false })
  await page.emulateMedia({ media: 'print' })
  const folded = page.getByText('The neighbour entry is FAILED')
  expect((await folded.boundingBox())?.height).toBeGreaterThan(0)
  await page.close()
})

test('words stand out against their ground in light and in dark (WCAG 2.2, 1.4.3)', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page } = await visit(sampleReport, { colorScheme })
    await page.evaluate(() =>
      document.querySelectorAll('details').forEach((details) => (details.open = true)),
    )
    expect(await page.evaluate(faintTexts)).toEqual([])
    await page.close()
  }
})

/** Runs in the page: texts whose contrast with the ground behind them is below 4.5. */
function faintTexts(): string[] {
  // eslint-disable-next-line unicorn/consistent-function-scoping -- nothing outside this function reaches the page
  const channels = (color: string) => [...color.matchAll(/[\d.]+/g)].map(Number)
  const luminance = (color: string) => {
    const [red = 0, green = 0, blue = 0] = channels(color).map((value) => {
      const share = value / 255
      return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const groundOf = (element: Element | null): string => {
    if (element === null) return 'rgb(255, 255, 255)'
    const { backgroundColor } = getComputedStyle(element)
    return channels(backgroundColor)[3] === 0 ? groundOf(element.parentElement) : backgroundColor
  }
  const faint: string[] = []
  for (const element of document.querySelectorAll('body *')) {
    const words = [...element.childNodes].some(
      (node) => node.nodeType === 3 && (node.textContent ?? '').trim() !== '',
    )
    if (!words || element.tagName === 'SCRIPT' || element.closest('title, desc')) continue
    const style = getComputedStyle(element)
    const ink = luminance(element instanceof SVGElement ? style.fill : style.color)
    const ground = luminance(groundOf(element))
    const contrast = (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05)
    if (contrast < 4.5) faint.push(`${element.tagName} ${element.textContent} ${contrast.toFixed(2)}`)
  }
  return faint
}

/** Elements by tag, so that one more of any kind shows; the spans that keep names whole depend on the text. */
function census(page: Page): Promise<Record<string, number>> {
  return page.evaluate(() => {
    const counts: Record<string, number> = {}
    for (const { tagName } of document.querySelectorAll('*:not(.name)'))
      counts[tagName] = (counts[tagName] ?? 0) + 1
    return counts
  })
}

test('no text of a bundle becomes markup, in any field', async () => {
  const harmless = await visit(withTexts(sampleReport, (text) => `${text} harmless`))
  const expected = await census(harmless.page)
  await harmless.page.close()
  for (const payload of markupPayloads) {
    const { page, mishaps } = await visit(withTexts(sampleReport, (text) => `${text} ${payload}`))
    expect({ payload, ...(await census(page)) }).toEqual({ payload, ...expected })
    expect(await page.locator('h3').first().innerText()).toContain(payload.replaceAll('\0', '\\x00'))
    const handlers = await page.evaluate(() =>
      [...document.querySelectorAll('*')].flatMap((element) =>
        element
          .getAttributeNames()
          .filter((name) => name.startsWith('on') || name === 'style' || name === 'src'),
      ),
    )
    expect(handlers).toEqual([])
    expect(mishaps).toEqual([])
    await page.close()
  }
})

test('shows control and invisible characters instead of obeying them', async () => {
  const markup = await renderHtml(withTexts(sampleReport, (text) => text + controlPayloads.join(' ')))
  expect(steeringCharacters(markup, '\n')).toEqual([])
  expect(markup).toContain('user⟦U+202E⟧txt.exe')
})

test('lets in no script but its own', async () => {
  const markup = await renderHtml(sampleReport)
  expect(markup.match(/Content-Security-Policy" content="([^"]+)"/)?.[1]).toMatch(
    /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; script-src 'sha256-[\w+/]{43}='; img-src data:; base-uri 'none'; form-action 'none'$/,
  )
  const path = join(folder, 'tampered.html')
  await writeFile(
    path,
    markup.replace('</h1>', '</h1><script>document.title = "stolen"</script><p style="color:red">'),
  )
  const page = await browser.newPage()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  await page.goto(pathToFileURL(path).href)
  expect(await page.title()).toBe('3 causes explain 5 findings on node-1 and node-2 · coldcase')
  expect(complaints).toHaveLength(2)
  await page.close()
})

test('a case without findings, and one without bundles, are told as well', async () => {
  const quiet = await visit({
    ...sampleReport,
    outcomes: sampleReport.outcomes.filter(({ state }) => state === 'clear'),
    figures: [],
  })
  expect(await quiet.page.locator('h1').innerText()).toBe('Nothing wrong was found on 3 nodes')
  expect(await quiet.page.locator('article, svg').count()).toBe(0)
  await quiet.page.close()
  const rejected = [
    { file: 'notes.zip', message: { en: 'a ZIP archive: unpack it first', zh: 'zip 归档：请先解压' } },
  ]
  const empty = await visit({ ...sampleReport, bundles: [], outcomes: [], figures: [], rejected })
  expect(await empty.page.locator('header').innerText()).toContain('notes.zip was not read.')
  expect(empty.mishaps).toEqual([])
  await empty.page.close()
})

test('equal reports are equal bytes', async () => {
  expect(await renderHtml(structuredClone(sampleReport))).toBe(await renderHtml(sampleReport))
})
