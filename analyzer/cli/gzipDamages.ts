import type { Sentence } from '../engine/language.ts'

/** What is wrong with a gzip stream. */
export const damages = {
  noHeader: { en: 'It has no gzip header.', zh: '没有 gzip 头部。' },
  somethingFollows: {
    en: 'Something that is not gzip follows the compressed data.',
    zh: '压缩数据之后还有不是 gzip 的内容。',
  },
  endsInHeader: {
    en: 'The compressed data ends within a gzip header.',
    zh: '压缩数据在 gzip 头部中间中断。',
  },
  endsEarly: { en: 'The compressed data ends early.', zh: '压缩数据提前结束。' },
  endsBeforeChecksum: {
    en: 'The compressed data ends before its checksum.',
    zh: '压缩数据在校验和之前结束。',
  },
  damaged: (fault: string): Sentence => ({
    en: `The compressed data is damaged: ${fault}.`,
    zh: `压缩数据已损坏：${fault}。`,
  }),
  checksum: {
    en: 'The checksum of the compressed data does not match.',
    zh: '压缩数据的校验和不符。',
  },
  length: { en: 'The length of the compressed data does not match.', zh: '压缩数据的长度不符。' },
} as const
