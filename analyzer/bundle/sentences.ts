import type { Sentence } from '../engine/language.ts'

/** What is said of a bundle as a container. Sizes are in bytes, offsets count from the beginning of the unpacked archive. */
export const says = {
  readingStopped: (error: string): Sentence => ({
    en: `Reading stopped: ${error}`,
    zh: `读取中断：${error}`,
  }),
  moreOfThisKind: (count: number): Sentence => ({
    en: `And ${count} more of this kind.`,
    zh: `此类问题另有 ${count} 处。`,
  }),

  unpacksBeyondBytes: (bytes: number): Sentence => ({
    en: `The bundle unpacks to more than ${bytes} bytes; the rest was not read.`,
    zh: `采集包解压后超过 ${bytes} 字节，其余部分未读取。`,
  }),
  unpacksBeyondRatio: (ratio: number): Sentence => ({
    en: `The bundle unpacks to more than ${ratio} times its size; the rest was not read.`,
    zh: `采集包解压后超过其自身大小的 ${ratio} 倍，其余部分未读取。`,
  }),
  tooManyEntries: (entries: number): Sentence => ({
    en: `The archive has more than ${entries} entries; the rest was not read.`,
    zh: `归档中的条目超过 ${entries} 个，其余部分未读取。`,
  }),
  tooManyFiles: (files: number): Sentence => ({
    en: `The folder has more than ${files} files; the rest was not read.`,
    zh: `目录中的文件超过 ${files} 个，其余部分未读取。`,
  }),
  folderTooLarge: (bytes: number): Sentence => ({
    en: `The folder has more than ${bytes} bytes; the rest was not read.`,
    zh: `目录中的内容超过 ${bytes} 字节，其余部分未读取。`,
  }),
  fileTooLarge: (bytes: number, limit: number): Sentence => ({
    en: `A file of ${bytes} bytes was passed over; the limit is ${limit}.`,
    zh: `一个 ${bytes} 字节的文件被略过，上限为 ${limit} 字节。`,
  }),
  entryTooLarge: (bytes: number, limit: number): Sentence => ({
    en: `An entry of ${bytes} bytes was passed over; the limit is ${limit}.`,
    zh: `一个 ${bytes} 字节的条目被略过，上限为 ${limit} 字节。`,
  }),
  headerTooLarge: (bytes: number, limit: number): Sentence => ({
    en: `A header of ${bytes} bytes belongs to an entry; more than ${limit} are not read.`,
    zh: `一个条目带有 ${bytes} 字节的头部，超过 ${limit} 字节的头部不读取。`,
  }),
  beyondLimit: (bytes: number): Sentence => ({
    en: `${bytes} bytes were beyond a limit of the analyzer and were not read.`,
    zh: `有 ${bytes} 字节超出分析器的上限，未读取。`,
  }),

  noManifest: {
    en: 'The bundle has no manifest, so that nothing tells whether all of it is here.',
    zh: '采集包中没有清单（manifest），无法判断内容是否齐全。',
  },
  manifestUnreadLines: (lines: number): Sentence => ({
    en: `${lines} lines of the manifest could not be read.`,
    zh: `清单（manifest）中有 ${lines} 行无法读取。`,
  }),
  manifestWithoutVersion: {
    en: 'The manifest does not tell its version.',
    zh: '清单（manifest）未标明版本。',
  },
  newerVersion: (version: number, known: number): Sentence => ({
    en: `The bundle has version ${version}; this analyzer knows version ${known}.`,
    zh: `采集包的版本为 ${version}，本分析器只认识版本 ${known}。`,
  }),
  fileAltered: {
    en: 'Its bytes are not those that the manifest lists.',
    zh: '文件内容与清单（manifest）记录的不一致。',
  },
  fileMissing: {
    en: 'The manifest lists this file, and it is not here.',
    zh: '清单（manifest）列有此文件，但采集包中没有。',
  },
  fileTwice: {
    en: 'The bundle has this file more than once; the last one counts.',
    zh: '采集包中此文件出现多次，以最后一份为准。',
  },
  fileBreaksOff: (bytes: number): Sentence => ({
    en: `The file breaks off after ${bytes} bytes and was not used.`,
    zh: `文件在 ${bytes} 字节处中断，未使用。`,
  }),
  parserFailed: (error: string): Sentence => ({
    en: `Its parser failed: ${error}`,
    zh: `解析器执行失败：${error}`,
  }),
  anotherBundle: {
    en: 'There is another bundle in here, which was not read. Pass each bundle on its own.',
    zh: '其中还有另一个采集包，未读取。请将每个采集包单独传入。',
  },

  nameRefused: (fault: Sentence): Sentence => ({
    en: `An entry was passed over for its name: ${fault.en}.`,
    zh: `一个条目因名称被略过：${fault.zh}。`,
  }),
  nameEmpty: { en: 'it is empty', zh: '名称为空' },
  nameTooLong: (bytes: number): Sentence => ({
    en: `it has more than ${bytes} bytes`,
    zh: `名称超过 ${bytes} 字节`,
  }),
  nameTooDeep: (depth: number): Sentence => ({
    en: `it is more than ${depth} deep`,
    zh: `路径超过 ${depth} 层`,
  }),
  nameWithControls: { en: 'it has control characters', zh: '含有控制字符' },
  nameWithBackslash: { en: 'it has a backslash', zh: '含有反斜杠' },
  nameAbsolute: { en: 'it is absolute', zh: '是绝对路径' },
  nameClimbs: { en: 'it climbs with ..', zh: '用 .. 跳出目录' },

  archiveStops: (offset: number): Sentence => ({
    en: `The archive stops at offset ${offset}, before its end.`,
    zh: `归档在偏移 ${offset} 处中断，没有到达结尾。`,
  }),
  loneZeroBlock: (offset: number): Sentence => ({
    en: `A lone block of zeros stands at offset ${offset}.`,
    zh: `偏移 ${offset} 处有一个孤立的全零块。`,
  }),
  noHeader: (offset: number): Sentence => ({
    en: `No header stands at offset ${offset}, where one is due. Reading goes on at the next header found.`,
    zh: `偏移 ${offset} 处应有头部而没有，从下一个头部起继续读取。`,
  }),
  headerWithoutSize: (offset: number): Sentence => ({
    en: `The header at offset ${offset} has no usable size. Reading goes on at the next header found.`,
    zh: `偏移 ${offset} 处的头部没有可用的大小，从下一个头部起继续读取。`,
  }),
  announcedEntryMissing: {
    en: 'The last header announces an entry that is not there.',
    zh: '最后一个头部预告的条目不存在。',
  },
  paddingNotZero: (offset: number): Sentence => ({
    en: `The padding at offset ${offset} is not zeros.`,
    zh: `偏移 ${offset} 处的填充不是全零。`,
  }),
  somethingFollows: {
    en: 'Something follows the end of the archive.',
    zh: '归档结尾之后还有内容。',
  },
  somethingFollowsAt: (offset: number): Sentence => ({
    en: `Something follows the end of the archive at offset ${offset}.`,
    zh: `归档结尾之后，偏移 ${offset} 处还有内容。`,
  }),
  archiveFollowsAt: (offset: number): Sentence => ({
    en: `Another archive follows the end of the archive at offset ${offset}.`,
    zh: `归档结尾之后，偏移 ${offset} 处还有另一个归档。`,
  }),
  notFollowed: (kind: Sentence): Sentence => ({
    en: `A ${kind.en} is not followed.`,
    zh: `不跟随${kind.zh}。`,
  }),
  claimsBytes: (kind: Sentence, bytes: number): Sentence => ({
    en: `A ${kind.en} claims ${bytes} bytes of its own.`,
    zh: `一个${kind.zh}声称自带 ${bytes} 字节。`,
  }),
  hardLink: { en: 'hard link', zh: '硬链接' },
  symbolicLink: { en: 'symbolic link', zh: '符号链接' },
  characterDevice: { en: 'character device', zh: '字符设备' },
  blockDevice: { en: 'block device', zh: '块设备' },
  fifo: { en: 'FIFO', zh: '命名管道（FIFO）' },
  fileWithHoles: {
    en: 'A file with holes (tar -S) was not read.',
    zh: '稀疏文件（tar -S）未读取。',
  },
  unknownType: (type: string): Sentence => ({
    en: `An entry of unknown type ${type} was passed over.`,
    zh: `一个类型未知（${type}）的条目被略过。`,
  }),
  paxDamaged: (fault: Sentence): Sentence => ({
    en: `A PAX header has ${fault.en}; the entry that it belongs to was passed over.`,
    zh: `一个 PAX 头部${fault.zh}，所属条目被略过。`,
  }),
  paxRecordLength: { en: 'a record whose length is wrong', zh: '中有记录长度不对' },
  paxRecordCount: (count: number): Sentence => ({
    en: `more than ${count} records`,
    zh: `中的记录超过 ${count} 条`,
  }),
  paxPathWithNul: { en: 'a path with a NUL in it', zh: '中的路径含有 NUL' },
  paxSize: { en: 'a size that is no number', zh: '中的大小不是数字' },
} as const satisfies Readonly<Record<string, Sentence | ((...values: never[]) => Sentence)>>
