/** @type {import("next").NextConfig} */
export default {
  poweredByHeader: false,
  reactStrictMode: true,
  // Types are `npm run check`'s business; a start builds what is there.
  typescript: { ignoreBuildErrors: true },
  experimental: {
    authInterrupts: true, // forbidden() and app/forbidden.tsx
    serverActions: { bodySizeLimit: "256kb" },
  },
};
