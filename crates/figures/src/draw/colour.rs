//! The colours of the page, computed from the same numbers.

use std::fmt;

/// A colour as screens take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub [u8; 3]);

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

/// What a colour is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Paint {
    /// The ground.
    Paper,
    /// Words and what matters.
    Ink,
    /// Words that matter less.
    Soft,
    /// Fine lines behind everything.
    Rule,
    /// Lines around something.
    Edge,
    /// The one colour of a drawing that has one.
    Accent,
    /// A class, as the page shows it.
    Class {
        /// Its number from 0.
        class: usize,
        /// How many there are.
        of: usize,
    },
    /// One of several lines in a panel.
    Series(usize),
    /// A place on the way from 0 to 1, from accuracy's cool to likelihood's warm colours.
    Ramp(f64),
}

/// OKLCH, as `tokens.css` writes colours.
type Oklch = (f64, f64, f64);

/// The light theme.
const LIGHT: Theme = Theme {
    paper: (0.988, 0.004, 85.0),
    ink: (0.25, 0.012, 265.0),
    soft: (0.46, 0.012, 265.0),
    rule: (0.9, 0.008, 85.0),
    edge: (0.63, 0.012, 85.0),
    accent: (0.48, 0.13, 262.0),
    class: (0.72, 0.55, 0.135),
    series: 0.55,
};
/// The dark theme.
const DARK: Theme = Theme {
    paper: (0.195, 0.008, 265.0),
    ink: (0.93, 0.006, 85.0),
    soft: (0.74, 0.008, 85.0),
    rule: (0.32, 0.01, 265.0),
    edge: (0.55, 0.012, 265.0),
    accent: (0.78, 0.1, 262.0),
    class: (0.79, 0.63, 0.12),
    series: 0.74,
};
/// Hue of the first class in degrees; the others follow at equal steps around the circle.
const FIRST_HUE: f64 = 25.0;
/// Hues of the lines of a panel: far apart one after the other.
const SERIES_HUES: [f64; 8] = [262.0, 45.0, 155.0, 330.0, 205.0, 90.0, 300.0, 15.0];
/// Steps that a ramp has as named colours.
pub const RAMP_STEPS: usize = 16;

struct Theme {
    paper: Oklch,
    ink: Oklch,
    soft: Oklch,
    rule: Oklch,
    edge: Oklch,
    accent: Oklch,
    /// Lightness, that of every other class, and chroma.
    class: (f64, f64, f64),
    /// Lightness of the lines of a panel and of ramps.
    series: f64,
}

impl Theme {
    fn colour(&self, paint: Paint) -> Rgb {
        oklch(match paint {
            Paint::Paper => self.paper,
            Paint::Ink => self.ink,
            Paint::Soft => self.soft,
            Paint::Rule => self.rule,
            Paint::Edge => self.edge,
            Paint::Accent => self.accent,
            Paint::Class { class, of } => {
                let (light, dark, chroma) = self.class;
                let hue = FIRST_HUE + 360.0 * class as f64 / of.max(1) as f64;
                (if class.is_multiple_of(2) { dark } else { light }, chroma, hue)
            }
            Paint::Series(i) => (self.series, 0.13, SERIES_HUES[i % SERIES_HUES.len()]),
            Paint::Ramp(share) => {
                let step = ramp_step(share) as f64 / (RAMP_STEPS - 1) as f64;
                (self.series + 0.1 * (step - 0.5), 0.14, 285.0 - 245.0 * step)
            }
        })
    }
}

fn ramp_step(share: f64) -> usize {
    (share.clamp(0.0, 1.0) * (RAMP_STEPS - 1) as f64).round() as usize
}

impl Paint {
    /// The colour in the light theme.
    pub fn light(self) -> Rgb {
        LIGHT.colour(self)
    }

