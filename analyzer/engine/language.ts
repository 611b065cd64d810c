/** Languages that reports are written in. A language added here makes every missing sentence a compile error. */
export type Language = 'en'
