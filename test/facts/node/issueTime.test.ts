import { expect, test } from 'vitest'
import { issueTime } from '../../../analyzer/facts/node/issueTime.ts'
import { pemCertificates } from '../../../analyzer/parsers/pemCertificates.ts'
import type { Certificate } from '../../../analyzer/x509/certificate.ts'
import { AUTHORITY, certificateMaker } from '../../support/openssl.ts'

const DAY_MS = 86_400_000
const make = certificateMaker()
const read = (pem: string): Certificate => {
  const certificate = pemCertificates.parse(pem).value.certificates[0]?.certificate
  if (certificate === undefined) throw new Error('no certificate')
  return certificate
}
const ca = make('/CN=kubernetes', undefined, AUTHORITY, undefined, 3650)
const authority = read(ca.pem)
const leaf = read(make('/CN=kube-apiserver', ca, 'basicConstraints=critical,CA:FALSE', undefined, 365).pem)
const beganMs = Date.UTC(2025, 9, 20, 8)
const now = Date.UTC(2026, 10, 21)
/** The leaf, of other times. */
const of = (notBeforeMs: number, lifeDays: number): Certificate => ({
  ...leaf,
  notBeforeMs,
  notAfterMs: notBeforeMs + lifeDays * DAY_MS,
})
const known = [{ ...authority, notBeforeMs: beganMs }]

test('kubeadm’s begin with their authority: their age is reckoned from their end', () => {
  const timeMs = Date.UTC(2026, 9, 10, 8)
  const renewed = of(beganMs, 355 + 365)
  expect(issueTime(renewed, known, now)).toEqual({ timeMs, lifeMs: 365 * DAY_MS, isReckoned: true })
  expect(issueTime(of(beganMs, 365), known, now)?.timeMs).toBe(beganMs)
})

test('what was made for another time does not tell', () => {
  expect(issueTime(of(beganMs, 3650), known, now)).toBeUndefined()
  expect(issueTime(of(beganMs, 90), known, now)).toBeUndefined()
})

test('others begin when they are made', () => {
  const madeMs = beganMs + 30 * DAY_MS
  const made = { timeMs: madeMs, lifeMs: 3650 * DAY_MS, isReckoned: false }
  expect(issueTime(of(madeMs, 3650), known, now)).toEqual(made)
})

test('without the authority only a life of a year tells', () => {
  expect(issueTime(of(beganMs, 365), [], now)?.timeMs).toBe(beganMs)
  expect(issueTime(of(beganMs, 720), [], now)).toBeUndefined()
})
