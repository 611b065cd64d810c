import type { Line } from '../text/line.ts'
import { textLines } from '../text/textLines.ts'
import { parseJsonText } from './jsonText.ts'
import { type JsonValue, asArray, asBoolean, asNumber, asString, asStrings, field } from './jsonValue.ts'
import type { TextParser } from './parser.ts'

/** A member of an etcd cluster. */
export interface EtcdMember {
  /** '' of a member that was added and has not started yet. */
  readonly name: string
  readonly peerUrls: readonly string[]
  /** It has no vote. */
  readonly isLearner: boolean
}

/** What an endpoint says of its member. */
export interface EtcdEndpoint {
  readonly endpoint: string
  /** `3.5.9`. */
  readonly version: string
  readonly databaseBytes: number | undefined
  /** Of it what is not freed space that only a defragmentation gives back; etcd before 3.4 does not say. */
  readonly usedBytes: number | undefined
  /** It knows of a leader. */
  readonly hasLeader: boolean
  readonly isLearner: boolean
  /** `memberID:3810040046853591377 alarm:NOSPACE`. */
  readonly errors: readonly string[]
}

/** What `etcdctl -w json` printed. */
export interface EtcdStatus {
  /** Undefined where the file is no list of members. */
  readonly members: readonly EtcdMember[] | undefined
  readonly endpoints: readonly EtcdEndpoint[]
  /** The first line: etcdctl prints all in one. */
  readonly line: Line
}

/**
 * `etcd/member-list.json` and `etcd/endpoint-status.json`, by etcdctl 3.3 and later; fields that are false, 0 or empty are left out:
 * ```
 * {"header":{"cluster_id":14740523463434258638,…},"members":[{"ID":3810040046853591377,"name":"node1","peerURLs":["https://192.168.50.11:2380"],…}]}
 * [{"Endpoint":"https://127.0.0.1:2379","Status":{"header":{…},"version":"3.4.23","dbSize":20480,"leader":3810040046853591377,…}}]
 * ```
 * Identifiers are 64-bit numbers, which JSON numbers here cannot hold: they are not kept. Any other JSON has neither members nor endpoints.
 */
export const etcdStatus: TextParser<EtcdStatus> = {
  kind: 'text',
  maxBytes: 1024 * 1024,
  parse(text) {
    const line = [...textLines(text)].find((candidate) => candidate.text.trim() !== '') ?? {
      number: 0,
      text: '',
    }
    const nothing: EtcdStatus = { members: undefined, endpoints: [], line }
    if (text.trim() === '') return { value: nothing, unread: [] }
    const { document, error } = parseJsonText(text)
    if (error !== undefined) return { value: nothing, unread: [error.line] }
    const members = field(document, 'members')
    return {
      value: {
        members: members === undefined ? undefined : asArray(members).map(member),
        endpoints: asArray(document).map(endpoint),
        line,
      },
      unread: [],
    }
  },
}

function member(value: JsonValue): EtcdMember {
  return {
    name: asString(field(value, 'name')) ?? '',
    peerUrls: asStrings(field(value, 'peerURLs')),
    isLearner: asBoolean(field(value, 'isLearner')) ?? false,
  }
}

function endpoint(value: JsonValue): EtcdEndpoint {
  const status = field(value, 'Status')
  return {
    endpoint: asString(field(value, 'Endpoint')) ?? '',
    version: asString(field(status, 'version')) ?? '',
    databaseBytes: asNumber(field(status, 'dbSize')),
    usedBytes: asNumber(field(status, 'dbSizeInUse')),
    hasLeader: (asNumber(field(status, 'leader')) ?? 0) !== 0,
    isLearner: asBoolean(field(status, 'isLearner')) ?? false,
    errors: asStrings(field(status, 'errors')),
  }
}
