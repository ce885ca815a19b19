import { GraphWriter } from "./graph-writer.mjs";
import { ELEMENT } from "./protobuf.mjs";
import { quantiseColumns, quantiseRows, transpose } from "./quantise.mjs";

/**
 * A BERT encoder as an ONNX model: int8 weights, activations quantised while it runs, all else float32.
 * Inputs input_ids, attention_mask, token_type_ids [batch, tokens]; output last_hidden_state [batch, tokens, hidden].
 * Architecture: Devlin et al. 2019, with the layer names of the weights' file.
 */
export function bertModel(weights, config) {
  const graph = new GraphWriter();
  addConstants(graph, config);
  const bias = attentionBias(graph);
  let hidden = embeddings(graph, weights, config);
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const isLast = layer === config.num_hidden_layers - 1;
    const output = isLast ? "last_hidden_state" : undefined;
    hidden = encoderLayer(
      { graph, weights, config, prefix: `encoder.layer.${layer}.` },
      hidden,
      bias,
      output,
    );
  }
  const tokens = (name) => ({ name, element: ELEMENT.int64, shape: ["batch", "tokens"] });
  return graph.model(config.model_type, ["input_ids", "attention_mask", "token_type_ids"].map(tokens), [
    { name: "last_hidden_state", element: ELEMENT.float, shape: ["batch", "tokens", config.hidden_size] },
  ]);
}

function addConstants(graph, config) {
  const heads = config.num_attention_heads;
  const headSize = config.hidden_size / heads;
  graph.integers("axis_0", [0]);
  graph.integers("axis_1", [1]);
  graph.integers("axes_1_2", [1, 2]);
  graph.integers("one_each", [1, 1, 1]);
  graph.integers("shape_heads", [0, 0, 3, heads, headSize]);
  graph.integers("shape_merged", [0, 0, config.hidden_size]);
  graph.floats("one", [1], [1]);
  graph.floats("half", [1], [0.5]);
  graph.floats("root_of_two", [1], [Math.SQRT2]);
  graph.floats("attention_scale", [1], [1 / Math.sqrt(headSize)]);
  graph.floats("masked", [1], [-10_000]);
}

/** 0 where the mask is 1, a large negative number where it is 0, shaped [batch, 1, 1, tokens]. */
function attentionBias(graph) {
  const mask = graph.node("Cast", ["attention_mask"], { attributes: { to: ELEMENT.float } });
  const wide = graph.node("Unsqueeze", [mask, "axes_1_2"]);
  return graph.node("Mul", [graph.node("Sub", ["one", wide]), "masked"]);
}

function embeddings(graph, weights, config) {
  const { hidden_size: width, vocab_size: words } = config;
  const { values, scales } = quantiseRows(data(weights, "embeddings.word_embeddings.weight"), words, width);
  const rows = gather(graph, graph.bytes("words.values", [words, width], values), "input_ids");
  const scale = gather(graph, graph.floats("words.scales", [words, 1], scales), "input_ids");
  const cast = graph.node("Cast", [rows], { attributes: { to: ELEMENT.float } });
  const word = graph.node("Mul", [cast, scale]);

  const types = data(weights, "embeddings.token_type_embeddings.weight");
  const type = gather(graph, graph.floats("types", [config.type_vocab_size, width], types), "token_type_ids");
  const sum = graph.node("Add", [graph.node("Add", [word, type]), positions(graph, weights, config)]);
  return layerNorm({ graph, weights, config }, sum, "embeddings.LayerNorm");
}

/** The first rows of the position table, as many as there are tokens. */
function positions(graph, weights, config) {
  const table = data(weights, "embeddings.position_embeddings.weight");
  const all = graph.floats("positions", [config.max_position_embeddings, config.hidden_size], table);
  const count = gather(graph, graph.node("Shape", ["input_ids"]), "axis_1");
  return graph.node("Slice", [all, "axis_0", count, "axis_0"]);
}

function encoderLayer(part, hidden, bias, output) {
  const { graph, config, prefix } = part;
  const { hidden_size: width, intermediate_size: wide } = config;
  const attended = dense(part, selfAttention(part, hidden, bias), "attention.output.dense", width, width);
  const middle = layerNorm(
    part,
    graph.node("Add", [attended, hidden]),
    `${prefix}attention.output.LayerNorm`,
  );
  const grown = gelu(graph, dense(part, middle, "intermediate.dense", width, wide));
  const shrunk = dense(part, grown, "output.dense", wide, width);
  return layerNorm(part, graph.node("Add", [shrunk, middle]), `${prefix}output.LayerNorm`, output);
}

