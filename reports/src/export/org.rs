//! Tables in the shape of elisp-benchmarks: one a configuration, with the same columns, in seconds.
//!
//! A workload of which no invocation finished has words in the place of its first number, and is in no total.

use tenure_record::Session;

use crate::figure::failure_words;
use crate::matrix::Matrix;
use crate::metric::{GC, GC_COUNT, Metric, WALL};
use crate::stats::mean::{mean, standard_deviation};

const HEADS: [&str; 6] = ["test", "non-gc avg (s)", "gc avg (s)", "gcs avg", "tot avg (s)", "tot avg err (s)"];

/// One heading and table a configuration.
#[must_use]
pub fn tables(session: &Session) -> String {
    let matrix = Matrix::new(session);
    let mut text = String::new();
    for (index, config) in matrix.configs.iter().enumerate() {
        text.push_str(&format!("* Results: {}\n\n{}\n", config.label, table(&matrix, index)));
    }
    text
}

/// Averages of a workload.
#[derive(Clone, Copy, Default)]
struct Averages {
    gc: f64,
    collections: f64,
    total: f64,
    error: f64,
}

impl Averages {
    fn row(self, name: &str) -> [String; 6] {
        let seconds = |value: f64| format!("{value:.2}");
        [
            name.to_owned(),
            seconds(self.total - self.gc),
            seconds(self.gc),
            format!("{}", self.collections as u64),
            seconds(self.total),
            seconds(self.error),
        ]
    }
}

fn table(matrix: &Matrix<'_>, config: usize) -> String {
    let mut rows: Vec<[String; 6]> = Vec::new();
    let mut all = Averages::default();
    for (index, workload) in matrix.workloads.iter().enumerate() {
        match averages(matrix, index, config) {
            Some(averages) => {
                all.gc += averages.gc;
                all.collections += averages.collections;
                all.total += averages.total;
                // Errors of independent means add as squares.
                all.error = all.error.hypot(averages.error);
                rows.push(averages.row(&workload.label));
            }
            None => {
                let words = failure_words(matrix, index, config).unwrap_or_else(|| "no time".to_owned());
                let blank = String::new;
                rows.push([workload.label.clone(), words, blank(), blank(), blank(), blank()]);
            }
        }
    }
    rows.push(all.row("total"));
    let widths: Vec<usize> = (0..HEADS.len())
        .map(|column| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.chain([HEADS[column].len()]).max().unwrap_or(0)
        })
        .collect();
    let rule = format!("|{}|\n", widths.iter().map(|width| "-".repeat(width + 2)).collect::<Vec<_>>().join("+"));
    let heads = HEADS.map(str::to_owned);
    let (workloads, total) = rows.split_at(rows.len() - 1);
    let lines = |rows: &[[String; 6]]| rows.iter().map(|row| line(row, &widths)).collect::<String>();
    format!("{}{rule}{}{rule}{}", line(&heads, &widths), lines(workloads), lines(total))
}

/// A row, aligned as org aligns it: words to the left, numbers to the right.
fn line(row: &[String; 6], widths: &[usize]) -> String {
    let mut text = String::from("|");
    for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
        let padding = " ".repeat(width - cell.chars().count());
        // A bar would end the cell.
        let cell = cell.replace('|', "\\vert{}");
        if column == 0 {
            text.push_str(&format!(" {cell}{padding} |"));
        } else {
            text.push_str(&format!(" {padding}{cell} |"));
        }
    }
    text.push('\n');
    text
}

fn averages(matrix: &Matrix<'_>, workload: usize, config: usize) -> Option<Averages> {
    const SECOND: f64 = 1e9;
    let cell = matrix.cell(workload, config)?;
    let of = |metric: Metric| mean(&cell.values(metric));
    Some(Averages {
        total: of(WALL)? / SECOND,
        gc: of(GC).unwrap_or(0.0) / SECOND,
        collections: of(GC_COUNT).unwrap_or(0.0),
        error: standard_deviation(&cell.values(WALL)).unwrap_or(0.0) / SECOND,
    })
}
