import type { Space } from "./embedder.ts";

/** SHA-256 of the model file that `npm run build:model` makes (pinned in scripts/minilm/pins.mjs too). */
export const MODEL_SHA256 = "9f59896725c5016af75f64ab47299c4d0b6cdd1d0b7c215d597931eef9195cf5";

/** The model's name, which is also its folder's. */
export const LOCAL_MODEL = "all-MiniLM-L6-v2";

/** The space of the model inside the package. */
export const LOCAL_SPACE: Space = {
  model: LOCAL_MODEL,
  revision: MODEL_SHA256.slice(0, 12),
  dimensions: 384,
  pooling: "mean",
  normalised: true,
};
