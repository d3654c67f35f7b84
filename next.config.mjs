/** @type {import("next").NextConfig} */
export default {
  poweredByHeader: false,
  reactStrictMode: true,
  // Types are `npm run check`'s business; a start builds what is there.
  typescript: { ignoreBuildErrors: true },
  experimental: {
    authInterrupts: true, // forbidden() gives a real 403 page
    serverActions: { bodySizeLimit: "256kb" },
  },
};
