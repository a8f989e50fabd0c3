import { escapeHtml as h } from "./http.ts";

const style = `:root{color-scheme:light dark;--ink:#15202b;--soft:#5b6875;--line:#d5dce3;--page:#f4f6f8;--card:#fff;--accent:#0b5cad;--on:#fff;--bad:#b3261e;--note:#fff4d6;--noteink:#5c4400}
@media(prefers-color-scheme:dark){:root{--ink:#e8edf2;--soft:#a3b0bd;--line:#33404d;--page:#0f151b;--card:#18212b;--accent:#7db7f5;--on:#06121f;--bad:#ff9d94;--note:#3a3010;--noteink:#f3dfa6}}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:1rem/1.5 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
.note{background:var(--note);color:var(--noteink);padding:.5rem 1rem;text-align:center;font-size:.9rem}
main{max-width:28rem;margin:2rem auto;padding:0 1rem}section{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1.5rem}
h1{font-size:1.25rem;margin:0 0 1rem}.total{display:flex;justify-content:space-between;align-items:baseline;border-top:1px solid var(--line);margin-top:.5rem;padding-top:.75rem;font-weight:600}
.total b{font-size:1.75rem;font-variant-numeric:tabular-nums}.item{display:flex;justify-content:space-between;gap:1rem;color:var(--soft)}
fieldset{border:0;margin:1.25rem 0 0;padding:0}legend{font-weight:600;padding:0;margin-bottom:.5rem}
.method{display:flex;gap:.6rem;align-items:center;padding:.6rem .75rem;border:1px solid var(--line);border-radius:.5rem;margin-bottom:.4rem}
.field{margin-top:1.25rem}label{font-weight:600}input[type=text],input[type=email]{display:block;width:100%;margin-top:.25rem;padding:.65rem .75rem;font:inherit;color:inherit;background:transparent;border:1px solid var(--soft);border-radius:.5rem;font-variant-numeric:tabular-nums}
.hint{color:var(--soft);font-size:.9rem;margin:.25rem 0 0}.bad{color:var(--bad);font-weight:600;margin:.25rem 0 0}
.summary{border:2px solid var(--bad);border-radius:.5rem;padding:.75rem 1rem;margin-bottom:1rem}.summary h2{font-size:1rem;margin:0}.summary a{color:var(--bad)}
button,.button{display:block;width:100%;margin-top:1.25rem;padding:.8rem;font:inherit;font-weight:600;text-align:center;text-decoration:none;color:var(--on);background:var(--accent);border:1px solid var(--accent);border-radius:.5rem;cursor:pointer}
.second{color:var(--accent);background:transparent}.back{display:inline-block;margin-bottom:1rem;color:var(--accent);padding:.25rem 0}
details{margin-top:1rem;color:var(--soft);font-size:.9rem}td{padding:.1rem 1rem .1rem 0}:focus-visible{outline:3px solid var(--accent);outline-offset:2px}`;

/** A whole page of a provider around `content`: no script, light and dark, readable on a phone. */
export function document(
  texts: { lang: string; banner: string },
  title: string,
  content: string,
): string {
  return `<!doctype html><html lang="${texts.lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex"><title>${h(title)}</title><link rel="icon" href="data:,"><style>${style}</style></head><body><p class="note" role="note" style="margin:0">${h(texts.banner)}</p><main>${content}</main></body></html>`;
}
