import { bytesField, ELEMENT, floatField, integerField } from "./protobuf.mjs";

const ATTRIBUTE_FLOAT = 1;
const ATTRIBUTE_INTEGER = 2;
const ATTRIBUTE_INTEGERS = 7;
const IR_VERSION = 8;
const OPERATOR_SET = 17;

/** Collects the nodes and constant tensors of one ONNX graph and writes them as a model file. */
export class GraphWriter {
  #nodes = [];
  #tensors = [];
  #values = 0;

  /** Adds one operator with one output and returns that output's name. */
  node(operator, inputs, { attributes = {}, output } = {}) {
    return this.#nodeOf(operator, inputs, [output ?? this.#nextValue()], attributes)[0];
  }

  /** Adds one operator with `count` outputs and returns their names. */
  nodes(operator, inputs, count, attributes = {}) {
    return this.#nodeOf(
      operator,
      inputs,
      Array.from({ length: count }, () => this.#nextValue()),
      attributes,
    );
  }

  #nodeOf(operator, inputs, outputs, attributes) {
    this.#nodes.push(
      Buffer.concat([
        ...inputs.map((name) => bytesField(1, name)),
        ...outputs.map((name) => bytesField(2, name)),
        bytesField(3, `${operator}_${this.#nodes.length}`),
        bytesField(4, operator),
        ...Object.entries(attributes).map(([name, value]) => bytesField(5, attribute(name, value))),
      ]),
    );
    return outputs;
  }

  floats(name, shape, values) {
    return this.#tensor(name, shape, ELEMENT.float, Float32Array.from(values));
  }

  bytes(name, shape, values) {
    return this.#tensor(name, shape, ELEMENT.int8, values);
  }

  integers(name, values) {
    return this.#tensor(name, [values.length], ELEMENT.int64, BigInt64Array.from(values, BigInt));
  }

  /** The whole model file; inputs and outputs are `{ name, element, shape }`, a text in a shape being a free dimension. */
  model(graphName, inputs, outputs) {
    const graph = Buffer.concat([
      ...this.#nodes.map((node) => bytesField(1, node)),
      bytesField(2, graphName),
      ...this.#tensors.map((tensor) => bytesField(5, tensor)),
      ...inputs.map((input) => bytesField(11, valueInfo(input))),
      ...outputs.map((output) => bytesField(12, valueInfo(output))),
    ]);
    const operatorSet = Buffer.concat([bytesField(1, ""), integerField(2, OPERATOR_SET)]);
    return Buffer.concat([
      integerField(1, IR_VERSION),
      bytesField(2, "aiknowsys"),
      bytesField(7, graph),
      bytesField(8, operatorSet),
    ]);
  }

  #nextValue() {
    this.#values++;
    return `v${this.#values}`;
  }

  #tensor(name, shape, element, values) {
    const raw = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    this.#tensors.push(
      Buffer.concat([
        ...shape.map((size) => integerField(1, size)),
        integerField(2, element),
        bytesField(8, name),
        bytesField(9, raw),
      ]),
    );
    return name;
  }
}

/** A node's attribute: an integer, a list of integers, or `{ float }`. */
function attribute(name, value) {
  if (Array.isArray(value)) {
    const items = value.map((item) => integerField(8, item));
    return Buffer.concat([bytesField(1, name), ...items, integerField(20, ATTRIBUTE_INTEGERS)]);
  }
  if (typeof value === "number") {
    return Buffer.concat([bytesField(1, name), integerField(3, value), integerField(20, ATTRIBUTE_INTEGER)]);
  }
  return Buffer.concat([bytesField(1, name), floatField(2, value.float), integerField(20, ATTRIBUTE_FLOAT)]);
}

function valueInfo({ name, element, shape }) {
  const sizes = shape.map((size) =>
    bytesField(1, typeof size === "string" ? bytesField(2, size) : integerField(1, size)),
  );
  const tensorType = Buffer.concat([integerField(1, element), bytesField(2, Buffer.concat(sizes))]);
  return Buffer.concat([bytesField(1, name), bytesField(2, bytesField(1, tensorType))]);
}
