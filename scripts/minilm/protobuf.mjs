// The little of Protocol Buffers' wire format that writing an ONNX file needs
// (https://protobuf.dev/programming-guides/encoding/; field numbers from onnx/onnx.proto3).

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/** ONNX element types (TensorProto.DataType). */
export const ELEMENT = { float: 1, int8: 3, int64: 7 };

/** An integer field; negative numbers take ten bytes, as the format wants. */
export function integerField(field, value) {
  return Buffer.concat([tag(field, VARINT), varint(value)]);
}

/** A field holding text, bytes or an embedded message. */
export function bytesField(field, value) {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(value);
  return Buffer.concat([tag(field, LENGTH_DELIMITED), varint(bytes.length), bytes]);
}

/** A 32-bit float field. */
export function floatField(field, value) {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([tag(field, FIXED32), bytes]);
}

function tag(field, wireType) {
  return varint((field << 3) | wireType);
}

function varint(value) {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes = [];
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 128 : low);
  } while (rest > 0n);
  return Buffer.from(bytes);
}
