//! The page: one HTML file that needs no other, no network and no script.
//!
//! | module | part |
//! |---|---|
//! | [`summary`] | configurations against the baseline, over all workloads |
//! | [`nominal`] | what kind of programs the workloads are |
//! | [`grid`] | the costs of a sweep, value by value |
//! | [`workload`] | the tables and figures of a workload |
//! | [`limits`] | failures, and what was not measured |
//! | [`conditions`] | machine, tool, command, options |
//! | [`method`] | how each number is made |
//! | [`parts`] | figures, legends and cells, as markup |

pub mod conditions;
pub mod grid;
pub mod limits;
pub mod method;
pub mod nominal;
pub mod parts;
pub mod summary;
pub mod workload;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::figure::Figure;
use crate::matrix::Matrix;
use crate::units::count;

/// A table with its data file.
#[derive(Clone, Debug)]
pub struct DataTable {
    /// Its name, unique on the page.
    pub id: String,
    /// The table as markup.
    pub markup: Markup,
    /// The table as CSV, with all digits.
    pub csv: String,
}

/// What belongs to a workload.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its row of the matrix.
    pub workload: usize,
    /// Its name in links.
    pub anchor: String,
    /// Its results by configuration.
    pub results: Option<DataTable>,
    /// Its costs over the option that was swept.
    pub grid: Option<DataTable>,
    /// Percentiles of its pauses.
    pub percentiles: Option<DataTable>,
    /// Percentiles of its requests.
    pub latencies: Option<DataTable>,
    /// Its figures.
    pub figures: Vec<Figure>,
}

/// Everything that is on the page.
#[derive(Clone, Debug)]
pub struct Content<'a> {
    /// The records, sorted.
    pub matrix: &'a Matrix<'a>,
    /// The table of the summary.
    pub summary: Option<DataTable>,
    /// What kind of programs the workloads are.
    pub nominal: Option<DataTable>,
    /// The figures of the summary.
    pub overview: Vec<Figure>,
    /// The workloads.
    pub sections: Vec<Section>,
}

/// The names of the page's own sections, which no workload may take.
pub const ANCHORS: [&str; 5] = ["summary", "failures", "not-measured", "conditions", "method"];

/// The style sheet, which is copied into the page.
const STYLE: &str = include_str!("page/page.css");

/// The page as text.
#[must_use]
pub fn html(content: &Content<'_>) -> String {
    let matrix = content.matrix;
    let header = &matrix.session.header;
    let title = header.title.as_deref().unwrap_or("Measurements of garbage collectors for Emacs Lisp");
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content=(format!("{} {}", header.tool, header.tool_version));
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#summary" { "Skip to the results" }
                (head(matrix, title))
                (contents(content))
                main {
                    (summary::section(content))
                    @for section in &content.sections { (workload::section(matrix, section)) }
                    (limits::failures(matrix))
                    (limits::not_measured(matrix))
                    (conditions::section(matrix))
                    (method::section())
                }
            }
        }
    };
    let mut text = page.into_string();
    text.push('\n');
    text
}

fn head(matrix: &Matrix<'_>, title: &str) -> Markup {
    let header = &matrix.session.header;
    let invocations = matrix.session.invocations.len();
    let commit = header.commit.as_deref().map(|commit| commit.chars().take(12).collect::<String>());
    html! {
        header.top {
            p.kicker { (header.tool) " " (header.tool_version) " · report" }
            h1 { (title) }
            ul.facts {
                li { b { (matrix.workloads.len()) } " workload" (parts::plural(matrix.workloads.len())) }
                li { b { (matrix.configs.len()) } " configuration" (parts::plural(matrix.configs.len())) }
                li { b { (count(invocations as f64)) } " fresh process" (if invocations == 1 { "" } else { "es" }) }
                @if let Some(cpu) = &header.host.cpu_model { li { (cpu) } }
                @if let Some(commit) = commit { li { "commit " code { (commit) } @if header.dirty { " with changes" } } }
                @if let Some(started) = &header.started { li { (started) } }
            }
            @if header.synthetic {
                p.banner role="note" {
                    b { "Synthetic data." }
                    " These numbers come from a generator, not from a machine: the page shows what a report looks like, and says nothing about any collector."
                }
            }
        }
    }
}

fn contents(content: &Content<'_>) -> Markup {
    html! {
        nav aria-label="Contents" {
            a href="#summary" { "Summary" }
            @for section in &content.sections {
                a.workload href=(format!("#{}", section.anchor)) { (content.matrix.workloads[section.workload].label) }
            }
            @if limits::any_failure(content.matrix) { a href="#failures" { "Failures" } }
            a href="#not-measured" { "Not measured" }
            a href="#conditions" { "Conditions" }
            a href="#method" { "Method" }
        }
    }
}
