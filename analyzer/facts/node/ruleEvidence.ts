import type { Capture } from '../../bundle/bundle.ts'
import type { Evidence } from '../../engine/evidence.ts'
import type { IptablesRule, IptablesSave } from '../../parsers/iptablesTables.ts'

/**
 * A rule of a dump as evidence. Its line is put together when somebody reads it: the services of one node are told by thousands of
 * rules, of which a report cites a handful.
 */
export class RuleEvidence implements Evidence {
  private readonly dump: Capture<IptablesSave>
  private readonly rule: IptablesRule

  constructor(dump: Capture<IptablesSave>, rule: IptablesRule) {
    this.dump = dump
    this.rule = rule
  }

  get bundle(): string {
    return this.cited.bundle
  }

  get path(): string {
    return this.dump.path
  }

  get line(): number {
    return this.cited.line
  }

  get text(): string {
    return this.cited.text
  }

  private get cited(): Evidence {
    return this.dump.cite(this.rule.line)
  }
}
