import type { NextConfig } from "next";

const config: NextConfig = {
  poweredByHeader: false,
  productionBrowserSourceMaps: false,
  reactStrictMode: true,
  // The gate checks the types of everything, tests included; a build does not do it a second time.
  typescript: { ignoreBuildErrors: true },
  // Every image is sized by hand; the optimiser is an attack surface that nothing here needs.
  images: { unoptimized: true },
  serverExternalPackages: [
    "@node-rs/argon2",
    "@prisma/client",
    "@prisma/adapter-pg",
    "pg",
    "pdfkit",
    "pg-boss",
    "pino",
    "stdnum",
  ],
  turbopack: { root: import.meta.dirname },
  experimental: {
    // The styles are small and stand in the page: one round trip fewer before the first paint.
    inlineCss: true,
    serverActions: { bodySizeLimit: "64kb" },
  },
  headers: async () => [
    {
      // What the proxy does not see: files and endpoints.
      source: "/:path*",
      headers: [
        { key: "X-Content-Type-Options", value: "nosniff" },
        { key: "X-Frame-Options", value: "DENY" },
      ],
    },
  ],
};

export default config;
