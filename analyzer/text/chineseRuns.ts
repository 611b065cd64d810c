/** Runs of Chinese characters, runs of the marks that stand between them (CLREQ 3.1), and spaces. */
const CHINESE = /(\p{Script=Han}+|[、。，；：！？（）《》【】「」]+| )/u

/** A text in pieces: Chinese characters, Chinese punctuation and spaces each by themselves, what lies between them whole. */
export function chineseRuns(text: string): readonly string[] {
  return text.split(CHINESE).filter((run) => run !== '')
}

/** Whether a piece is Chinese characters or Chinese punctuation. */
export function isChinese(run: string): boolean {
  return run !== ' ' && CHINESE.test(run)
}
