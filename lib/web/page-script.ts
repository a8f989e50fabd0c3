import { createHash } from "node:crypto";

/**
 * The portal's own script, whole. No page needs it; where it runs
 *
 * - forms travel as plain documents even when the framework is there to take them over: one path to
 *   test, and the next page's own policy and title hold at once;
 * - copy buttons appear (a script puts them there, so that nobody sees a dead one);
 * - the page of an order that is under way keeps itself current, ever more slowly, and stops when the
 *   order is settled. What changed is put beside what the framework rendered, which stays untouched;
 * - `/` goes to the search box, where a page has one;
 * - outside light mode the worker is fetched that has words for a lost connection (public/worker.js).
 *
 * It stands in the page and is allowed by its hash, so it runs in light mode too.
 */
export const PAGE_SCRIPT = `(()=>{
const d=document,all=s=>d.querySelectorAll(s),sleep=t=>new Promise(r=>setTimeout(r,t));
addEventListener("submit",e=>e.stopPropagation(),true);
if(d.scripts.length>1&&navigator.serviceWorker)addEventListener("load",()=>navigator.serviceWorker.register("/worker.js"));
addEventListener("keydown",e=>{const q=d.querySelector("[data-slash]");if(e.key==="/"&&q&&!/^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName)){e.preventDefault();q.focus()}});
if(navigator.clipboard)for(const s of all("[data-copy]")){const b=d.createElement("button"),o=d.createElement("span");b.type="button";b.className="btn quiet small";b.textContent=s.dataset.label;b.setAttribute("aria-label",s.dataset.name);o.role="status";o.className="small";s.append(b,o);b.onclick=async()=>{await navigator.clipboard.writeText(s.dataset.copy);o.textContent=s.dataset.done;await sleep(3e3);o.textContent=""}}
const first=d.querySelector("[data-version]"),fresh=d.querySelector("[data-fresh]"),said=d.querySelector("[data-said]");
(async()=>{let old=first,idle=0;while(fresh&&old.dataset.settled==="false"&&idle<40){
if(d.hidden)await new Promise(r=>d.addEventListener("visibilitychange",r,{once:true}));
let page;try{const r=await fetch(location.pathname+"?wait="+encodeURIComponent(old.dataset.version));if(!r.ok||r.redirected)return;page=new DOMParser().parseFromString(await r.text(),"text/html")}catch{idle++;await sleep(5e3);continue}
const now=page.querySelector("[data-version]");if(!now)return;
if(now.dataset.version===old.dataset.version)await sleep(Math.min(6e4,idle++*2e3));else{idle=0;first.hidden=true;fresh.replaceChildren(now);d.title=page.title;said.textContent=now.querySelector("h1").textContent}
old=now}})()
})()`;

/** As a Content-Security-Policy names it. */
export const PAGE_SCRIPT_HASH = `sha256-${createHash("sha256").update(PAGE_SCRIPT).digest("base64")}`;