    /// The name of the variable that holds the colour in a page of ours.
    pub fn variable(self) -> String {
        match self {
            Self::Paper => "--paper".into(),
            Self::Ink => "--ink".into(),
            Self::Soft => "--soft".into(),
            Self::Rule => "--rule".into(),
            Self::Edge => "--edge".into(),
            Self::Accent => "--accent".into(),
            Self::Class { class, of } => format!("--class-{class}-of-{of}"),
            Self::Series(i) => format!("--series-{}", i % SERIES_HUES.len()),
            Self::Ramp(share) => format!("--ramp-{}", ramp_step(share)),
        }
    }
}

/// Definitions of all colours for a page with models of these numbers of classes: of the light theme, and of the dark one
/// where that is asked for.
pub fn tokens(classes: &[usize], dark: bool) -> String {
    let theme = if dark { DARK } else { LIGHT };
    let plain = [Paint::Paper, Paint::Ink, Paint::Soft, Paint::Rule, Paint::Edge, Paint::Accent];
    let series = (0..SERIES_HUES.len()).map(Paint::Series);
    let ramp = (0..RAMP_STEPS).map(|i| Paint::Ramp(i as f64 / (RAMP_STEPS - 1) as f64));
    let classes = classes.iter().flat_map(|&of| (0..of).map(move |class| Paint::Class { class, of }));
    let all = plain.into_iter().chain(series).chain(ramp).chain(classes);
    all.map(|paint| format!("{}:{};", paint.variable(), theme.colour(paint))).collect()
}

/// A colour of OKLCH; what no screen shows is brought to the nearest that it does, channel by channel.
fn oklch((lightness, chroma, hue): Oklch) -> Rgb {
    let (sin, cos) = hue.to_radians().sin_cos();
    let (a, b) = (chroma * cos, chroma * sin);
    let cube = |value: f64| value * value * value;
    let l = cube(lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b);
    let m = cube(lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b);
    let s = cube(lightness - 0.089_484_177_5 * a - 1.291_485_548 * b);
    let linear = [
        4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
        -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
        -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s,
    ];
    let encoded = |v: f64| {
        let v = v.clamp(0.0, 1.0);
        let v = if v <= 0.003_130_8 { 12.92 * v } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 };
        (255.0 * v).round() as u8
    };
    Rgb(linear.map(encoded))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(Rgb(rgb): Rgb) -> f64 {
        let linear = |v: u8| {
            let v = f64::from(v) / 255.0;
            if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2])
    }

    fn contrast(a: Rgb, b: Rgb) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn known_colours_are_met() {
        assert_eq!(oklch((1.0, 0.0, 0.0)), Rgb([255; 3]));
        assert_eq!(oklch((0.0, 0.0, 0.0)), Rgb([0; 3]));
        // sRGB red, to the rounding of its published coordinates.
        let Rgb([r, g, b]) = oklch((0.627_955, 0.257_683, 29.233_88));
        assert!(r >= 254 && g <= 2 && b <= 2, "{r} {g} {b}");
        assert_eq!(Rgb([1, 171, 255]).to_string(), "#01abff");
    }

    #[test]
    fn words_and_lines_stand_out_in_both_themes() {
        for theme in [LIGHT, DARK] {
            let against = |paint| contrast(theme.colour(paint), theme.colour(Paint::Paper));
            assert!(against(Paint::Ink) > 7.0 && against(Paint::Soft) > 4.5);
            for i in 0..SERIES_HUES.len() {
                assert!(against(Paint::Series(i)) > 3.0, "series {i}: {}", against(Paint::Series(i)));
            }
            for i in 0..RAMP_STEPS {
                let paint = Paint::Ramp(i as f64 / (RAMP_STEPS - 1) as f64);
                assert!(against(paint) > 2.5, "step {i}: {}", against(paint));
            }
        }
    }

    #[test]
    fn every_colour_of_a_page_is_defined_once() {
        for dark in [false, true] {
            let tokens = tokens(&[10], dark);
            let class = Paint::Class { class: 9, of: 10 };
            for paint in [Paint::Ink, class, Paint::Series(7), Paint::Ramp(0.5), Paint::Ramp(1.0)] {
                assert_eq!(tokens.matches(&format!("{}:", paint.variable())).count(), 1, "{paint:?}");
            }
        }
    }
}
