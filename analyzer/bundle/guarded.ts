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
