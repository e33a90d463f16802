//! Which share of each pixel a shape covers.

/// A part of a picture, with the share of each pixel that is covered.
pub struct Mask {
    /// Column and row of its upper left pixel.
    pub at: [usize; 2],
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Shares from 0 to 1, by row.
    pub cover: Vec<f32>,
}

impl Mask {
    /// An empty mask over all pixels of a picture of `size` that lie within `margin` of one of `points`; none when no pixel
    /// does.
    fn around(points: impl Iterator<Item = [f64; 2]>, margin: f64, size: [usize; 2]) -> Option<Self> {
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for point in points {
            for i in 0..2 {
                low[i] = low[i].min(point[i] - margin);
                high[i] = high[i].max(point[i] + margin);
            }
        }
        let edge = |value: f64, i: usize| value.clamp(0.0, size[i] as f64);
        let at = [0, 1].map(|i| edge(low[i].floor(), i) as usize);
        let end = [0, 1].map(|i| edge(high[i].ceil(), i) as usize);
        let (width, height) = (end[0].saturating_sub(at[0]), end[1].saturating_sub(at[1]));
        (width > 0 && height > 0).then(|| Self { at, width, height, cover: vec![0.0; width * height] })
    }

    /// The area inside of closed outlines, by their winding: an outline within another that runs the other way is a hole.
    pub fn area(outlines: &[Vec<[f64; 2]>], size: [usize; 2]) -> Option<Self> {
        let mut mask = Self::around(outlines.iter().flatten().copied(), 0.0, size)?;
        // One more column takes what lies right of the mask.
        let mut steps = vec![0.0f32; (mask.width + 2) * mask.height];
        for outline in outlines {
            let next = outline.iter().cycle().skip(1);
            for (a, b) in outline.iter().zip(next) {
                let local = |p: &[f64; 2]| [p[0] - mask.at[0] as f64, p[1] - mask.at[1] as f64];
                edge(&mut steps, [mask.width, mask.height], local(a), local(b));
            }
        }
        for (row, steps) in mask.cover.chunks_mut(mask.width).zip(steps.chunks(mask.width + 2)) {
            let mut sum = 0.0;
            for (cover, step) in row.iter_mut().zip(steps) {
                sum += step;
                *cover = sum.abs().min(1.0);
            }
        }
        Some(mask)
    }

    /// All within `radius` of a line through `points`, whose joints and ends are round.
    pub fn line(points: &[[f64; 2]], radius: f64, size: [usize; 2]) -> Option<Self> {
        let mut mask = Self::around(points.iter().copied(), radius + 1.0, size)?;
        let alone = [points[0], points[0]];
        let segments = if points.len() == 1 {
            [alone].to_vec()
        } else {
            points.windows(2).map(|w| [w[0], w[1]]).collect()
        };
        for [a, b] in segments {
            mask.segment(a, b, radius, size);
        }
        Some(mask)
    }

    fn segment(&mut self, a: [f64; 2], b: [f64; 2], radius: f64, size: [usize; 2]) {
        let Some(near) = Self::around([a, b].into_iter(), radius + 1.0, size) else { return };
        let along = [b[0] - a[0], b[1] - a[1]];
        let square = along[0] * along[0] + along[1] * along[1];
        for y in near.at[1]..near.at[1] + near.height {
            for x in near.at[0]..near.at[0] + near.width {
                let from = [x as f64 + 0.5 - a[0], y as f64 + 0.5 - a[1]];
                let share =
                    if square > 0.0 { (from[0] * along[0] + from[1] * along[1]) / square } else { 0.0 };
                let share = share.clamp(0.0, 1.0);
                let distance = (from[0] - share * along[0]).hypot(from[1] - share * along[1]);
                let cover = (radius + 0.5 - distance).clamp(0.0, (2.0 * radius).min(1.0)) as f32;
                let pixel = &mut self.cover[(y - self.at[1]) * self.width + x - self.at[0]];
                *pixel = pixel.max(cover);
            }
        }
    }
}

