/** @type {import("next").NextConfig} */
export default {
  // A start serves from the pages it was built with, while another may build new ones (launch/build.mjs).
  distDir: process.env.CLAVITOR_PAGES ?? ".next",
  poweredByHeader: false,
  reactStrictMode: true,
  // Types are `npm run check`'s business; a start builds what is there.
  typescript: { ignoreBuildErrors: true },
  // A page has its title with its first bytes: one that comes later is, for a moment, a page without a name to a screen reader.
  htmlLimitedBots: /.*/,
  experimental: {
    authInterrupts: true, // forbidden() and app/forbidden.tsx
    serverActions: { bodySizeLimit: "256kb" },
  },
};
