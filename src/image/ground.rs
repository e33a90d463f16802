//! The ground that a picture's drawing lies on, with its shading: a surface of second degree through the pixels at the
//! picture's border and all that continue it.

use crate::math::symmetric::Cholesky;

/// Share of the shorter side that counts as border.
const BORDER: f64 = 0.04;
/// Levels, of 255, that the ground's texture is taken for at least.
const LEAST_SPREAD: f64 = 3.0;
/// A border that is rougher than this, in levels, is no plain ground.
const ROUGHEST: f64 = 16.0;
/// Spreads, from which on a pixel is none of the ground.
const BEYOND: f64 = 4.0;
/// Rounds in which the surface is fitted to the pixels that lie on it.
const ROUNDS: usize = 8;
/// Least share of the picture for a surface of second degree.
const CURVED: f64 = 0.3;
/// Share of the ink that is taken for fully inked.
const FULL: f64 = 0.1;
/// Least contrast of ink, in levels of 255.
const LEAST_CONTRAST: f64 = 24.0;

/// A picture's ground.
pub(super) struct Ground {
    /// Level at each pixel.
    level: Vec<f64>,
    /// Standard deviation of its texture.
    spread: f64,
}

/// What is drawn on a ground.
pub(super) struct Ink {
    /// How much of it lies at each pixel, from 0 to 1.
    pub strength: Vec<f64>,
    /// Whether it is darker than the ground.
    pub darker: bool,
}

impl Ground {
    /// That of a grey picture of `columns` a row; none where its border is not plain.
    pub fn find(picture: &[u8], columns: usize) -> Option<Self> {
        let rows = picture.len() / columns;
        let margin = ((BORDER * rows.min(columns) as f64).round() as usize).max(1);
        let is_border = |i: usize| {
            let (y, x) = (i / columns, i % columns);
            y.min(x).min(rows - 1 - y).min(columns - 1 - x) < margin
        };
        let border: Vec<usize> = (0..picture.len()).filter(|&i| is_border(i)).collect();
        let terms = |i: usize| {
            let at = |line: usize, lines: usize| 2.0 * (line as f64 + 0.5) / lines as f64 - 1.0;
            let (y, x) = (at(i / columns, rows), at(i % columns, columns));
            [1.0, x, y, x * x, x * y, y * y]
        };
        let value = |i: usize| f64::from(picture[i]);
        let surface = |weights: &[f64; 6], i: usize| -> f64 {
            terms(i).iter().zip(weights).map(|(term, weight)| term * weight).sum()
        };
        let mut levels: Vec<f64> = border.iter().map(|&i| value(i)).collect();
        let mut weights = [median(&mut levels)?, 0.0, 0.0, 0.0, 0.0, 0.0];
        let spread = |weights: &[f64; 6], of: &[usize]| {
            let mut off: Vec<f64> = of.iter().map(|&i| (value(i) - surface(weights, i)).abs()).collect();
            Some((1.4826 * median(&mut off)?).max(LEAST_SPREAD))
        };
        // A plane through the border, without what touches it.
        for _ in 0..ROUNDS {
            let near = BEYOND * spread(&weights, &border)?;
            let on: Vec<usize> =
                border.iter().copied().filter(|&i| (value(i) - surface(&weights, i)).abs() <= near).collect();
            let Some(plane) = least_squares(3, on.iter().map(|&i| (terms(i), value(i)))) else { break };
            weights = plane;
        }
        if spread(&weights, &border)? > ROUGHEST {
            return None;
        }
        // Then through all that continue it, with its curvature.
        let all: Vec<usize> = (0..picture.len()).collect();
        for _ in 0..ROUNDS {
            let near = BEYOND * spread(&weights, &border)?.min(ROUGHEST);
            let on: Vec<usize> =
                all.iter().copied().filter(|&i| (value(i) - surface(&weights, i)).abs() <= near).collect();
            if (on.len() as f64) < CURVED * all.len() as f64 {
                break;
            }
            let Some(curved) = least_squares(6, on.iter().map(|&i| (terms(i), value(i)))) else { break };
            weights = curved;
        }
        let spread = spread(&weights, &border)?;
        Some(Self { level: all.iter().map(|&i| surface(&weights, i)).collect(), spread })
    }

