/**
 * WHO. Principals: the names that clients show themselves to have, by a token or a certificate, with
 * the limits and the jobs of each; and what becomes of those who guess. It has never heard of lines
 * or sockets.
 *
 * @module
 */

export { Failures, type FailuresOptions, peerOf } from "./failures.ts";
export {
  Principal,
  type PrincipalLimits,
  type PrincipalMember,
  type PrincipalSpec,
} from "./principal.ts";
export { Principals } from "./principals.ts";
export { hashToken, isTokenHash } from "./token.ts";
