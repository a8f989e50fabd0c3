import { cookies } from "next/headers";
import { env } from "#lib/config/env.ts";
import { LIGHT_COOKIE } from "./data-saver.ts";

/**
 * Turns light mode on by itself while the customer's own eSIM is out of data, and off again when it is
 * not. What the customer chose is left alone. Only in server actions.
 */
export async function rememberDataSaver(outOfData: boolean): Promise<void> {
  const jar = await cookies();
  const cookie = jar.get(LIGHT_COOKIE)?.value;
  if (cookie === "on" || cookie === "off") return;
  if (!outOfData) {
    if (cookie !== undefined) jar.delete(LIGHT_COOKIE);
    return;
  }
  jar.set(LIGHT_COOKIE, "auto", {
    httpOnly: true,
    sameSite: "lax",
    secure: env().APP_URL.startsWith("https://"),
    path: "/",
    maxAge: 86_400,
  });
}
