import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { TlsIdentity } from "./net.ts";

/**
 * Sees that an identity can be used: the platform itself would take anything, and then fail each
 * handshake. Throws a TypeError that says what is wrong with which of its texts.
 */
export function checkIdentity({ cert, key, clientAuthorities }: TlsIdentity): void {
  const certificate = certificateIn(cert, "the certificate");
  if (!certificate.checkPrivateKey(privateKeyIn(key))) {
    throw new TypeError("Cannot speak TLS: the private key is not that of the certificate");
  }
  if (clientAuthorities !== undefined) {
    certificateIn(clientAuthorities, "the certificate of the clients' authority");
  }
}

function certificateIn(pem: string, what: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new TypeError(`Cannot speak TLS: ${what} is no PEM certificate`, { cause });
  }
}

function privateKeyIn(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new TypeError("Cannot speak TLS: the private key is no PEM key without a passphrase", {
      cause,
    });
  }
}
