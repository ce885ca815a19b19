import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withMember } from "../../../lib/knowledge/json-member.ts";

describe("adding a member to a JSON text", () => {
  it("gives what adding it to the value gives, whatever the value and its layout", () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(object, fc.constantFrom(undefined, 2, "\t"), (value, space) => {
        fc.pre(!("a" in value) && !Object.hasOwn(value, "__proto__"));
        const added = withMember(JSON.stringify(value, null, space), ["a", "b"], { c: [1] });
        expect(JSON.parse(added ?? "")).toEqual({
          ...JSON.parse(JSON.stringify(value)),
          a: { b: { c: [1] } },
        });
      }),
    );
  });

  it("takes nothing away from the text", () => {
    const object = fc.dictionary(fc.string({ minLength: 2 }), fc.jsonValue(), { minKeys: 1 });
    fc.assert(
      fc.property(object, (value) => {
        const text = JSON.stringify(value);
        const added = withMember(text, ["a"], 1) ?? "";
        expect(added.startsWith(text.slice(0, -1))).toBe(true);
        expect(added.endsWith("}")).toBe(true);
      }),
    );
  });

  it("refuses where the way is blocked", () => {
    expect(withMember('{"a": 1}', ["a", "b"], 2)).toBeUndefined();
    expect(withMember('{"a": {"b": 1}}', ["a", "b"], 2)).toBeUndefined();
    expect(withMember("[]", ["a"], 2)).toBeUndefined();
  });

  it("keeps Windows line ends", () => {
    expect(withMember('{\r\n  "a": 1\r\n}\r\n', ["b"], { c: 2 })).toBe(
      '{\r\n  "a": 1,\r\n  "b": {\r\n    "c": 2\r\n  }\r\n}\r\n',
    );
  });
});
