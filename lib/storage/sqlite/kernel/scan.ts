// The scan of one-bit vector codes, compiled by AssemblyScript to WebAssembly with 128-bit SIMD.
// Stateless: every address comes from vector-layout.ts, which describes the memory; vector-plain.ts is the
// same algorithm without WebAssembly and must give the same answers.

/** Slots a page holds; the same number as in vector-layout.ts. */
const PAGE_SLOTS: u32 = 4096;
/** Slots a block interleaves: byte g of sixteen codes lies side by side, so one load feeds sixteen lanes. */
const BLOCK_SLOTS: u32 = 16;
/** Bytes of the 128 float32 that one Hadamard transform mixes. */
const HADAMARD_BYTES: usize = 512;
/** Two to the 32nd: a heap key is score × 2³² + (2³² − 1 − id), so equal scores rank by ascending id. */
const KEY_SHIFT: f64 = 4294967296;

/**
 * Rotates a vector of `size` float32: flips signs, transforms, permutes, flips signs, transforms. `order` holds
 * for each place of the result the place (uint32) that it comes from. Float32 throughout: codes are stored, so
 * the bits must be those of vector-plain.ts.
 */
export function rotate(
  vector: usize,
  firstSigns: usize,
  order: usize,
  secondSigns: usize,
  work: usize,
  out: usize,
  size: usize,
): void {
  const bytes = size << 2;
  for (let at: usize = 0; at < bytes; at += 16) {
    v128.store(work + at, f32x4.mul(v128.load(vector + at), v128.load(firstSigns + at)));
  }
  hadamard(work, bytes);
  for (let at: usize = 0; at < bytes; at += 4) {
    const from = work + (<usize>load<u32>(order + at) << 2);
    store<f32>(out + at, load<f32>(from) * load<f32>(secondSigns + at));
  }
  hadamard(out, bytes);
}

/** One bit a dimension: 1 where the component is not negative; bit j of byte i is dimension 8 i + j. */
export function signs(rotated: usize, size: usize, code: usize): void {
  const zero = f32x4.splat(0);
  for (let byte: usize = 0; byte < size >> 3; byte++) {
    const at = rotated + (byte << 5);
    const low = f32x4.ge(v128.load(at), zero), high = f32x4.ge(v128.load(at, 16), zero);
    store<u8>(code + byte, i32x4.bitmask(low) | (i32x4.bitmask(high) << 4));
  }
}

/** The unnormalised Walsh–Hadamard transform of each 128 float32, in place. */
function hadamard(values: usize, bytes: usize): void {
  const end = values + bytes;
  for (let at = values; at < end; at += 16) {
    const x = v128.load(at);
    const pairs = butterfly(
      i8x16.shuffle(x, x, 0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11),
      i8x16.shuffle(x, x, 4, 5, 6, 7, 12, 13, 14, 15, 4, 5, 6, 7, 12, 13, 14, 15),
    );
    // pairs = a+b, c+d, a−b, c−d; the next step needs (a+b, a−b) beside (c+d, c−d)
    const quads = butterfly(
      i8x16.shuffle(pairs, pairs, 0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11),
      i8x16.shuffle(pairs, pairs, 4, 5, 6, 7, 12, 13, 14, 15, 4, 5, 6, 7, 12, 13, 14, 15),
    );
    v128.store(at, quads);
  }
  for (let half: usize = 16; half < HADAMARD_BYTES; half <<= 1) {
    for (let group = values; group < end; group += half << 1) {
      for (let at = group; at < group + half; at += 16) {
        const a = v128.load(at), b = v128.load(at + half);
        v128.store(at, f32x4.add(a, b));
        v128.store(at + half, f32x4.sub(a, b));
      }
    }
  }
}

/** Lanes 0 and 1 of x + y, lanes 2 and 3 of x − y. */
function butterfly(x: v128, y: v128): v128 {
  return i8x16.shuffle(f32x4.add(x, y), f32x4.sub(x, y), 0, 1, 2, 3, 4, 5, 6, 7, 24, 25, 26, 27, 28, 29, 30, 31);
}

/**
 * Leaves the best `count` keys of all slots that pass the filter in the heap, in heap order.
 * Quantised lookup tables in registers as in "Quicker ADC" (André, Kermarrec, Le Scouarnec, 2018).
 * Returns how many keys there are; the heap's other places hold −1.
 */
export function scan(
  pages: usize,
  pageBytes: usize,
  slots: u32,
  codeBytes: usize,
  table: usize,
  filter: usize,
  sums: usize,
  heap: usize,
  count: i32,
): i32 {
  for (let i = 0; i < count; i++) store<f64>(heap + (<usize>i << 3), -1);
  let limit: i32 = -1;
  for (let first: u32 = 0, page = pages; first < slots; first += PAGE_SLOTS, page += pageBytes) {
    const inPage = min(slots - first, PAGE_SLOTS);
    const facts = page + <usize>PAGE_SLOTS * codeBytes;
    for (let slot: u32 = 0, block = page; slot < inPage; slot += BLOCK_SLOTS, block += codeBytes << 4) {
      // While every score is welcome the filter is the cheaper test; later few blocks get as far as the filter.
      let lanes = lanesBelow(inPage - slot);
      if (limit < 0) lanes &= passing(facts, slot, filter);
      if (lanes == 0) continue;
      lanes &= reaching(block, codeBytes, table, limit, sums);
      if (lanes == 0) continue;
      if (limit >= 0) lanes &= passing(facts, slot, filter);
      limit = offer(lanes, facts, slot, sums, heap, count);
    }
  }
  return held(heap, count);
}

