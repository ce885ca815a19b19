// Symmetric int8 quantisation: value ≈ integer × scale, with the largest magnitude of a group at ±127.

const LARGEST = 127;
const SMALLEST_MAGNITUDE = 1e-12;

/** Quantises a row-major [rows, columns] matrix with one scale a column. */
export function quantiseColumns(matrix, rows, columns) {
  const scales = new Float32Array(columns).fill(SMALLEST_MAGNITUDE);
  forEachCell(rows, columns, (_row, column, at) => {
    scales[column] = Math.max(scales[column], Math.abs(matrix[at]));
  });
  return quantised(matrix, rows, columns, scales, (_row, column) => column);
}

/** Quantises a row-major [rows, columns] matrix with one scale a row. */
export function quantiseRows(matrix, rows, columns) {
  const scales = new Float32Array(rows).fill(SMALLEST_MAGNITUDE);
  forEachCell(rows, columns, (row, _column, at) => {
    scales[row] = Math.max(scales[row], Math.abs(matrix[at]));
  });
  return quantised(matrix, rows, columns, scales, (row) => row);
}

/** The transpose of a row-major [rows, columns] matrix. */
export function transpose(matrix, rows, columns) {
  const turned = new Float32Array(matrix.length);
  forEachCell(rows, columns, (row, column, at) => {
    turned[column * rows + row] = matrix[at];
  });
  return turned;
}

function quantised(matrix, rows, columns, magnitudes, groupOf) {
  const scales = magnitudes.map((magnitude) => magnitude / LARGEST);
  const values = new Int8Array(rows * columns);
  forEachCell(rows, columns, (row, column, at) => {
    const rounded = Math.round(matrix[at] / scales[groupOf(row, column)]);
    values[at] = Math.max(-LARGEST, Math.min(LARGEST, rounded));
  });
  return { values, scales };
}

function forEachCell(rows, columns, visit) {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) visit(row, column, row * columns + column);
  }
}
