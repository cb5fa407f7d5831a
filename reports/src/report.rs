//! A session to a page and its data files.

use std::io;
use std::path::Path;

use tenure_record::Session;

use crate::compare::Overheads;
use crate::figure::{
    self, Figure, footprint, heap_timeline, latency, pause_cumulative, pause_histogram, pause_timeline, phases, ratios,
    slug, sweep, time_split, utilisation,
};
use crate::matrix::Matrix;
use crate::page::{self, Content, Section};

/// A page, and the data of its figures and tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The page: one file that needs no other, no network and no script.
    pub html: String,
    /// Names and contents of the CSV files that the page links to, in the order of the page.
    pub figures: Vec<(String, String)>,
}

/// The name of the page's file.
pub const PAGE: &str = "index.html";

/// Draws a session.
///
/// The same records give the same bytes: resampling is seeded, and no clock is asked.
#[must_use]
pub fn render(session: &Session) -> Report {
    let matrix = Matrix::new(session);
    let sweep = sweep::Sweep::new(&matrix);
    let overheads = Overheads::new(&matrix);
    let mut names = Names { taken: page::ANCHORS.map(str::to_owned).to_vec(), files: Vec::new() };
    let mut overview: Vec<Figure> = Vec::new();
    overview.extend(sweep.as_ref().and_then(|sweep| sweep::overheads(&matrix, sweep, &overheads)));
    overview.extend(ratios::figure(&matrix));
    let overview = names.section("", overview);
    let summary = names.table("summary-means", page::summary::table(&matrix, &overheads));
    let nominal = names.table("workloads", page::nominal::table(&matrix));
    let sections = (0..matrix.workloads.len())
        .map(|workload| {
            let label = &matrix.workloads[workload].label;
            let anchor = names.free(&slug(label));
            let mut figures: Vec<Figure> = Vec::new();
            figures.extend(sweep.as_ref().and_then(|sweep| sweep::figure(&matrix, sweep, workload)));
            figures.extend(WORKLOAD_FIGURES.iter().filter_map(|figure| figure(&matrix, workload)));
            let figures = names.section(&anchor, figures);
            let table = |name: &str| format!("{anchor}-{name}");
            Section {
                workload,
                results: names.table(&table("results"), page::workload::results(&matrix, workload, &overheads)),
                grid: sweep
                    .as_ref()
                    .and_then(|sweep| names.table(&table("grid"), page::grid::table(&matrix, sweep, workload))),
                percentiles: names.table(&table("pauses"), page::workload::percentiles(&matrix, workload)),
                latencies: names.table(&table("requests"), page::workload::latencies(&matrix, workload)),
                anchor,
                figures,
            }
        })
        .collect();
    let html = page::html(&Content { matrix: &matrix, summary, nominal, overview, sections });
    Report { html, figures: names.files }
}

/// Writes a page and its data files into a directory, which is made if it isn't there.
///
/// # Errors
///
/// If a file can't be written; the message names it.
pub fn write_report(report: &Report, directory: &Path) -> io::Result<()> {
    let named = |path: &Path, error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    std::fs::create_dir_all(directory).map_err(|error| named(directory, error))?;
    let page = (PAGE.to_owned(), report.html.clone());
    for (name, content) in std::iter::once(&page).chain(&report.figures) {
        let path = directory.join(name);
        std::fs::write(&path, content).map_err(|error| named(&path, error))?;
    }
    Ok(())
}

/// The figures of a workload, in the order of the page.
const WORKLOAD_FIGURES: [fn(&Matrix<'_>, usize) -> Option<Figure>; 9] = [
    time_split::figure,
    phases::figure,
    footprint::figure,
    pause_cumulative::figure,
    utilisation::figure,
    pause_histogram::figure,
    pause_timeline::figure,
    heap_timeline::figure,
    latency::figure,
];

/// Gives every figure and table a name of its own, and collects their data.
#[derive(Debug)]
struct Names {
    taken: Vec<String>,
    files: Vec<(String, String)>,
}

impl Names {
    /// The wished name, or with a number if it's taken.
    fn free(&mut self, wish: &str) -> String {
        let wish = if wish.is_empty() { "unnamed" } else { wish };
        let mut name = wish.to_owned();
        let mut number = 1;
        while self.taken.contains(&name) {
            number += 1;
            name = format!("{wish}-{number}");
        }
        self.taken.push(name.clone());
        name
    }

    fn section(&mut self, prefix: &str, figures: Vec<Figure>) -> Vec<Figure> {
        let named = figures.into_iter().map(|mut figure| {
            let wish = if prefix.is_empty() { figure.id.clone() } else { format!("{prefix}-{}", figure.id) };
            figure.id = self.free(&wish);
            self.files.push((figure::Figure::file(&figure.id), figure.csv.clone()));
            figure
        });
        named.collect()
    }

    fn table(&mut self, wish: &str, table: Option<page::DataTable>) -> Option<page::DataTable> {
        let mut table = table?;
        table.id = self.free(wish);
        self.files.push((Figure::file(&table.id), table.csv.clone()));
        Some(table)
    }
}
