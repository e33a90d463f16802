//! The shape of a data set's images, by its pictures.

use super::plan::Plan;
use super::{Colour, Reading, SIDE_STEP, SIDES};
use crate::{Error, Result};

/// Pictures that are looked at, spread evenly over all.
const LOOKED_AT: usize = 200;
/// Dimensions of the largest images that are chosen without being asked for: novelty is fitted to no more.
const MOST_DIMS: usize = 4096;

/// Channels, rows and columns of the images: as `reading` says; else of the side of the median picture, at most 64 in grey
/// and 36 in colour, and with colour where more than one in twenty pictures has it.
///
/// # Errors
/// When the side asked for is none that a network takes, or no picture can be read.
pub(super) fn shape(plan: &Plan, reading: &Reading) -> Result<[usize; 3]> {
    if let Some(size) = reading.size {
        check_side(size)?;
    }
    if let (Some(size), Some(colour)) = (reading.size, reading.colour) {
        return Ok([colour.channels(), size, size]);
    }
    let step = plan.items.len().div_ceil(LOOKED_AT).max(1);
    let wanted: Vec<usize> = (0..plan.items.len()).step_by(step).collect();
    let (mut sides, mut coloured) = (Vec::new(), 0);
    plan.each(
        &wanted,
        |_, picture| picture.ok().map(|picture| (picture.size(), picture.has_colour())),
        |_, found| {
            if let Some(((width, height), has_colour)) = found {
                sides.push(width.min(height));
                coloured += usize::from(has_colour);
            }
            Ok(())
        },
    )?;
    sides.sort_unstable();
    let Some(&median) = sides.get(sides.len() / 2) else {
        return Ok([1, SIDES[0], SIDES[0]]);
    };
    let rounded = (median + SIDE_STEP / 2) / SIDE_STEP * SIDE_STEP;
    let colour =
        reading.colour.unwrap_or(if 20 * coloured > sides.len() { Colour::Rgb } else { Colour::Grey });
    let largest = (MOST_DIMS / colour.channels()).isqrt() / SIDE_STEP * SIDE_STEP;
    let side = reading.size.unwrap_or(rounded.clamp(SIDES[0], largest));
    Ok([colour.channels(), side, side])
}

/// Refuses a side that networks do not take.
///
/// # Errors
/// [`Error::Usage`] says which they take.
pub(super) fn check_side(side: usize) -> Result<()> {
    let [least, most] = SIDES;
    if (least..=most).contains(&side) && side.is_multiple_of(SIDE_STEP) {
        return Ok(());
    }
    Err(Error::Usage(format!("size is {side}, must be a multiple of {SIDE_STEP} from {least} to {most}")))
}
