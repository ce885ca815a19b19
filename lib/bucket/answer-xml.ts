// The service answers in XML of a few known elements without attributes that matter: they are taken out by name.

/** The text of the first element of a name; `undefined` without one. */
export function textOf(xml: string, element: string): string | undefined {
  const [, text] = new RegExp(`<${element}(?:\\s[^>]*)?>([^<]*)</${element}>`).exec(xml) ?? [];
  return text === undefined ? undefined : unescaped(text);
}

/** What stands inside every element of a name. */
export function elementsOf(xml: string, element: string): readonly string[] {
  return [...xml.matchAll(new RegExp(`<${element}(?:\\s[^>]*)?>(.*?)</${element}>`, "gs"))].map(
    ([, inside = ""]) => inside,
  );
}

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{2,4}));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return NAMED[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
