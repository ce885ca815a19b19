// `npm run build`, also before packing: everything the product needs, from a clean clone or from the last build.
import { setUp } from "./setup/build-product.mjs";
import { entry } from "./setup/run.mjs";

await entry(setUp);
