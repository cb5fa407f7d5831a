//! What a colour stands for.
//!
//! A drawing holds a number in the place of each colour, and [`to_style_sheet`] replaces the numbers by names that `page.css` defines once for a light and once for a dark page.
//! The style sheet also gives each series its dashes, so that lines are told apart without colours.

use plotters::style::RGBColor;

use crate::matrix::MAX_SHOWN;

/// What something is drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// A configuration, by its slot.
    Series(usize),
    /// A kind of pause, by its place in the order of kinds.
    Kind(usize),
    /// A phase of a collection, by its place in the list of a figure.
    Phase(usize),
    /// The mutator's share.
    Mutator,
    /// The collector's share.
    Collector,
    /// Objects in the heap.
    Heap,
    /// Memory that the process holds.
    Resident,
    /// Words and axes.
    Ink,
    /// Labels of ticks.
    Muted,
    /// Lines behind the marks.
    Grid,
    /// A failure.
    Bad,
}

/// How many kinds of pauses have a colour; the last is for all others.
pub const KINDS: usize = 6;
/// How many phases have a colour; the last is for all others.
pub const PHASES: usize = 8;

impl Paint {
    /// Its name in the style sheet.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Series(slot) => format!("s{}", slot % MAX_SHOWN),
            Self::Kind(kind) => format!("k{}", kind.min(KINDS - 1)),
            Self::Phase(phase) => format!("p{}", phase.min(PHASES - 1)),
            Self::Mutator => "mutator".to_owned(),
            Self::Collector => "collector".to_owned(),
            Self::Heap => "heap".to_owned(),
            Self::Resident => "resident".to_owned(),
            Self::Ink => "ink".to_owned(),
            Self::Muted => "muted".to_owned(),
            Self::Grid => "grid".to_owned(),
            Self::Bad => "bad".to_owned(),
        }
    }

    /// The number that stands for it in a drawing.
    #[must_use]
    pub fn number(self) -> RGBColor {
        let place = all().position(|color| color.name() == self.name()).unwrap_or(0);
        RGBColor(0xfe, 0, place as u8)
    }
}

/// All colours.
pub fn all() -> impl Iterator<Item = Paint> {
    [Paint::Ink, Paint::Muted, Paint::Grid, Paint::Mutator, Paint::Collector, Paint::Bad, Paint::Heap, Paint::Resident]
        .into_iter()
        .chain((0..MAX_SHOWN).map(Paint::Series))
        .chain((0..KINDS).map(Paint::Kind))
        .chain((0..PHASES).map(Paint::Phase))
}

/// Puts names of the style sheet in place of the numbers.
#[must_use]
pub fn to_style_sheet(svg: &str) -> String {
    let mut text = svg.to_owned();
    for color in all() {
        let RGBColor(r, g, b) = color.number();
        text = text.replace(&format!("\"#{r:02X}{g:02X}{b:02X}\""), &format!("\"var(--{})\"", color.name()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_color_has_its_own_number() {
        let mut numbers: Vec<RGBColor> = all().map(Paint::number).collect();
        numbers.sort_by_key(|color| color.2);
        numbers.dedup();
        assert_eq!(numbers.len(), all().count());
    }

    #[test]
    fn numbers_become_names() {
        let RGBColor(r, g, b) = Paint::Series(1).number();
        let svg = format!("<a fill=\"#{r:02X}{g:02X}{b:02X}\" stroke=\"none\"/>");
        assert_eq!(to_style_sheet(&svg), "<a fill=\"var(--s1)\" stroke=\"none\"/>");
    }
}
