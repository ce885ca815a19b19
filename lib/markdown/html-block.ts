/** How an HTML block that has begun will end. */
export interface HtmlBlock {
  /** A line that matches ends the block; `undefined` means that a blank line does. */
  readonly end: RegExp | undefined;
  /** Text that would close the block where the document leaves it open. */
  readonly closer: string | undefined;
}

const BLOCK_TAG =
  /^<\/?(?:address|article|aside|base|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul)(?=[\s/>]|$)/i;
const VERBATIM_TAG = /^<(script|pre|style|textarea)(?=[\s>]|$)/i;
const LONE_TAG = /^<(?:\/[a-z][a-z0-9-]*\s*|[a-z][a-z0-9-]*(?:\s[^<>]*)?)>\s*$/i;

/**
 * The HTML block that a line begins (CommonMark 0.31, section 4.6), or `undefined`.
 * @param head the line without its indentation
 * @param inParagraph a lone unknown tag cannot interrupt a paragraph
 */
export function htmlBlockAt(head: string, inParagraph: boolean): HtmlBlock | undefined {
  if (!head.startsWith("<")) return undefined;
  const verbatim = VERBATIM_TAG.exec(head)?.[1];
  if (verbatim !== undefined) return { end: /<\/(?:script|pre|style|textarea)>/i, closer: `</${verbatim}>` };
  if (head.startsWith("<!--")) return { end: /-->/, closer: "-->" };
  if (head.startsWith("<?")) return { end: /\?>/, closer: "?>" };
  if (head.startsWith("<![CDATA[")) return { end: /\]\]>/, closer: "]]>" };
  if (/^<![a-z]/i.test(head)) return { end: />/, closer: ">" };
  if (BLOCK_TAG.test(head)) return { end: undefined, closer: undefined };
  if (!inParagraph && LONE_TAG.test(head)) return { end: undefined, closer: undefined };
  return undefined;
}
