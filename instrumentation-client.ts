import "#components/shell/trusted-scripts.ts";
