/** Lets only so many tasks run at a time: the others wait in the order in which they came. */
export function lanes(count: number): <T>(task: () => Promise<T>) => Promise<T> {
  const ends: Promise<unknown>[] = Array.from({ length: count }, () => Promise.resolve())
  let next = 0
  return async (task) => {
    const lane = next
    next = (next + 1) % count
    const turn = (ends[lane] ?? Promise.resolve()).then(task)
    ends[lane] = turn.catch(() => {})
    return await turn
  }
}
