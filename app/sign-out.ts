"use server";

import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { endSession } from "#lib/access/session.ts";
import { env } from "#lib/config/env.ts";
import { isOwnOrigin } from "#lib/web/address.ts";

/** Ends this browser's session and goes to the start page. Does nothing for a foreign origin. */
export async function signOut(): Promise<void> {
  const sent = await headers();
  if (isOwnOrigin(sent.get("origin"), sent.get("host"), env().APP_URL)) await endSession();
  redirect("/");
}
