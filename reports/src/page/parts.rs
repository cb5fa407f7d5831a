//! Figures, legends and cells, as markup.

use maud::{Markup, PreEscaped, html};

use super::DataTable;
use crate::chart::Paint;
use crate::chart::svg::svg;
use crate::figure::{Figure, THIRD, WHOLE};
use crate::matrix::Matrix;
use crate::stats::bootstrap::Estimate;
use crate::units::Unit;

/// A figure with its title, legend, drawing and words.
pub fn figure(figure: &Figure) -> Markup {
    let id = &figure.id;
    let class = match figure.chart.width {
        WHOLE => "whole",
        THIRD => "third",
        _ => "half",
    };
    html! {
        figure id=(id) class=(class) {
            h3 { (figure.title) }
            (legend(&figure.legend))
            div.drawing { (PreEscaped(svg(&figure.chart, id, &figure.title))) }
            figcaption {
                @for note in figure.notes.iter().filter(|note| !note.is_empty()) { (note) " " }
                (data(id))
            }
        }
    }
}

/// Figures in the page's columns.
pub fn figures(all: &[Figure]) -> Markup {
    html! { div.figures { @for one in all { (figure(one)) } } }
}

/// A table below its title, with a link to its data.
pub fn table(title: &str, table: &DataTable, note: &Markup) -> Markup {
    html! {
        section.table id=(table.id) {
            h3 { (title) }
            div.scroll tabindex="0" role="region" aria-label=(title) { (table.markup) }
            p.note { (note) " " (data(&table.id)) }
        }
    }
}

/// A long table that is folded away until someone wants it; a short one as it is.
pub fn folded(title: &str, of: &DataTable, note: &Markup, fold: bool) -> Markup {
    html! {
        @if fold {
            details { summary { (title) } (table(title, of, note)) }
        } @else {
            (table(title, of, note))
        }
    }
}

fn data(id: &str) -> Markup {
    let file = Figure::file(id);
    html! { a.data href=(file) download { "Data: " (file) } }
}

fn legend(entries: &[(Paint, String)]) -> Markup {
    html! {
        @if !entries.is_empty() {
            ul.legend { @for (paint, name) in entries { li { (swatch(*paint)) (name) } } }
        }
    }
}

/// A sample of a colour: a line with its dashes for a series, a box for anything else.
pub fn swatch(paint: Paint) -> Markup {
    let name = format!("var(--{})", paint.name());
    html! {
        svg.swatch viewBox="0 0 44 16" aria-hidden="true" {
            @match paint {
                Paint::Series(_) => { polyline fill="none" stroke=(name) stroke-width="4" points="0,8 44,8" {} }
                _ => { rect x="10" y="0" width="24" height="16" fill=(name) {} }
            }
        }
    }
}

/// The head of a row: the configuration in its colour.
pub fn config_head(matrix: &Matrix<'_>, config: usize) -> Markup {
    config_head_with(matrix, config, None)
}

/// The head of a row, with a few words below.
pub fn config_head_with(matrix: &Matrix<'_>, config: usize, below: Option<String>) -> Markup {
    let drawn = matrix.shown.contains(&config);
    html! {
        th.name scope="row" {
            @if drawn { (swatch(Paint::Series(matrix.slot(config)))) }
            (matrix.configs[config].label)
            @if matrix.is_baseline(config) { span.tag { "baseline" } }
            @if matrix.configs[config].is_peer() { span.tag { "peer" } }
            @if let Some(below) = below { span.interval { (below) } }
        }
    }
}

/// A value with the ends of its interval below.
pub fn estimate(estimate: Option<Estimate>, unit: Unit) -> Markup {
    html! {
        td {
            @match estimate {
                Some(estimate) => {
                    (unit.show(estimate.value))
                    (interval(estimate, unit))
                }
                None => { span.none { "–" } }
            }
        }
    }
}

/// The interval below a value; none where all observations are the same.
fn interval(estimate: Estimate, unit: Unit) -> Markup {
    html! {
        @if let Some(interval) = estimate.interval {
            @if interval.low < interval.high {
                span.interval { (unit.show_interval(interval.low, interval.high)) }
            }
        }
    }
}

/// A ratio, marked where its interval is all on one side of 1.
pub fn ratio(estimate: Option<Estimate>, note: Option<String>) -> Markup {
    let Some(estimate) = estimate else {
        return html! { td { span.none { "–" } } };
    };
    let class = match estimate.interval {
        Some(interval) if interval.high < 1.0 => "better",
        Some(interval) if interval.low > 1.0 => "worse",
        _ => "",
    };
    let arrow = match class {
        "better" => "▼ ",
        "worse" => "▲ ",
        _ => "",
    };
    html! {
        td class=(class) {
            @if !arrow.is_empty() { span.arrow aria-hidden="true" { (arrow) } }
            (Unit::Ratio.show(estimate.value)) "×"
            (interval(estimate, Unit::Ratio))
            @if let Some(note) = note { span.interval { (note) } }
        }
    }
}

/// The ending of a word for several things.
pub fn plural(number: usize) -> &'static str {
    if number == 1 { "" } else { "s" }
}
