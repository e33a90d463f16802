/** A line from one place to another: x, y, x, y. */
export type Segment = readonly [number, number, number, number];

/**
 * The lines on which a function takes the value `level`, by marching squares. `values` are those at the middles of
 * side × side cells, row by row; the lines are in units of cells.
 */
export function contour(values: ArrayLike<number>, side: number, level: number): Segment[] {
  const lines: Segment[] = [];
  const at = (column: number, row: number) => values[row * side + column]! - level;
  for (let row = 0; row + 1 < side; row++) {
    for (let column = 0; column + 1 < side; column++) {
      const corners = [at(column, row), at(column + 1, row), at(column + 1, row + 1), at(column, row + 1)];
      const places: number[] = [];
      corners.forEach((a, i) => {
        const b = corners[(i + 1) % 4]!;
        if (a > 0 === b > 0) return;
        const share = a / (a - b);
        const [fromX, fromY] = CORNERS[i]!;
        const [toX, toY] = CORNERS[(i + 1) % 4]!;
        places.push(column + 0.5 + fromX + share * (toX - fromX), row + 0.5 + fromY + share * (toY - fromY));
      });
      for (let i = 0; i + 3 < places.length; i += 4) {
        lines.push([places[i]!, places[i + 1]!, places[i + 2]!, places[i + 3]!]);
      }
    }
  }
  return lines;
}

const CORNERS = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
] as const;

/**
 * The median of each cell and its eight neighbours; the outermost cells stay as they are. It takes away threads that are
 * too thin for the cells, which would come out as beads, and leaves edges where they are.
 */
export function withoutThreads(values: ArrayLike<number>, side: number): Float64Array {
  const cleaned = Float64Array.from(values);
  const around = new Float64Array(9);
  for (let row = 1; row + 1 < side; row++) {
    for (let column = 1; column + 1 < side; column++) {
      for (let i = 0; i < 9; i++) {
        const value = values[(row + Math.floor(i / 3) - 1) * side + column + (i % 3) - 1]!;
        let at = i;
        for (; at > 0 && around[at - 1]! > value; at--) around[at] = around[at - 1]!;
        around[at] = value;
      }
      cleaned[row * side + column] = around[4]!;
    }
  }
  return cleaned;
}

/** The value below which a share of the values lies. */
export function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = Array.from(values).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}
