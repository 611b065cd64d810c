/** The same object type, while it is being filled in. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] }
