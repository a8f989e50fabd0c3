import type { Locale } from "#lib/domain/locale.ts";

/** What a mail says, before it is a text or a page. */
export interface MailContent {
  readonly heading: string;
  readonly greeting: string;
  readonly paragraphs: readonly string[];
  /** Label and value. */
  readonly facts: readonly (readonly [string, string])[];
  readonly list: { readonly title: string; readonly items: readonly string[] } | null;
  readonly action: { readonly label: string; readonly url: string };
  readonly footer: readonly string[];
}

/** What a template contributes; the frame around it is the same for all. */
export interface NoticeBody {
  readonly subject: string;
  readonly content: Omit<MailContent, "greeting" | "action" | "footer">;
}

/**
 * The plain text of a mail: complete, for many read nothing else.
 *
 * @param labelled a label and its value on one line, in the language's punctuation
 */
export function toText(
  content: MailContent,
  labelled: (label: string, value: string) => string,
): string {
  const { heading, greeting, paragraphs, facts, list, action, footer } = content;
  const blocks = [
    heading,
    greeting,
    ...paragraphs,
    facts.map(([label, value]) => labelled(label, value)).join("\n"),
    ...(list === null ? [] : [[list.title, ...list.items.map((item) => `- ${item}`)].join("\n")]),
    labelled(action.label, action.url),
    `-- \n${footer.join("\n")}`,
  ];
  return `${blocks.join("\n\n")}\n`;
}

/**
 * The page of a mail: one column, no picture, nothing loaded from anywhere. No colour is set but the
 * button's, whose contrast holds on white and on black, so that a reader's dark mode stays readable.
 */
export function toHtml(content: MailContent, locale: Locale): string {
  const { heading, greeting, paragraphs, facts, list, action, footer } = content;
  const paragraph = (text: string): string => `<p style="margin:0 0 16px">${escapeHtml(text)}</p>`;
  const row = ([label, value]: readonly [string, string]): string =>
    `<tr><th scope="row" style="text-align:start;font-weight:normal;padding:4px 16px 4px 0;vertical-align:top;opacity:.75">${escapeHtml(label)}</th>` +
    `<td style="padding:4px 0;vertical-align:top">${escapeHtml(value)}</td></tr>`;
  const steps =
    list === null
      ? ""
      : `<h2 style="font-size:16px;margin:24px 0 8px">${escapeHtml(list.title)}</h2>` +
        `<ul style="margin:0 0 16px;padding-inline-start:20px">${list.items.map((item) => `<li style="margin:0 0 6px">${escapeHtml(item)}</li>`).join("")}</ul>`;
  return `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(heading)}</title>
<style>:root{color-scheme:light dark}</style>
</head>
<body style="margin:0;padding:24px 16px;font-family:system-ui,-apple-system,'Segoe UI',Roboto,'PingFang SC','Microsoft YaHei',sans-serif;font-size:16px;line-height:1.5">
<div style="max-width:560px;margin:0 auto">
<h1 style="font-size:22px;line-height:1.3;margin:0 0 16px">${escapeHtml(heading)}</h1>
${[greeting, ...paragraphs].map(paragraph).join("\n")}
<table style="border-collapse:collapse;margin:0 0 24px">
${facts.map(row).join("\n")}
</table>
${steps}
<p style="margin:24px 0"><a href="${escapeHtml(action.url)}" style="display:inline-block;padding:12px 20px;border-radius:8px;background:#1a5fd0;color:#ffffff;text-decoration:none;font-weight:600">${escapeHtml(action.label)}</a></p>
<hr style="border:0;border-top:1px solid #8888;margin:24px 0 16px">
${footer.map((line) => `<p style="margin:0 0 8px;font-size:14px;opacity:.75">${escapeHtml(line)}</p>`).join("\n")}
</div>
</body>
</html>
`;
}

/** Text made harmless in HTML, within double-quoted attributes too. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** A word of somebody else's on one line: no control characters, and nothing that turns the reading direction around. */
export function harmless(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .replaceAll(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "")
    .trim();
}
