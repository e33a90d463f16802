/** A point of a plane. */
export type Point = readonly [number, number];

/** How a plane is turned, and mirrored if need be, about the middle of its points. */
export type Turn = (point: Point) => Point;

/**
 * The turn that brings points of a plane nearest to where others were, a pair each: the orthogonal Procrustes problem in two
 * dimensions. The plane in which classes differ most has no up and down of its own, and would tumble from look to look.
 */
export function alignment(points: readonly Point[], before: readonly (Point | undefined)[]): Turn {
  const pairs = points.flatMap((point, i) => {
    const there = before[i];
    return there ? [[point, there] as const] : [];
  });
  const from = middle(pairs.map(([point]) => point));
  const to = middle(pairs.map(([, there]) => there));
  let [xx, xy, yx, yy] = [0, 0, 0, 0];
  for (const [point, there] of pairs) {
    const [x, y] = [point[0] - from[0], point[1] - from[1]];
    const [u, v] = [there[0] - to[0], there[1] - to[1]];
    [xx, xy, yx, yy] = [xx + x * u, xy + x * v, yx + y * u, yy + y * v];
  }
  // Of turns, and of turns of the mirrored plane, the ones that fit best; then the better of both.
  const mirrored = Math.hypot(xx - yy, xy + yx) > Math.hypot(xx + yy, xy - yx) ? -1 : 1;
  const angle = Math.atan2(xy - mirrored * yx, xx + mirrored * yy);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return ([x, y]) => [cos * x - mirrored * sin * y, sin * x + mirrored * cos * y];
}

function middle(points: readonly Point[]): Point {
  const [x, y] = points.reduce<Point>((sum, point) => [sum[0] + point[0], sum[1] + point[1]], [0, 0]);
  const count = Math.max(1, points.length);
  return [x / count, y / count];
}
