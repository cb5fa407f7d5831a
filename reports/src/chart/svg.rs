//! Charts to SVG.
//!
//! The canvas has `FINENESS` units to a pixel of the page, since plotters places things at whole units.
//! What plotters writes is made smaller and given names of the style sheet instead of colours and fonts; its text is deterministic, and so is ours.

use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axis::Tick;
use super::paint::to_style_sheet;
use super::{Axis, Chart, Mark, Paint, Panel};

/// Units of the canvas to a pixel of the page.
const FINENESS: i32 = 2;
/// Height of the text, in units; the style sheet sets the same.
const TEXT: i32 = 24;
/// Mean width of a character, in units.
const CHARACTER: f64 = 14.0;
/// Room between an axis and its labels.
const GAP: i32 = 10;
/// Width of lines, in units.
const LINE: u32 = 4;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Plot<'a> = DrawingArea<SVGBackend<'a>, Cartesian2d<Axis, Axis>>;
type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// Draws a chart.
///
/// `title` is what a screen reader says of it; `id` must be unique on the page.
#[must_use]
pub fn svg(chart: &Chart, id: &str, title: &str) -> String {
    let columns = chart.columns.max(1);
    let rows: Vec<&[Panel]> = chart.panels.chunks(columns).collect();
    let height: i32 = rows.iter().map(|row| row_height(row)).sum();
    let (width, height) = (units(chart.width), height.max(1));
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, (width as u32, height as u32)).into_drawing_area();
        let drawn = draw(&root, &rows, columns, width).and_then(|()| root.present());
        drawn.expect("drawing into memory does not fail");
    }
    finish(&text, width, height, id, title)
}

/// Where a panel's plot is on the canvas.
#[derive(Clone, Copy)]
struct Frame {
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
}

fn draw(root: &Area<'_>, rows: &[&[Panel]], columns: usize, width: i32) -> Drawn {
    // Panels above each other have their axes above each other, and all plots are equally wide.
    let widest = |room: fn(&Panel) -> i32| -> Vec<i32> {
        let of = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(room).max().unwrap_or(0);
        (0..columns).map(of).collect()
    };
    let (lefts, rights) = (widest(left_room), widest(right_room));
    let around: i32 = lefts.iter().chain(&rights).sum();
    let each = (width - around) / columns as i32;
    let mut top = 0;
    for row in rows {
        let mut left = 0;
        for (column, panel) in row.iter().enumerate() {
            let frame = Frame {
                left: left + lefts[column],
                right: left + lefts[column] + each,
                top: top + above_room(panel),
                bottom: top + units(panel.height) - below_room(&panel.x),
            };
            draw_panel(root, panel, frame, left)?;
            left = frame.right + rights[column];
        }
        top += row_height(row);
    }
    Ok(())
}

fn draw_panel(root: &Area<'_>, panel: &Panel, frame: Frame, left: i32) -> Drawn {
    let horizontal = frame.left..frame.right.max(frame.left + 1);
    let vertical = frame.bottom.max(frame.top + 1)..frame.top;
    let places = Cartesian2d::new(panel.x.clone(), panel.y.clone(), (horizontal, vertical));
    let plot = root.apply_coord_spec(places);
    draw_axes(root, &plot, panel, frame)?;
    for mark in &panel.marks {
        draw_mark(&plot, panel, mark)?;
    }
    // The base is drawn last, since stems run along it.
    let (x, y) = (&panel.x, &panel.y);
    let base = Paint::Muted.number().stroke_width(3);
    plot.draw(&PathElement::new([(x.low(), y.low()), (x.high(), y.low())], base))?;
    let title_at = (left, frame.top - GAP * 2);
    match &panel.title {
        Some(title) => words(root, title, title_at, Paint::Ink, HPos::Left, VPos::Bottom),
        None => words(root, &panel.y.title, title_at, Paint::Muted, HPos::Left, VPos::Bottom),
    }
}

fn draw_axes(root: &Area<'_>, plot: &Plot<'_>, panel: &Panel, frame: Frame) -> Drawn {
    let (x, y) = (&panel.x, &panel.y);
    let grid = Paint::Grid.number().stroke_width(2);
    for tick in x.ticks.iter().filter(|_| x.grid) {
        plot.draw(&PathElement::new([(tick.at, y.low()), (tick.at, y.high())], grid))?;
    }
    let place = |tick: &Tick| plot.map_coordinate(&(tick.at, y.low())).0;
    for tick in without_overlap(x, place) {
        words(root, &tick.label, (place(tick), frame.bottom + GAP), Paint::Muted, HPos::Center, VPos::Top)?;
    }
    for tick in &y.ticks {
        let place = plot.map_coordinate(&(x.low(), tick.at)).1;
        if y.grid {
            plot.draw(&PathElement::new([(x.low(), tick.at), (x.high(), tick.at)], grid))?;
        }
        words(root, &tick.label, (frame.left - GAP, place), Paint::Muted, HPos::Right, VPos::Center)?;
    }
    let middle = (frame.left + frame.right) / 2;
    words(root, &x.title, (middle, frame.bottom + TEXT + GAP * 2), Paint::Muted, HPos::Center, VPos::Top)
}