/// Adds to `steps` by how much the covered share grows from pixel to pixel along each row because of one edge: an edge
/// downwards covers what is right of it, an edge upwards uncovers it.
fn edge(steps: &mut [f32], [width, height]: [usize; 2], a: [f64; 2], b: [f64; 2]) {
    if a[1] == b[1] {
        return;
    }
    let (sign, top, bottom) = if a[1] < b[1] { (1.0, a, b) } else { (-1.0, b, a) };
    let slope = (bottom[0] - top[0]) / (bottom[1] - top[1]);
    let first = top[1].max(0.0) as usize;
    let last = (bottom[1].ceil().max(0.0) as usize).min(height);
    for y in first..last {
        let (from, to) = (top[1].max(y as f64), bottom[1].min(y as f64 + 1.0));
        let inside = |y: f64| (top[0] + (y - top[1]) * slope).clamp(0.0, width as f64);
        let (x0, x1) = (inside(from), inside(to));
        let (left, right) = (x0.min(x1), x0.max(x1));
        let tall = sign * (to - from);
        let row = &mut steps[y * (width + 2)..][..width + 2];
        let (begin, end) = (left.floor() as usize, (right.ceil() as usize).max(left.floor() as usize + 1));
        // Share of the edge's height that lies left of column x + 1, times how much of the column is then right of it.
        let mut before = 0.0;
        for (i, step) in row[begin..=end].iter_mut().enumerate() {
            let covered = covered((begin + i) as f64 + 1.0, left, right);
            *step += (tall * (covered - before)) as f32;
            before = covered;
        }
    }
}

/// Mean over an edge from `left` to `right` of the share of the pixel that ends at `x` which lies right of the edge.
fn covered(x: f64, left: f64, right: f64) -> f64 {
    let reach = |x: f64| (x - left).max(0.0);
    if right - left < 1e-9 {
        return reach(x).min(1.0);
    }
    // ∫ of the share of the edge left of t, over t from x − 1 to x.
    let integral = |x: f64| {
        let inside = reach(x).min(right - left);
        inside * inside / (2.0 * (right - left)) + (x - right).max(0.0)
    };
    integral(x) - integral(x - 1.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn total(mask: &Mask) -> f64 {
        mask.cover.iter().map(|&c| f64::from(c)).sum()
    }

    #[test]
    fn areas_are_exact_also_where_pixels_are_cut() {
        let square = vec![[2.25, 3.5], [6.75, 3.5], [6.75, 5.25], [2.25, 5.25]];
        let mask = Mask::area(std::slice::from_ref(&square), [20, 20]).unwrap();
        assert!((total(&mask) - 4.5 * 1.75).abs() < 1e-5);
        assert_eq!((mask.at, mask.width, mask.height), ([2, 3], 5, 3));
        assert!((mask.cover[0] - 0.75 * 0.5).abs() < 1e-6 && (mask.cover[mask.width + 1] - 1.0).abs() < 1e-6);
        let triangle = vec![[1.0, 1.0], [11.0, 2.5], [4.0, 9.25]];
        let mask = Mask::area(&[triangle], [20, 20]).unwrap();
        let wanted = 0.5 * (10.0 * 8.25 - 1.5 * 3.0);
        assert!((total(&mask) - wanted).abs() < 1e-4, "{} instead of {wanted}", total(&mask));
        let mut hole: Vec<[f64; 2]> =
            square.iter().map(|p| [(p[0] - 4.5) / 2.0 + 4.5, (p[1] - 4.375) / 2.0 + 4.375]).collect();
        hole.reverse();
        let mask = Mask::area(&[square, hole], [20, 20]).unwrap();
        assert!((total(&mask) - 4.5 * 1.75 * 0.75).abs() < 1e-5);
    }

    #[test]
    fn what_lies_outside_is_cut_off() {
        let square = |x: f64, y: f64| vec![[x, y], [x + 4.0, y], [x + 4.0, y + 4.0], [x, y + 4.0]];
        for (x, y, wanted) in [(-2.0, 3.0, 8.0), (8.0, -2.0, 4.0), (3.0, 8.5, 6.0)] {
            let mask = Mask::area(&[square(x, y)], [10, 10]).unwrap();
            assert!((total(&mask) - wanted).abs() < 1e-5, "{x} {y}: {}", total(&mask));
        }
        assert!(Mask::area(&[square(20.0, 0.0)], [10, 10]).is_none());
    }

    #[test]
    fn lines_have_their_width_and_joints_do_not_swell() {
        let mask = Mask::line(&[[3.0, 10.0], [17.0, 10.0]], 1.0, [20, 20]).unwrap();
        let column = |x: usize| -> f64 {
            (0..mask.height).map(|y| f64::from(mask.cover[y * mask.width + x - mask.at[0]])).sum()
        };
        assert!((column(10) - 2.0).abs() < 1e-5);
        let bent: Vec<[f64; 2]> = (0..=28).map(|i| [3.0 + f64::from(i) / 2.0, 10.0]).collect();
        let many = Mask::line(&bent, 1.0, [20, 20]).unwrap();
        assert!((total(&many) - total(&mask)).abs() < 1e-3);
        assert!(total(&Mask::line(&[[5.0, 5.0]], 1.5, [10, 10]).unwrap()) > 6.0);
    }
}
