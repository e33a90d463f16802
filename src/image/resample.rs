//! Pictures of any size as images of a model's shape.

use super::ImageShape;

/// Averages just below a half are rounded up as well, so that those that are exactly a half do not depend on the order
/// of the sums.
const NEAR_HALF: f64 = 1e-6;

/// A colour of this opacity, all from 0 to 255, on a white ground.
pub fn on_white(rgb: [u8; 3], opacity: u8) -> [f32; 3] {
    on_ground(rgb, opacity, [255; 3])
}

/// A colour of this opacity on a ground, all from 0 to 255.
pub fn on_ground(rgb: [u8; 3], opacity: u8, ground: [u8; 3]) -> [f32; 3] {
    std::array::from_fn(|c| {
        let behind = f32::from(ground[c]);
        behind + (f32::from(rgb[c]) - behind) * f32::from(opacity) / 255.0
    })
}

/// The picture of `width`×`height` pixels whose colours, from 0 to 255, `colour` gives by row, stretched to an image:
/// each of its pixels, C·H·W bytes, is the average over the area that it covers; colour becomes grey where there is one
/// channel.
pub fn resample(
    colour: impl Fn(usize) -> [f32; 3],
    (width, height): (usize, usize),
    shape: ImageShape,
) -> Vec<u8> {
    resample_at(|x, y| colour(y * width + x), (width, height), shape)
}

/// The same for a picture whose colours `colour` gives by column and row.
pub fn resample_at(
    colour: impl Fn(usize, usize) -> [f32; 3],
    (width, height): (usize, usize),
    [channels, rows, columns]: ImageShape,
) -> Vec<u8> {
    let across: Vec<_> = (0..columns).map(|x| cover(x, width, columns)).collect();
    let mut out = vec![0; channels * rows * columns];
    for y in 0..rows {
        let down = cover(y, height, rows);
        for (x, across) in across.iter().enumerate() {
            let mut sum = [0.0f64; 3];
            for &(column, width_share) in across {
                for &(row, height_share) in &down {
                    let pixel = colour(column, row);
                    (0..3).for_each(|c| sum[c] += width_share * height_share * f64::from(pixel[c]));
                }
            }
            let luma = 0.299 * sum[0] + 0.587 * sum[1] + 0.114 * sum[2];
            for c in 0..channels {
                let value = if channels == 1 { luma } else { sum[c] };
                out[(c * rows + y) * columns + x] = (value + NEAR_HALF).round() as u8;
            }
        }
    }
    out
}

/// The same for a picture that keeps its proportions, framed in the average tone of its own border.
pub fn fit(
    colour: impl Fn(usize) -> [f32; 3],
    (width, height): (usize, usize),
    shape: ImageShape,
) -> Vec<u8> {
    let [channels, rows, columns] = shape;
    let scale = (columns as f64 / width as f64).min(rows as f64 / height as f64);
    let side = |from: usize, most: usize| ((from as f64 * scale).round() as usize).clamp(1, most);
    let (inner_columns, inner_rows) = (side(width, columns), side(height, rows));
    let inner = resample(colour, (width, height), [channels, inner_rows, inner_columns]);
    let (top, left) = ((rows - inner_rows) / 2, (columns - inner_columns) / 2);
    let mut out = vec![0; channels * rows * columns];
    let planes = inner.chunks_exact(inner_rows * inner_columns).zip(out.chunks_exact_mut(rows * columns));
    for (inner, out) in planes {
        out.fill(border_mean(inner, inner_columns).round() as u8);
        for (from, to) in inner.chunks_exact(inner_columns).zip(out.chunks_exact_mut(columns).skip(top)) {
            to[left..][..inner_columns].copy_from_slice(from);
        }
    }
    out
}

/// A plane of numbers of `columns` a row, `factor` times as large in both directions, with straight lines between the
/// centres of its pixels.
pub(super) fn enlarge(plane: &[f64], columns: usize, factor: usize) -> Vec<f64> {
    let rows = plane.len() / columns;
    let between = |i: usize, lines: usize| {
        let at = ((i as f64 + 0.5) / factor as f64 - 0.5).clamp(0.0, (lines - 1) as f64);
        let before = at as usize;
        (before, (before + 1).min(lines - 1), at - before as f64)
    };
    let pixel = |i: usize| {
        let (top, bottom, down) = between(i / (columns * factor), rows);
        let (left, right, across) = between(i % (columns * factor), columns);
        let row = |y: usize| plane[y * columns + left] * (1.0 - across) + plane[y * columns + right] * across;
        row(top) * (1.0 - down) + row(bottom) * down
    };
    (0..plane.len() * factor * factor).map(pixel).collect()
}

/// The source lines under target line `i` of `to` that share `from`: (line, share).
fn cover(i: usize, from: usize, to: usize) -> Vec<(usize, f64)> {
    let step = from as f64 / to as f64;
    let (start, end) = (i as f64 * step, (i + 1) as f64 * step);
    let lines = start as usize..(end.ceil() as usize).min(from);
    lines
        .map(|line| (line, (end.min((line + 1) as f64) - start.max(line as f64)) / step))
        .filter(|(_, share)| *share > 0.0)
        .collect()
}

/// The mean of a plane's outermost pixels.
fn border_mean(plane: &[u8], columns: usize) -> f64 {
    let rows = plane.len() / columns;
    let outermost = |i: usize| {
        let (x, y) = (i % columns, i / columns);
        x == 0 || y == 0 || x == columns - 1 || y == rows - 1
    };
    let border = plane.iter().enumerate().filter(|(i, _)| outermost(*i));
    let (sum, count) = border.fold((0.0, 0.0), |(sum, count), (_, &v)| (sum + f64::from(v), count + 1.0));
    sum / count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_averages_over_areas() {
        // Three columns to two: each covers one and a half.
        let colours = [[30.0; 3], [60.0; 3], [90.0; 3]];
        assert_eq!(resample(|i| colours[i], (3, 1), [1, 1, 2]), [40, 80]);
        // Of a colour, its luma, or each channel; averages of exactly a half are rounded up.
        let colours = [[100.0, 50.0, 200.0], [101.0, 51.0, 201.0]];
        assert_eq!(resample(|_| colours[0], (1, 1), [1, 1, 1]), [82]);
        assert_eq!(resample(|i| colours[i], (2, 1), [3, 1, 1]), [101, 51, 201]);
    }

    #[test]
    fn another_shape_is_framed_in_the_tone_of_its_border() {
        let wide: Vec<[f32; 3]> = [10.0, 20.0, 30.0, 40.0].map(|v| [v; 3]).to_vec();
        let image = fit(|i| wide[i], (4, 1), [1, 4, 4]);
        assert_eq!(image[4..8], [10, 20, 30, 40]);
        assert!(image[..4].iter().chain(&image[8..]).all(|&v| v == 25));
        // However thin, something of it is left.
        assert_eq!(fit(|_| [7.0; 3], (1, 100), [3, 2, 2]), [7; 12]);
    }

    #[test]
    fn what_is_transparent_is_white() {
        assert_eq!(on_white([0, 100, 255], 0), [255.0; 3]);
        assert_eq!(on_white([0, 100, 255], 255), [0.0, 100.0, 255.0]);
        assert_eq!(on_white([0, 0, 0], 51)[0], 204.0);
    }
}
