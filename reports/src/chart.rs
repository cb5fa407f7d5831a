//! Charts: a description of panels, axes and marks, and its drawing as SVG.
//!
//! Figures say what is to be seen ([`Chart`]); [`svg`] draws it with plotters, and puts the page's colours in place of numbers, so that the same drawing serves a light and a dark page.
//!
//! | module | what it has |
//! |---|---|
//! | [`axis`] | scales, ranges, ticks and their labels |
//! | [`paint`] | what a colour stands for, and its name in the style sheet |
//! | [`svg`] | the drawing |

pub mod axis;
pub mod paint;
pub mod svg;

pub use axis::Axis;
pub use paint::Paint;

/// A drawing of one or more panels.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Width in pixels of the page.
    pub width: u32,
    /// Panels, row by row.
    pub panels: Vec<Panel>,
    /// How many panels are side by side.
    pub columns: usize,
}

/// A pair of axes and what is drawn between them.
#[derive(Clone, Debug)]
pub struct Panel {
    /// What tells it from the other panels.
    pub title: Option<String>,
    /// Height in pixels of the page, axes included.
    pub height: u32,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// What is drawn, in order.
    pub marks: Vec<Mark>,
}

/// Something drawn between the axes, in their values.
#[derive(Clone, Debug)]
pub enum Mark {
    /// A line through points.
    Line {
        /// The points.
        points: Vec<(f64, f64)>,
        /// Its colour, and with that its dashes.
        paint: Paint,
    },
    /// A box, to draw bars with.
    Box {
        /// A corner.
        from: (f64, f64),
        /// The opposite corner.
        to: (f64, f64),
        /// Its colour.
        paint: Paint,
    },
    /// Dots.
    Dots {
        /// Where they are.
        points: Vec<(f64, f64)>,
        /// Their colour.
        paint: Paint,
        /// Their radius in pixels of the page.
        radius: u32,
    },
    /// Upright lines from the lower edge to each point.
    Stems {
        /// Where they end.
        points: Vec<(f64, f64)>,
        /// Their colour.
        paint: Paint,
    },
    /// A horizontal interval with ends.
    Whisker {
        /// Its left end.
        low: f64,
        /// Its right end.
        high: f64,
        /// Its height.
        at: f64,
        /// Its colour.
        paint: Paint,
    },
    /// A line across the whole panel, upright at a value of x.
    Rule {
        /// Where it crosses the horizontal axis.
        at: f64,
        /// Its colour.
        paint: Paint,
    },
    /// Words, beginning at a point, in the middle of its height.
    Words {
        /// The point.
        at: (f64, f64),
        /// The words.
        text: String,
        /// Their colour.
        paint: Paint,
    },
}