/// The ticks of a horizontal axis whose labels fit beside each other.
///
/// Decades and the like go first, and where two of them are shown the others are shown only if all of them fit.
fn without_overlap(x: &Axis, place: impl Fn(&Tick) -> i32) -> Vec<&Tick> {
    let (first, others): (Vec<&Tick>, Vec<&Tick>) =
        x.ticks.iter().filter(|tick| !tick.label.is_empty()).partition(|tick| tick.first);
    let mut taken: Vec<(i32, i32)> = Vec::new();
    let mut fits = |tick: &&Tick| {
        let half = text_width(tick.label.chars().count()) / 2;
        let (from, to) = (place(tick) - half, place(tick) + half);
        let free = taken.iter().all(|&(begin, end)| to + GAP < begin || end + GAP < from);
        if free {
            taken.push((from, to));
        }
        free
    };
    let mut shown: Vec<&Tick> = first.into_iter().filter(&mut fits).collect();
    let fitting: Vec<&Tick> = others.iter().copied().filter(&mut fits).collect();
    if shown.len() < 2 || fitting.len() == others.len() {
        shown.extend(fitting);
    }
    shown
}

fn draw_mark(plot: &Plot<'_>, panel: &Panel, mark: &Mark) -> Drawn {
    let upright = |at: f64, paint: Paint, width: u32| {
        let style = paint.number().stroke_width(width);
        PathElement::new([(at, panel.y.low()), (at, panel.y.high())], style)
    };
    match mark {
        Mark::Line { points, paint } => plot.draw(&PathElement::new(points.clone(), paint.number().stroke_width(LINE))),
        Mark::Box { from, to, paint } => plot.draw(&Rectangle::new([*from, *to], paint.number().filled())),
        Mark::Dots { points, paint, radius } => {
            points.iter().try_for_each(|at| plot.draw(&Circle::new(*at, units(*radius), paint.number().filled())))
        }
        Mark::Stems { points, paint } => {
            // One line that goes up and down, which is a tenth of the text of many lines.
            let low = panel.y.low();
            let path: Vec<(f64, f64)> = points.iter().flat_map(|&(x, y)| [(x, low), (x, y), (x, low)]).collect();
            plot.draw(&PathElement::new(path, paint.number().stroke_width(LINE / 2)))
        }
        Mark::Whisker { low, high, at, paint } => {
            let style = paint.number().stroke_width(LINE - 1);
            plot.draw(&PathElement::new([(*low, *at), (*high, *at)], style))?;
            for end in [*low, *high] {
                let (x, y) = plot.map_coordinate(&(end, *at));
                let cap = [(x, y - GAP), (x, y + GAP)];
                plot.strip_coord_spec().draw(&PathElement::new(cap, style))?;
            }
            Ok(())
        }
        Mark::Rule { at, paint } => plot.draw(&upright(*at, *paint, 2)),
        Mark::Words { at, text, paint } => {
            let (x, y) = plot.map_coordinate(at);
            words(&plot.strip_coord_spec(), text, (x + GAP, y), *paint, HPos::Left, VPos::Center)
        }
    }
}

fn words(root: &Area<'_>, text: &str, at: (i32, i32), paint: Paint, h: HPos, v: VPos) -> Drawn {
    if text.is_empty() {
        return Ok(());
    }
    let rgb = paint.number();
    let style = TextStyle::from(("sans-serif", TEXT)).color(&rgb).pos(Pos::new(h, v));
    root.draw(&Text::new(text.to_owned(), at, style))
}

fn row_height(row: &[Panel]) -> i32 {
    units(row.iter().map(|panel| panel.height).max().unwrap_or(0))
}

fn left_room(panel: &Panel) -> i32 {
    text_width(panel.y.label_length()) + GAP * 2
}

/// A label at the right end of the horizontal axis needs half its width beyond the end.
fn right_room(panel: &Panel) -> i32 {
    let last = panel.x.ticks.iter().rfind(|tick| !tick.label.is_empty());
    last.map_or(0, |tick| text_width(tick.label.chars().count()) / 2).max(GAP) + GAP
}

fn above_room(panel: &Panel) -> i32 {
    if panel.title.is_some() || !panel.y.title.is_empty() { TEXT + GAP * 3 } else { GAP }
}

fn below_room(x: &Axis) -> i32 {
    match (x.title.is_empty(), x.label_length()) {
        (true, 0) => GAP,
        (true, _) => TEXT + GAP * 2,
        (false, _) => 2 * TEXT + GAP * 3,
    }
}

