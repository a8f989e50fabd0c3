import type { StaffRole } from "#lib/domain/account.ts";
import type { Locale } from "#lib/domain/locale.ts";

/** Somebody who has not signed in. `address` is the network address, for limits. */
export interface Visitor {
  readonly kind: "visitor";
  readonly locale: Locale;
  readonly address: string;
}

export interface Customer {
  readonly kind: "customer";
  readonly accountId: string;
  readonly sessionId: string;
  readonly name: string;
  readonly email: string;
  readonly locale: Locale;
  readonly timeZone: string;
  readonly currency: string;
  readonly countryCode: string;
}

export interface Staff {
  readonly kind: "staff";
  readonly accountId: string;
  readonly sessionId: string;
  readonly role: StaffRole;
  readonly name: string;
  readonly email: string;
  readonly locale: Locale;
  readonly timeZone: string;
}

/** Worker and schedules. */
export interface System {
  readonly kind: "system";
}

/** Who asks. Every verb takes one first. */
export type Actor = Visitor | Customer | Staff | System;

export const SYSTEM: System = { kind: "system" };
