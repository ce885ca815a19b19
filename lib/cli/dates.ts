/** The zone in which this caller reads and writes dates (RULES 33): `--timezone`, else the system's. */
export function callerZone(timezone: string | undefined): string {
  return timezone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/**
 * The zone for reading dates that were given: undefined when none was, because asking the system costs
 * more milliseconds than a whole query.
 */
export function zoneForDates(timezone: string | undefined, dates: readonly unknown[]): string | undefined {
  return dates.some((date) => date !== undefined) ? callerZone(timezone) : timezone;
}

/** A moment as people read it, `2026-02-14 09:30`, in a zone. */
export function renderMoment(timestamp: string, zone: string): string {
  const ms = Date.parse(timestamp);
  return Number.isNaN(ms) ? timestamp : formatter(zone).format(ms).replace(",", "");
}

/** The day of a moment in a zone, `2026-02-14`. */
export function renderDay(timestamp: string, zone: string): string {
  return renderMoment(timestamp, zone).slice(0, 10);
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known !== undefined) return known;
  // The Swedish form is the ISO one.
  const made = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
  formatters.set(zone, made);
  return made;
}
