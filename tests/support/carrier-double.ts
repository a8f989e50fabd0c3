import type { ActivateOutcome, CarrierAdapter } from "#lib/carriers/port.ts";

/** A carrier in the memory of a test; the real adapter is proved by tests/contract/. */
export class CarrierDouble {
  /** What the next activations lead to. */
  refuses = false;
  /** How often it acted, by our reference. */
  readonly acted = new Map<string, number>();
  readonly adapter: Partial<CarrierAdapter>;

  /** `offers`: the wholesale packages that fit every eSIM. */
  constructor(offers: readonly string[]) {
    this.adapter = {
      id: "esim_access",
      capabilities: { idempotentOrders: true, usageLagHours: 3, signedWebhooks: false },
      listOffers: async () =>
        offers.map((code) => ({
          code,
          name: code,
          dataBytes: null,
          validityDays: 30,
          countryCodes: ["JP"],
          costUsdTenThousandths: 1n,
        })),
      activate: async ({ ourReference, esim, offerCode }): Promise<ActivateOutcome> => {
        if (this.refuses) {
          return { kind: "rejected", reason: "carrier_refused", detail: "told to" };
        }
        this.acted.set(ourReference, (this.acted.get(ourReference) ?? 0) + 1);
        return {
          kind: "confirmed",
          order: {
            carrierReference: `there-${ourReference}`,
            iccid: esim.iccid,
            offerCode,
            expiresAt: null,
            totalBytes: null,
          },
        };
      },
    };
  }
}

/** Settings under which all methods of payment are offered, for tests with doubles. */
export const DOUBLED_SETTINGS = {
  PAYMENT_METHODS: "stripe,paypal,bank_transfer,balance",
  CURRENCIES: "EUR,JPY,KWD",
  PAYPAL_CLIENT_ID: "double",
  PAYPAL_CLIENT_SECRET: "double",
  PAYPAL_WEBHOOK_ID: "double",
  BANK_TRANSFER_INSTRUCTIONS: JSON.stringify({
    EUR: { accountHolder: "Axis", iban: "DE89370400440532013000" },
  }),
} as const;
