import type { Rule } from '../engine/defineRule.ts'
import conntrackTableFull from './conntrack/conntrack-table-full.ts'

/** Every rule, in the order of reports: evidence first, since it says what the others could not see. */
export const rules: readonly Rule[] = [conntrackTableFull]
