/**
 * The activation code a device reads from a QR code: `LPA:1$<SM-DP+ address>$<matching ID>`, followed
 * by `$$1` when a confirmation code will be asked for (GSMA SGP.22, section 4.1).
 */
export function activationCode(profile: {
  readonly smdpAddress: string;
  readonly matchingId: string;
  readonly confirmationCodeRequired: boolean;
}): string {
  const code = `LPA:1$${profile.smdpAddress}$${profile.matchingId}`;
  return profile.confirmationCodeRequired ? `${code}$$1` : code;
}
