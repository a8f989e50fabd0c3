import { describe, expect, test } from "vitest";
import { ATTENTION_CODES } from "#lib/domain/attention.ts";
import { LOCALES } from "#lib/domain/locale.ts";
import { attentionWords } from "#lib/i18n/attention.ts";

describe.each(LOCALES)("why an order needs a person, in %s", (locale) => {
  test.each(ATTENTION_CODES)("%s has words, and something to do", (code) => {
    const { what, advice } = attentionWords(code, locale);
    expect(what).not.toContain("_");
    expect(what.length).toBeGreaterThan(3);
    expect(advice.length).toBeGreaterThan(what.length);
  });

  test("no two reasons read alike", () => {
    const said = ATTENTION_CODES.map((code) => attentionWords(code, locale).what);
    expect(new Set(said).size).toBe(ATTENTION_CODES.length);
  });

  test("a reason of another version is shown as it is, with whom to ask", () => {
    const { what, advice } = attentionWords("of_another_version", locale);
    expect(what).toBe("of_another_version");
    expect(advice).not.toBe("");
  });
});
