import { escapeHtml as h } from "../http.ts";
import type { Answer } from "../http.ts";
import type { Message, Messages } from "./messages.ts";

const style = `:root{color-scheme:light dark;--ink:#15202b;--soft:#5b6875;--line:#d5dce3;--page:#f4f6f8;--card:#fff;--accent:#0b5cad}
@media(prefers-color-scheme:dark){:root{--ink:#e8edf2;--soft:#a3b0bd;--line:#33404d;--page:#0f151b;--card:#18212b;--accent:#7db7f5}}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:1rem/1.5 system-ui,"PingFang SC","Noto Sans CJK SC",sans-serif}
main{max-width:52rem;margin:2rem auto;padding:0 1rem}h1{font-size:1.4rem}a{color:var(--accent)}
ul{list-style:none;margin:0;padding:0;background:var(--card);border:1px solid var(--line);border-radius:.75rem}li{border-top:1px solid var(--line);padding:.75rem 1rem}li:first-child{border-top:0}
.soft{color:var(--soft);font-size:.9rem}dl{display:grid;grid-template-columns:auto 1fr;gap:.1rem 1rem;margin:0 0 1rem}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
iframe{width:100%;height:70vh;border:1px solid var(--line);border-radius:.75rem;background:#fff}pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1rem}`;

function page(title: string, content: string): Answer {
  const body = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${h(title)}</title><link rel="icon" href="data:,"><style>${style}</style></head><body><main>${content}</main></body></html>`;
  return {
    status: 200,
    body,
    headers: {
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'",
    },
  };
}

/** All mails, newest first. */
export function listPage(messages: Messages): Answer {
  const all = messages.list().toReversed();
  const rows = all.map(
    (message) =>
      `<li><a href="/messages/${message.id}">${h(message.subject || "(no subject)")}</a><br><span class="soft">${h(message.to)} · <time datetime="${message.receivedAt}">${h(message.receivedAt.replace("T", " ").slice(0, 19))} UTC</time></span></li>`,
  );
  const list = all.length > 0 ? `<ul>${rows.join("")}</ul>` : "<p>No mail yet.</p>";
  return page(
    "Mailbox",
    `<h1>Mailbox</h1><p class="soft">Mail that the demo sent. Nothing left this computer.</p>${list}`,
  );
}

/** One mail: its HTML in a frame without rights, its text below, its links as links. */
export function messagePage(message: Message): Answer {
  const links = linksOf(message).map(
    (link) => `<li><a href="${h(link)}" rel="noreferrer">${h(link)}</a></li>`,
  );
  const html = message.html
    ? `<h2>HTML</h2><iframe sandbox="allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation" src="/messages/${message.id}/html" title="HTML of the message"></iframe>`
    : "";
  return page(
    message.subject || "(no subject)",
    `<p><a href="/">Mailbox</a></p><h1>${h(message.subject || "(no subject)")}</h1><dl><dt>To</dt><dd>${h(message.to)}</dd><dt>From</dt><dd>${h(message.from)}</dd><dt>Received</dt><dd>${h(message.receivedAt)}</dd></dl>${links.length > 0 ? `<h2>Links</h2><ul>${links.join("")}</ul>` : ""}${html}<h2>Text</h2><pre>${h(message.text)}</pre>`,
  );
}

/** The mail's own HTML, for the frame. */
export function messageHtml(message: Message): Answer {
  return {
    status: 200,
    body: message.html ?? "",
    headers: {
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; img-src data: https:; sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation",
    },
  };
}

/** Web addresses in the mail, each once, in order. */
function linksOf(message: Message): string[] {
  const inHtml = [...(message.html ?? "").matchAll(/href="(https?:\/\/[^"]+)"/g)].map((found) =>
    (found[1] ?? "").replaceAll("&amp;", "&"),
  );
  const inText = message.text.match(/https?:\/\/[^\s<>"')\]]+/g) ?? [];
  return [...new Set([...inHtml, ...inText])];
}
