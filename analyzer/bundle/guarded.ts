/** The same items; an error of theirs is told, and ends them. */
export async function* guarded<T>(
  items: AsyncIterable<T>,
  onFault: (error: unknown) => void,
): AsyncGenerator<T, void, void> {
  try {
    yield* items
  } catch (error) {
    onFault(error)
  }
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
