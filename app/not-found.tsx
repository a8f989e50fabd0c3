import type { ReactNode } from "react";
import type { Actor } from "#lib/access/actor.ts";
import { currentActor } from "#lib/access/session.ts";
import { requestView } from "#lib/web/request.ts";
import { notFoundPage } from "./frame.tsx";

/** Any address without a page. */
export default async function NotFoundPage(): Promise<ReactNode> {
  return notFoundPage(await actorIfKnown(), await requestView());
}

async function actorIfKnown(): Promise<Actor | null> {
  try {
    return await currentActor();
  } catch {
    // Without a database there is still nothing at this address, and that can be said.
    return null;
  }
}
