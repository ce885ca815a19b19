import type { ReportItem } from "../domain/report.ts";
import type { TransferRecord } from "../domain/transfer-record.ts";
import { readExport } from "./read-export.ts";
import { BATCH_RECORDS } from "./read-store.ts";

/** The records of an export in batches; `onFault` hears of what of it cannot be read, or is missing. */
export async function* exportSource(
  path: string,
  onFault: (fault: ReportItem) => void,
): AsyncGenerator<readonly TransferRecord[], void> {
  const lines = readExport(path);
  let batch: TransferRecord[] = [];
  for (let step = await lines.next(); ; step = await lines.next()) {
    if (step.done === true) {
      const { cut, faults } = step.value;
      for (const fault of faults) onFault(fault);
      if (cut !== undefined) onFault({ item: "file", reason: cut.reason, line: cut.line });
      break;
    }
    const { said, line } = step.value;
    if (said.is === "record") batch.push(said.record);
    else onFault({ item: said.item, reason: said.reason, line });
    if (batch.length < BATCH_RECORDS) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}
