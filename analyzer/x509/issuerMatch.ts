import type { Certificate } from './certificate.ts'

/**
 * Whether one certificate is of an authority: `issued`, name and key identifier say so; `other-key`, an authority of this name has,
 * but with another key; `unproven`, of this name, and one of the two bears no key identifier; `no`, an authority of another name has.
 */
export type IssuerMatch = 'issued' | 'other-key' | 'unproven' | 'no'

/**
 * Compares by what certificates bear (RFC 5280 sections 4.1.2.4, 4.2.1.1, 4.2.1.2); the signature is not computed. A key identifier
 * that the authority does not declare counts where it is the one that is computed of its key: authorities are made anew by other
 * tools, of the same key.
 */
export function issuerMatch(child: Certificate, authority: Certificate): IssuerMatch {
  if (child.issuer.text !== authority.subject.text) return 'no'
  const { authorityKeyId } = child
  if (authorityKeyId === undefined) return 'unproven'
  if (authorityKeyId === authority.subjectKeyId) return 'issued'
  return authority.publicKey.identifiers.includes(authorityKeyId) ? 'issued' : 'other-key'
}

/** Name and key of an authority: two certificates that share it verify the same certificates (RFC 5280 section 6.1.1, trust anchor). */
export function authorityIdentity({ publicKey, subject }: Certificate): string {
  return `${publicKey.identifiers[0]} ${subject.text}`
}

/**
 * Whether a chain leads from the first certificate through the ones behind it to one of the trusted authorities, as crypto/x509
 * looks for one; the best match on the way. `unproven` where names alone lead there.
 */
export function chainMatch(
  [leaf, ...others]: readonly Certificate[],
  trusted: readonly Certificate[],
): IssuerMatch {
  if (leaf === undefined) return 'no'
  const reached = [leaf]
  let best: IssuerMatch = 'no'
  for (const here of reached) {
    for (const authority of trusted) best = better(best, issuerMatch(here, authority))
    if (best === 'issued') return best
    // `for…of` goes on over what is added; each certificate is added once.
    reached.push(
      ...others.filter((other) => !reached.includes(other) && issuerMatch(here, other) === 'issued'),
    )
  }
  return best
}

const ORDER: readonly IssuerMatch[] = ['issued', 'unproven', 'other-key', 'no']

function better(a: IssuerMatch, b: IssuerMatch): IssuerMatch {
  return ORDER.indexOf(a) <= ORDER.indexOf(b) ? a : b
}
