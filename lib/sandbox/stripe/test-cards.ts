/**
 * Stripe's published test cards (docs.stripe.com/testing) as far as a renewal meets them.
 */
export interface TestCard {
  brand: string;
  funding: "credit" | "debit";
  country: string;
  /** Whether charging needs the customer's confirmation: never, until it was set up once, always. */
  confirmation: "never" | "until_set_up" | "always";
  /** Refused whenever it is charged. */
  decline?: Decline;
  /** Accepted when saved, refused when charged without the customer. */
  declineOffSession?: Decline;
  /** A dispute follows the charge. */
  disputed?: boolean;
  /** How refunds end. */
  refund?: "succeeds_later" | "fails_later";
}

/** Why an issuer refuses. */
export interface Decline {
  code: string;
  declineCode?: string;
  message: string;
}

const declined = "Your card was declined.";

const decline = (declineCode: string, message = declined): Decline => ({
  code: "card_declined",
  declineCode,
  message,
});

const plain = (brand: string, country = "US"): TestCard => ({
  brand,
  funding: "credit",
  country,
  confirmation: "never",
});

const cards: Record<string, TestCard> = {
  "4242424242424242": plain("visa"),
  "4000056655665556": { ...plain("visa"), funding: "debit" },
  "5555555555554444": plain("mastercard"),
  "378282246310005": plain("amex"),
  "6205500000000000004": plain("unionpay", "CN"),
  "3566002020360505": plain("jcb", "JP"),
  "4000001560000002": plain("visa", "CN"),
  "4000000000000002": { ...plain("visa"), decline: decline("generic_decline") },
  "4000000000009995": {
    ...plain("visa"),
    decline: decline("insufficient_funds", "Your card has insufficient funds."),
  },
  "4000000000009987": { ...plain("visa"), decline: decline("lost_card") },
  "4000000000009979": { ...plain("visa"), decline: decline("stolen_card") },
  "4000000000000069": {
    ...plain("visa"),
    decline: { code: "expired_card", message: "Your card has expired." },
  },
  "4000000000000127": {
    ...plain("visa"),
    decline: { code: "incorrect_cvc", message: "Your card's security code is incorrect." },
  },
  "4000000000000119": {
    ...plain("visa"),
    decline: {
      code: "processing_error",
      message: "An error occurred while processing your card. Try again in a little bit.",
    },
  },
  "4100000000000019": { ...plain("visa"), decline: decline("fraudulent") },
  "4000000000000341": { ...plain("visa"), declineOffSession: decline("generic_decline") },
  "4000002500003155": { ...plain("visa", "IE"), confirmation: "until_set_up" },
  "4000002760003184": { ...plain("visa", "DE"), confirmation: "always" },
  "4000000000000259": { ...plain("visa"), disputed: true },
  "4000000000007726": { ...plain("visa"), refund: "succeeds_later" },
  "4000000000005126": { ...plain("visa"), refund: "fails_later" },
};

/** Ids of ready-made payment methods, usable without creating them. */
export const readyMadeMethods: Record<string, string> = {
  pm_card_visa: "4242424242424242",
  pm_card_visa_debit: "4000056655665556",
  pm_card_mastercard: "5555555555554444",
  pm_card_amex: "378282246310005",
  pm_card_visa_chargeDeclined: "4000000000000002",
  pm_card_visa_chargeDeclinedInsufficientFunds: "4000000000009995",
  pm_card_visa_chargeDeclinedLostCard: "4000000000009987",
  pm_card_visa_chargeDeclinedStolenCard: "4000000000009979",
  pm_card_chargeDeclined: "4000000000000002",
  pm_card_chargeDeclinedInsufficientFunds: "4000000000009995",
  pm_card_chargeDeclinedExpiredCard: "4000000000000069",
  pm_card_chargeCustomerFail: "4000000000000341",
  pm_card_authenticationRequired: "4000002760003184",
  pm_card_authenticationRequiredOnSetup: "4000002500003155",
  pm_card_createDispute: "4000000000000259",
  pm_card_refundFail: "4000000000005126",
  pm_card_pendingRefund: "4000000000007726",
};

/** The test card of that number (spaces ignored), or null. */
export function testCard(number: string): TestCard | null {
  return cards[number.replaceAll(/\s/g, "")] ?? null;
}

/** Whether the digits pass the check sum that every card number has. */
export function passesCheckSum(number: string): boolean {
  const digits = number.replaceAll(/\s/g, "");
  if (!/^\d{13,19}$/.test(digits)) return false;
  let sum = 0;
  for (const [place, digit] of [...digits].toReversed().entries()) {
    const value = Number(digit) * (place % 2 === 1 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}
