import type { ExchangeAnswer, ExchangeRequest } from "../domain/document-exchange.ts";

/** The shared instance, as one who sends documents sees it. */
export interface Instance {
  /** @throws KnowledgeError with the instance's own words, `unavailable` when it cannot be reached */
  ask<Step extends ExchangeRequest["step"]>(
    request: Extract<ExchangeRequest, { readonly step: Step }>,
  ): Promise<ExchangeAnswer<Step>>;
}