/** Which lanes of a block score at least `limit`, as bits; their scores are in `sums`, even lanes first. */
function reaching(block: usize, codeBytes: usize, table: usize, limit: i32, sums: usize): u32 {
  const low = i8x16.splat(15), evenBytes = i16x8.splat(255), bar = i16x8.splat(<i16>limit);
  let even = i16x8.splat(0), odd = i16x8.splat(0);
  const end = block + (codeBytes << 4);
  for (let at = block, row = table; at < end; at += 64, row += 128) {
    // Eight lookups of at most 31 fit a byte (248), so widening to 16 bits is due once in eight.
    const a = v128.load(at), b = v128.load(at, 16), c = v128.load(at, 32), d = v128.load(at, 48);
    let sum = i8x16.swizzle(v128.load(row), v128.and(a, low));
    sum = i8x16.add(sum, i8x16.swizzle(v128.load(row, 16), v128.and(i16x8.shr_u(a, 4), low)));
    sum = i8x16.add(sum, i8x16.swizzle(v128.load(row, 32), v128.and(b, low)));
    sum = i8x16.add(sum, i8x16.swizzle(v128.load(row, 48), v128.and(i16x8.shr_u(b, 4), low)));
    sum = i8x16.add(sum, i8x16.swizzle(v128.load(row, 64), v128.and(c, low)));
    sum = i8x16.add(sum, i8x16.swizzle(v128.load(row, 80), v128.and(i16x8.shr_u(c, 4), low)));
    sum = i8x16.add(sum, i8x16.swizzle(v128.load(row, 96), v128.and(d, low)));
    sum = i8x16.add(sum, i8x16.swizzle(v128.load(row, 112), v128.and(i16x8.shr_u(d, 4), low)));
    even = i16x8.add(even, v128.and(sum, evenBytes));
    odd = i16x8.add(odd, i16x8.shr_u(sum, 8));
  }
  const reached = v128.bitselect(i16x8.ge_s(even, bar), i16x8.ge_s(odd, bar), evenBytes);
  if (!v128.any_true(reached)) return 0;
  v128.store(sums, even);
  v128.store(sums, odd, 16);
  return i8x16.bitmask(reached);
}

/** Offers the lanes of one block to the heap; returns the score that the next block has to reach. */
function offer(lanes: u32, facts: usize, slot: u32, sums: usize, heap: usize, count: i32): i32 {
  for (; lanes != 0; lanes &= lanes - 1) {
    const lane = ctz(lanes);
    const score = <f64>load<u16>(sums + ((lane & 1) << 4) + (lane & 14));
    const key = score * KEY_SHIFT + (KEY_SHIFT - 1 - <f64>load<u32>(idAt(facts, slot + lane)));
    if (key > load<f64>(heap)) replaceLeast(heap, count, key);
  }
  const least = load<f64>(heap);
  return least < 0 ? -1 : <i32>(least / KEY_SHIFT);
}

/** Places of the heap that hold a key. */
function held(heap: usize, count: i32): i32 {
  let filled = 0;
  for (let i = 0; i < count; i++) filled += load<f64>(heap + (<usize>i << 3)) >= 0 ? 1 : 0;
  return filled;
}

/** How many slots pass the filter. */
export function matching(pages: usize, pageBytes: usize, slots: u32, codeBytes: usize, filter: usize): u32 {
  let found: u32 = 0;
  for (let first: u32 = 0, page = pages; first < slots; first += PAGE_SLOTS, page += pageBytes) {
    const inPage = min(slots - first, PAGE_SLOTS);
    const facts = page + <usize>PAGE_SLOTS * codeBytes;
    for (let slot: u32 = 0; slot < inPage; slot += BLOCK_SLOTS) {
      found += popcnt(passing(facts, slot, filter) & lanesBelow(inPage - slot));
    }
  }
  return found;
}

/**
 * The cosine of the query with each of `count` rows of `floats` float32 (a multiple of four), as float64.
 * Summed in float64, so that the order of the additions does not show in the result.
 */
