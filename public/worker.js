/* oxlint-disable typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return, typescript/no-unsafe-argument -- The globals of a worker clash with those of a page, so the type checker does not know them. */
/*
 * The portal's service worker: when a page cannot be reached at all, it says so in the portal's own words.
 * It keeps that one page and nothing else, personal or not. Forms that are sent pass it by.
 */
const PAGE = "/offline.html";
const KEPT = "offline-1";

addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.add(PAGE)));
});

addEventListener("activate", (event) => {
  // The request goes out while this worker is still starting.
  event.waitUntil(registration.navigationPreload?.enable());
});

addEventListener("fetch", (event) => {
  if (event.request.mode !== "navigate" || event.request.method !== "GET") return;
  event.respondWith(answer(event));
});

async function answer(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return (await caches.match(PAGE)) ?? Response.error();
  }
}