/** Queries, keys and values come from one matrix product, so that the input is quantised once. */
function selfAttention(part, hidden, bias) {
  const { graph, weights, config, prefix } = part;
  const width = config.hidden_size;
  const names = ["query", "key", "value"].map((name) => `${prefix}attention.self.${name}`);
  const joined = concatColumns(
    names.map((name) => transpose(data(weights, `${name}.weight`), width, width)),
    width,
  );
  const biases = names.flatMap((name) => [...data(weights, `${name}.bias`)]);
  const all = linear(graph, hidden, {
    name: `${prefix}qkv`,
    matrix: joined,
    inputs: width,
    outputs: 3 * width,
    biases,
  });

  const byHead = graph.node("Transpose", [graph.node("Reshape", [all, "shape_heads"])], {
    attributes: { perm: [2, 0, 3, 1, 4] },
  });
  const [query, key, value] = graph
    .nodes("Split", [byHead, "one_each"], 3, { axis: 0 })
    .map((third) => graph.node("Squeeze", [third, "axis_0"]));
  const turned = graph.node("Transpose", [key], { attributes: { perm: [0, 1, 3, 2] } });
  const scores = graph.node("Mul", [graph.node("MatMul", [query, turned]), "attention_scale"]);
  const shares = graph.node("Softmax", [graph.node("Add", [scores, bias])], { attributes: { axis: -1 } });
  const context = graph.node("Transpose", [graph.node("MatMul", [shares, value])], {
    attributes: { perm: [0, 2, 1, 3] },
  });
  return graph.node("Reshape", [context, "shape_merged"]);
}

/** x · ½ · (1 + erf(x / √2)). */
function gelu(graph, x) {
  const erf = graph.node("Erf", [graph.node("Div", [x, "root_of_two"])]);
  return graph.node("Mul", [graph.node("Mul", [x, graph.node("Add", [erf, "one"])]), "half"]);
}

function dense({ graph, weights, prefix }, x, layer, inputs, outputs) {
  const name = `${prefix}${layer}`;
  const matrix = transpose(data(weights, `${name}.weight`), outputs, inputs);
  return linear(graph, x, { name, matrix, inputs, outputs, biases: data(weights, `${name}.bias`) });
}

function linear(graph, x, { name, matrix, inputs, outputs, biases }) {
  const { values, scales } = quantiseColumns(matrix, inputs, outputs);
  graph.bytes(`${name}.values`, [inputs, outputs], values);
  graph.floats(`${name}.scales`, [outputs], scales);
  graph.bytes(`${name}.zeros`, [outputs], new Int8Array(outputs));
  graph.floats(`${name}.biases`, [outputs], biases);
  const [quantised, scale, zero] = graph.nodes("DynamicQuantizeLinear", [x], 3);
  const product = graph.node("MatMulInteger", [quantised, `${name}.values`, zero, `${name}.zeros`]);
  const cast = graph.node("Cast", [product], { attributes: { to: ELEMENT.float } });
  const scaled = graph.node("Mul", [cast, graph.node("Mul", [scale, `${name}.scales`])]);
  return graph.node("Add", [scaled, `${name}.biases`]);
}

function layerNorm({ graph, weights, config }, x, name, output) {
  const gain = graph.floats(`${name}.gain`, [config.hidden_size], data(weights, `${name}.weight`));
  const shift = graph.floats(`${name}.shift`, [config.hidden_size], data(weights, `${name}.bias`));
  const attributes = { axis: -1, epsilon: { float: config.layer_norm_eps } };
  return graph.node("LayerNormalization", [x, gain, shift], { attributes, output });
}

function gather(graph, table, indices) {
  return graph.node("Gather", [table, indices], { attributes: { axis: 0 } });
}

/** Square matrices of the same width, side by side. */
function concatColumns(matrices, width) {
  const total = width * matrices.length;
  const joined = new Float32Array(width * total);
  matrices.forEach((matrix, index) => {
    for (let row = 0; row < width; row++) {
      joined.set(matrix.subarray(row * width, (row + 1) * width), row * total + index * width);
    }
  });
  return joined;
}

function data(weights, name) {
  const tensor = weights.get(name);
  if (tensor === undefined) throw new Error(`The weights hold no tensor named ${name}.`);
  return tensor.data;
}