    /// What is drawn on it; none where nothing is.
    pub fn ink(&self, picture: &[u8]) -> Option<Ink> {
        let from = BEYOND * self.spread;
        let height: Vec<f64> =
            picture.iter().zip(&self.level).map(|(&v, level)| f64::from(v) - level).collect();
        let beyond = |sign: f64| height.iter().map(|h| sign * h).filter(|h| *h > from).sum::<f64>();
        let darker = beyond(-1.0) > beyond(1.0);
        let sign = if darker { -1.0 } else { 1.0 };
        let mut ink: Vec<f64> = height.iter().map(|h| sign * h).filter(|h| *h > from).collect();
        ink.sort_by(|a, b| b.total_cmp(a));
        let full = *ink.get((FULL * ink.len() as f64) as usize)?;
        if full < LEAST_CONTRAST {
            return None;
        }
        let strength = height.iter().map(|h| ((sign * h - from / 2.0) / (full - from / 2.0)).clamp(0.0, 1.0));
        Some(Ink { strength: strength.collect(), darker })
    }
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// The weights of the first `count` terms that fit the values best, the others zero; none where the points do not tell.
fn least_squares(count: usize, points: impl Iterator<Item = ([f64; 6], f64)>) -> Option<[f64; 6]> {
    let (mut products, mut right) = (vec![0.0; count * count], vec![0.0; count]);
    for (terms, value) in points {
        for i in 0..count {
            right[i] += terms[i] * value;
            (0..=i).for_each(|j| products[i * count + j] += terms[i] * terms[j]);
        }
    }
    let mut weights = [0.0; 6];
    weights[..count].copy_from_slice(&Cholesky::new(products, count)?.solve(&right));
    Some(weights)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Paper of 40×30 pixels that is lit from one side, with a dark stroke.
    fn paper() -> (Vec<u8>, impl Fn(usize) -> bool) {
        let stroke = |i: usize| (10..30).contains(&(i / 40)) && (18..22).contains(&(i % 40));
        let level = |i: usize| 140.0 + 2.0 * (i % 40) as f64 - 0.02 * ((i / 40) as f64 - 15.0).powi(2);
        ((0..1200).map(|i| (level(i) - if stroke(i) { 100.0 } else { 0.0 }) as u8).collect(), stroke)
    }

    #[test]
    fn shading_is_ground_and_a_stroke_is_not() {
        let (picture, stroke) = paper();
        let ink = Ground::find(&picture, 40).unwrap().ink(&picture).unwrap();
        assert!(ink.darker);
        for (i, strength) in ink.strength.iter().enumerate() {
            assert!(if stroke(i) { *strength > 0.9 } else { *strength < 0.05 }, "{i}: {strength}");
        }
    }

    #[test]
    fn a_busy_border_is_no_ground_and_bare_paper_has_no_ink() {
        let busy: Vec<u8> = (0..1200u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        assert!(Ground::find(&busy, 40).is_none());
        let bare = vec![200; 1200];
        assert!(Ground::find(&bare, 40).unwrap().ink(&bare).is_none());
    }

    #[test]
    fn a_plane_is_fitted_exactly() {
        let points = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]];
        let terms = |[x, y]: [f64; 2]| [1.0, x, y, x * x, x * y, y * y];
        let found = least_squares(3, points.iter().map(|&p| (terms(p), 2.0 + 3.0 * p[0] - p[1]))).unwrap();
        let wanted = [2.0, 3.0, -1.0, 0.0, 0.0, 0.0];
        assert!(found.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?}");
        assert_eq!(least_squares(3, points[..2].iter().map(|&p| (terms(p), 1.0))), None);
    }
}
