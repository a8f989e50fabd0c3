import type { Viewport } from "next";
import type { ReactNode } from "react";
import { requestLocale } from "#lib/web/request.ts";
import "./globals.css";

export const viewport: Viewport = { colorScheme: "light dark" };

/** Stands in the page, so that no browser asks for /favicon.ico. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='%230a6a62' d='M5 1h6a4 4 0 0 1 4 4v6a4 4 0 0 1-4 4H1V5a4 4 0 0 1 4-4z'/%3E%3C/svg%3E";

export default async function RootLayout({
  children,
}: {
  readonly children: ReactNode;
}): Promise<ReactNode> {
  return (
    <html lang={await requestLocale()}>
      <head>
        <link rel="icon" href={ICON} />
      </head>
      <body>{children}</body>
    </html>
  );
}