export function cosines(query: usize, norm: f64, rows: usize, floats: usize, count: i32, out: usize): void {
  const bytes = floats << 2;
  for (let i = 0; i < count; i++, rows += bytes, out += 8) {
    let dotLow = f64x2.splat(0), dotHigh = f64x2.splat(0);
    let squareLow = f64x2.splat(0), squareHigh = f64x2.splat(0);
    for (let at: usize = 0; at < bytes; at += 16) {
      const x = v128.load(query + at), y = v128.load(rows + at);
      const xLow = f64x2.promote_low_f32x4(x), yLow = f64x2.promote_low_f32x4(y);
      const xHigh = f64x2.promote_low_f32x4(highHalf(x)), yHigh = f64x2.promote_low_f32x4(highHalf(y));
      dotLow = f64x2.add(dotLow, f64x2.mul(xLow, yLow));
      dotHigh = f64x2.add(dotHigh, f64x2.mul(xHigh, yHigh));
      squareLow = f64x2.add(squareLow, f64x2.mul(yLow, yLow));
      squareHigh = f64x2.add(squareHigh, f64x2.mul(yHigh, yHigh));
    }
    const square = total(f64x2.add(squareLow, squareHigh));
    store<f64>(out, total(f64x2.add(dotLow, dotHigh)) / (norm * Math.sqrt(square)));
  }
}

/** Reads `bytes` (a multiple of 64) once and sums them as 64-bit words: the floor of any scan of that many bytes. */
export function sumBytes(at: usize, bytes: usize): i64 {
  let a = i64x2.splat(0), b = i64x2.splat(0), c = i64x2.splat(0), d = i64x2.splat(0);
  for (const end = at + bytes; at < end; at += 64) {
    a = i64x2.add(a, v128.load(at));
    b = i64x2.add(b, v128.load(at, 16));
    c = i64x2.add(c, v128.load(at, 32));
    d = i64x2.add(d, v128.load(at, 48));
  }
  const all = i64x2.add(i64x2.add(a, b), i64x2.add(c, d));
  return i64x2.extract_lane(all, 0) + i64x2.extract_lane(all, 1);
}

/**
 * Which lanes of a block pass the filter, as bits. Filter record: after f64, before f64, highest state u32,
 * project bits (address or 0), and from byte 32 one byte (0 or 255) for each of 16 kinds and of 16 types.
 */
function passing(facts: usize, slot: u32, filter: usize): u32 {
  const after = f64x2.splat(load<f64>(filter)), before = f64x2.splat(load<f64>(filter, 8));
  const highestState = i32x4.splat(load<i32>(filter, 16));
  const kinds = v128.load(filter, 32), types = v128.load(filter, 48);
  const nibble = i32x4.splat(15);
  let lanes: u32 = 0;
  for (let four: u32 = 0; four < BLOCK_SLOTS; four += 4) {
    const meta = v128.load(metaAt(facts, slot + four));
    const kind = i8x16.swizzle(kinds, v128.and(i32x4.shr_u(meta, 16), nibble));
    const type = i8x16.swizzle(types, v128.and(i32x4.shr_u(meta, 20), nibble));
    // The answer is in the lowest byte of each lane; the mask below is read from the highest bit.
    const wanted = i32x4.shl(v128.and(kind, type), 24);
    const state = i32x4.le_u(i32x4.shr_u(meta, 24), highestState);
    const dates = facts + (<usize>(slot + four) << 3);
    const first = v128.load(dates), last = v128.load(dates, 16);
    const inTime = i8x16.shuffle(
      v128.and(f64x2.ge(first, after), f64x2.lt(first, before)),
      v128.and(f64x2.ge(last, after), f64x2.lt(last, before)),
      0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27,
    );
    lanes |= i32x4.bitmask(v128.and(wanted, v128.and(state, inTime))) << four;
  }
  const projects = load<u32>(filter, 20);
  return projects == 0 ? lanes : inProjects(lanes, facts, slot, projects);
}

/** The lanes whose project's bit is set. */
function inProjects(lanes: u32, facts: usize, slot: u32, projects: usize): u32 {
  for (let rest = lanes; rest != 0; rest &= rest - 1) {
    const lane = ctz(rest);
    const project = load<u16>(metaAt(facts, slot + lane));
    if (((load<u8>(projects + (project >> 3)) >> <u8>(project & 7)) & 1) == 0) lanes ^= 1 << lane;
  }
  return lanes;
}

/** Bits of the lanes of a block of which `left` slots are in use. */
function lanesBelow(left: u32): u32 {
  return left < BLOCK_SLOTS ? (1 << left) - 1 : 0xffff;
}

// Behind the codes of a page: dates (f64), ids (u32), meta (u32).
function idAt(facts: usize, slot: u32): usize {
  return facts + <usize>PAGE_SLOTS * 8 + (<usize>slot << 2);
}

function metaAt(facts: usize, slot: u32): usize {
  return facts + <usize>PAGE_SLOTS * 12 + (<usize>slot << 2);
}

/** Puts a key in the place of the least one of a binary heap of `count` float64. */
function replaceLeast(heap: usize, count: i32, key: f64): void {
  let hole = 0;
  for (;;) {
    let child = 2 * hole + 1;
    if (child >= count) break;
    if (child + 1 < count && keyAt(heap, child + 1) < keyAt(heap, child)) child++;
    if (keyAt(heap, child) >= key) break;
    store<f64>(heap + (<usize>hole << 3), keyAt(heap, child));
    hole = child;
  }
  store<f64>(heap + (<usize>hole << 3), key);
}

function keyAt(heap: usize, place: i32): f64 {
  return load<f64>(heap + (<usize>place << 3));
}

function highHalf(x: v128): v128 {
  return i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
}

function total(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}
