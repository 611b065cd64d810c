import type { Sentence } from '../engine/language.ts'
import { spaced } from '../text/spaced.ts'

/** What a file is that is no bundle, and what to do instead. */
export interface Look {
  readonly what: Sentence
  readonly remedy: Sentence
}

/** What to do with a file that is no bundle. */
export const REMEDIES = {
  copyAgain: { en: 'Copy it again from the node.', zh: '请从节点重新复制。' },
  passCollected: {
    en: 'Pass the .tar.gz that the collector wrote.',
    zh: '请传入采集脚本生成的 .tar.gz。',
  },
  loginPage: {
    en: 'It may be a login page saved in place of the file. Pass the .tar.gz that the collector wrote.',
    zh: '可能把登录页面存成了文件。请传入采集脚本生成的 .tar.gz。',
  },
  unpackWith: (command: string): Sentence => ({
    en: `Unpack it first: \`${command}\`.`,
    zh: `请先解压：\`${command}\`。`,
  }),
  unpackOnce: (command: string): Sentence => ({
    en: `Unpack it once: \`${command}\`.`,
    zh: `请先解压一层：\`${command}\`。`,
  }),
  passFolder: {
    en: 'Unpack it first and pass the folder.',
    zh: '请先解压，再传入目录。',
  },
  passFolderOrArchives: {
    en: 'Unpack it first and pass the folder, or the .tar.gz files in it.',
    zh: '请先解压，再传入目录或其中的 .tar.gz 文件。',
  },
} as const

/** A kind of file by its name, the same in every language but for the words around it. */
export const looks = {
  archive: (article: string, format: string): Sentence => ({
    en: `${article} ${format} archive`,
    zh: `${format} 归档`,
  }),
  gzipWithin: { en: 'gzip within gzip', zh: '两层 gzip' },
  emptyZip: { en: 'an empty zip archive', zh: '空的 zip 归档' },
  arArchive: { en: 'an ar or Debian archive', zh: 'ar 归档或 Debian 软件包' },
  pdf: { en: 'a PDF', zh: 'PDF 文件' },
  png: { en: 'a PNG picture', zh: 'PNG 图片' },
  jpeg: { en: 'a JPEG picture', zh: 'JPEG 图片' },
  program: { en: 'a program', zh: '可执行程序' },
  pem: { en: 'a PEM file', zh: 'PEM 文件' },
  empty: { en: 'an empty file', zh: '空文件' },
  zeros: { en: 'zeros, or an archive without files', zh: '全零内容，或不含文件的归档' },
  webPage: { en: 'a web page or XML', zh: '网页或 XML' },
  json: { en: 'JSON', zh: 'JSON' },
  plainText: { en: 'plain text', zh: '纯文本' },
  binary: { en: 'binary data of no known kind', zh: '类型未知的二进制数据' },
  unreadable: (fault: Sentence): Sentence => ({
    en: `a file of which nothing can be read (${fault.en})`,
    zh: `无法读出任何内容的文件（${fault.zh}）`,
  }),
  packed: (inner: Sentence): Sentence => ({
    en: `${inner.en}, packed with gzip`,
    zh: `${inner.zh}（经 gzip 压缩）`,
  }),
} as const

/** What is said of a file that was handed over and is no bundle. */
export const rejections = {
  other: ({ what, remedy }: Look): Sentence => ({
    en: `It is ${what.en}, not a bundle. ${remedy.en}`,
    zh: `这是${spaced(what.zh)}，不是采集包。${remedy.zh}`,
  }),
  archivesInside: (container: Sentence): Sentence => ({
    en: `It is ${container.en} that has archives in it. Pass these themselves.`,
    zh: `这是${spaced(container.zh)}，其中还有归档。请直接传入这些归档。`,
  }),
  withoutFiles: (container: Sentence): Sentence => ({
    en: `It is ${container.en} without files. ${REMEDIES.copyAgain.en}`,
    zh: `这是不含文件的${spaced(container.zh)}。${REMEDIES.copyAgain.zh}`,
  }),
  withoutCaptures: (container: Sentence, files: number): Sentence => ({
    en: `It is ${container.en} with ${files === 1 ? '1 file' : `${files} files`}, none of them a capture. ${REMEDIES.passCollected.en}`,
    zh: `这是${spaced(container.zh)}，有 ${files} 个文件，没有一个是采集内容。${REMEDIES.passCollected.zh}`,
  }),
  folder: { en: 'a folder', zh: '目录' },
  tarArchive: { en: 'a tar archive', zh: 'tar 归档' },
} as const