fn text_width(characters: usize) -> i32 {
    (characters as f64 * CHARACTER).ceil() as i32
}

fn units(pixels: u32) -> i32 {
    pixels as i32 * FINENESS
}

/// Makes the drawing part of a page: no size but the view box, a title for screen readers, and the style sheet's names.
fn finish(text: &str, width: i32, height: i32, id: &str, title: &str) -> String {
    let mut svg = format!(
        "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"{id}-title\" style=\"max-width:{}px\">\n<title id=\"{id}-title\">{}</title>\n",
        width / FINENESS * 5 / 4,
        escape(title),
    );
    for line in text.lines().skip(1) {
        let line = without_font(line).replace(" opacity=\"1\"", "").replace(" stroke=\"none\"", "");
        svg.push_str(&line);
        // The words of a text stand on a line of their own.
        if line.starts_with('<') && !line.starts_with("<text") {
            svg.push('\n');
        }
    }
    to_style_sheet(&svg)
}

/// The line without the attributes of its font, which the page sets.
fn without_font(line: &str) -> String {
    let Some(begin) = line.find(" font-family=") else {
        return line.to_owned();
    };
    let mark = " font-size=\"";
    let end = line[begin..].find(mark).map(|at| begin + at + mark.len());
    match end.and_then(|end| line[end..].find('"').map(|at| end + at + 1)) {
        Some(end) => format!("{}{}", &line[..begin], &line[end..]),
        None => line.to_owned(),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Unit;
    use expect_test::expect;

    #[test]
    fn a_chart_is_a_small_text_of_the_style_sheets_names() {
        let y = Axis::rows(&["gen".into(), "ms <&>".into()]);
        let chart = Chart {
            width: 200,
            columns: 1,
            panels: vec![Panel {
                title: None,
                height: 100,
                x: Axis::from_zero("total time", 1.0e9, Unit::Time),
                y,
                marks: vec![
                    Mark::Box { from: (0.0, 1.2), to: (1.0e9, 1.8), paint: Paint::Mutator },
                    Mark::Whisker { low: 0.9e9, high: 1.0e9, at: 1.5, paint: Paint::Ink },
                    Mark::Words { at: (0.0, 0.5), text: "out of memory".into(), paint: Paint::Bad },
                ],
            }],
        };
        expect![[r#"
            <svg viewBox="0 0 400 200" role="img" aria-labelledby="time-title" style="max-width:250px">
            <title id="time-title">Time &lt;of&gt; all</title>
            <polyline fill="none" stroke="var(--grid)" stroke-width="2" points="104,122 104,10 "/>
            <polyline fill="none" stroke="var(--grid)" stroke-width="2" points="166,122 166,10 "/>
            <polyline fill="none" stroke="var(--grid)" stroke-width="2" points="228,122 228,10 "/>
            <polyline fill="none" stroke="var(--grid)" stroke-width="2" points="290,122 290,10 "/>
            <polyline fill="none" stroke="var(--grid)" stroke-width="2" points="352,122 352,10 "/>
            <text x="104" y="132" dy="0.76em" text-anchor="middle" fill="var(--muted)">0</text>
            <text x="166" y="132" dy="0.76em" text-anchor="middle" fill="var(--muted)">250</text>
            <text x="228" y="132" dy="0.76em" text-anchor="middle" fill="var(--muted)">500</text>
            <text x="290" y="132" dy="0.76em" text-anchor="middle" fill="var(--muted)">750</text>
            <text x="352" y="132" dy="0.76em" text-anchor="middle" fill="var(--muted)">1000</text>
            <text x="94" y="38" dy="0.5ex" text-anchor="end" fill="var(--muted)">gen</text>
            <text x="94" y="94" dy="0.5ex" text-anchor="end" fill="var(--muted)">ms &lt;&amp;&gt;</text>
            <text x="233" y="166" dy="0.76em" text-anchor="middle" fill="var(--muted)">total time (ms)</text>
            <rect x="104" y="21" width="248" height="34" fill="var(--mutator)"/>
            <polyline fill="none" stroke="var(--ink)" stroke-width="3" points="327,38 352,38 "/>
            <polyline fill="none" stroke="var(--ink)" stroke-width="3" points="327,28 327,48 "/>
            <polyline fill="none" stroke="var(--ink)" stroke-width="3" points="352,28 352,48 "/>
            <text x="114" y="94" dy="0.5ex" text-anchor="start" fill="var(--bad)">out of memory</text>
            <polyline fill="none" stroke="var(--muted)" stroke-width="3" points="104,122 362,122 "/>
            </svg>
        "#]]
        .assert_eq(&svg(&chart, "time", "Time <of> all"));
    }
}
