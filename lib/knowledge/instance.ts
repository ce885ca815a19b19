import type { ExchangeAnswer, ExchangeRequest } from "../domain/document-exchange.ts";
import { KnowledgeError } from "../domain/error.ts";

/** The shared instance, as one who sends documents sees it. */
export interface Instance {
  /**
   * @throws KnowledgeError with the instance's own words, `unavailable` when it cannot be reached
   * @throws NotInTime for documents that it got, but did not take in its time
   */
  ask<Step extends ExchangeRequest["step"]>(
    request: Extract<ExchangeRequest, { readonly step: Step }>,
  ): Promise<ExchangeAnswer<Step>>;
}

/** The instance has the documents, but gave no answer in its time: sent again they would take as long again. */
export class NotInTime extends KnowledgeError {
  constructor(message: string, cause?: unknown) {
    super("unavailable", message, { hint: "Send less at once.", cause });
    this.name = "NotInTime";
  }
}
