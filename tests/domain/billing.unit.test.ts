import { describe, expect, test } from "vitest";
import {
  billingForm,
  checkBilling,
  taxedBuyer,
  type BilledAccount,
  type TypedBilling,
} from "#lib/domain/billing.ts";

const account: BilledAccount = {
  name: "Emma Clarke",
  email: "emma@customers.example",
  phone: "+447700900123",
  countryCode: "GB",
};
const untouched = billingForm(null, account, []).values;
const address = { line1: "27 Chapel Market", city: "London", postalCode: "N1 9EZ" };
const company = {
  billingKind: "company",
  companyName: "Clarke Ltd",
  ...address,
} as const satisfies Partial<TypedBilling>;

const check = (typed: Partial<TypedBilling>) => checkBilling({ ...untouched, ...typed }, account);
const problems = (typed: Partial<TypedBilling>) => {
  const checked = check(typed);
  return checked.ok ? {} : checked.fields;
};
const profile = (typed: Partial<TypedBilling>) => {
  const checked = check(typed);
  if (!checked.ok) throw new Error(JSON.stringify(checked.fields));
  return checked.profile;
};

describe("a private person", () => {
  test("need not fill anything in", () => {
    expect(profile({})).toEqual({
      email: "emma@customers.example",
      phone: "+447700900123",
      billing: {
        kind: "private",
        name: "Emma Clarke",
        companyName: null,
        taxNumber: null,
        line1: null,
        line2: null,
        city: null,
        region: null,
        postalCode: null,
        countryCode: "GB",
      },
    });
  });

  test("who begins an address completes it", () => {
    expect(problems({ line1: "27 Chapel Market" })).toEqual({
      city: "required",
      postalCode: "required",
    });
    expect(profile(address).billing).toMatchObject(address);
  });

  test("who names another country gives the address there", () => {
    expect(problems({ countryCode: "US" })).toEqual({
      line1: "required",
      city: "required",
      region: "required",
      postalCode: "required",
    });
  });

  test("says where messages go", () => {
    expect(problems({ deliveryEmail: " " })).toEqual({ deliveryEmail: "required" });
    expect(problems({ deliveryPhone: "12345" })).toEqual({ deliveryPhone: "invalid" });
    expect(profile({ deliveryPhone: "" }).phone).toBeNull();
    expect(profile({ deliveryPhone: "07700 900 456" }).phone).toBe("+447700900456");
    expect(profile({ deliveryPhone: "+86 138 0013 8000" }).phone).toBe("+8613800138000");
  });

  test("has no company's name or number kept, whatever stands in the hidden fields", () => {
    const { billing } = profile({ companyName: "Clarke Ltd", taxNumber: "not a number" });
    expect(billing).toMatchObject({ kind: "private", companyName: null, taxNumber: null });
  });
});

describe("a company", () => {
  test("gives its name and address", () => {
    expect(problems({ billingKind: "company" })).toEqual({
      companyName: "required",
      line1: "required",
      city: "required",
      postalCode: "required",
    });
    expect(profile(company).billing).toMatchObject({ kind: "company", companyName: "Clarke Ltd" });
  });

  test("may leave out its tax number, but not give a wrong one", () => {
    expect(profile(company).billing.taxNumber).toBeNull();
    expect(problems({ ...company, taxNumber: "GB980780685" })).toEqual({ taxNumber: "invalid" });
    expect(profile({ ...company, taxNumber: "980 7806 84" }).billing.taxNumber).toBe("GB980780684");
  });

  test("in China gives its credit code, province and city, and no postal code", () => {
    const chinese = {
      ...company,
      countryCode: "CN",
      region: "北京",
      city: "海淀区",
      line1: "中关村大街 1 号",
      postalCode: "",
    };
    expect(problems(chinese)).toEqual({ taxNumber: "required" });
    expect(problems({ ...chinese, region: "", taxNumber: "91110000600037341L" })).toEqual({
      region: "required",
    });
    expect(profile({ ...chinese, taxNumber: "91110000600037341L" }).billing.city).toBe("海淀区");
  });
});

describe("a postal code", () => {
  test.each([
    ["GB", "n1 9ez", "N1 9EZ"],
    ["JP", "1000001", "100-0001"],
    ["JP", "１００－０００１", "100-0001"],
    ["DE", "10115", "10115"],
    ["US", "94103-1234", "94103-1234"],
    ["CA", "k1a 0b1", "K1A 0B1"],
    ["CN", "100080", "100080"],
    // Has none: what is written there anyway is kept.
    ["HK", "999077", "999077"],
  ])("of %s is taken as typed: %s", (countryCode, postalCode, kept) => {
    const checked = profile({ ...address, countryCode, region: "x", postalCode });
    expect(checked.billing.postalCode).toBe(kept);
  });

  test.each([
    ["GB", "10115"],
    ["DE", "1011"],
    ["US", "ABCDE"],
    ["CN", "1000"],
  ])("of %s is not %s", (countryCode, postalCode) => {
    expect(problems({ ...address, countryCode, region: "x", postalCode })).toEqual({
      postalCode: "invalid",
    });
  });

  test("is asked for only where letters need one", () => {
    const typed = { ...address, postalCode: "", region: "x" };
    const needed = ["DE", "JP", "US", "CN", "IE", "HK", "AE"].filter(
      (countryCode) => "postalCode" in problems({ ...typed, countryCode }),
    );
    expect(needed).toEqual(["DE", "JP", "US"]);
  });
});

test("a country that is none is refused", () => {
  expect(problems({ countryCode: "ZZ" })).toMatchObject({ countryCode: "invalid" });
  expect(problems({ countryCode: "gb" })).toMatchObject({ countryCode: "invalid" });
});

test("problems come in the order of the form", () => {
  const all = problems({ billingKind: "company", taxNumber: "x", deliveryEmail: "" });
  expect(Object.keys(all)).toEqual([
    "companyName",
    "taxNumber",
    "line1",
    "city",
    "postalCode",
    "deliveryEmail",
  ]);
});

test("the form shows what is kept, and what is kept can be sent again", () => {
  const kept = profile({ ...company, taxNumber: "GB980780684", deliveryPhone: "" });
  const again = checkBilling(billingForm(kept, account, []).values, account);
  expect(again).toEqual({ ok: true, profile: kept });
});

describe("what decides the tax", () => {
  const buyer = (typed: Partial<TypedBilling>) => taxedBuyer({ ...untouched, ...typed }, account);

  test("is the country of the bill, else of the account", () => {
    expect(buyer({}).countryCode).toBe("GB");
    expect(buyer({ countryCode: "DE" }).countryCode).toBe("DE");
    expect(buyer({ countryCode: "??" }).countryCode).toBe("GB");
  });

  test("is a company's number only when it is one of that country", () => {
    const german = { billingKind: "company", countryCode: "DE" } as const;
    expect(buyer({ ...german, taxNumber: "DE136695976" }).hasTaxNumber).toBe(true);
    expect(buyer({ ...german, taxNumber: "DE136695977" }).hasTaxNumber).toBe(false);
    expect(buyer({ ...german, countryCode: "FR", taxNumber: "DE136695976" }).hasTaxNumber).toBe(
      false,
    );
    expect(buyer({ countryCode: "DE", taxNumber: "DE136695976" }).hasTaxNumber).toBe(false);
  });
});
