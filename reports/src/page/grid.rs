//! The costs of a sweep over one or two options, value by value: a line of the sweep's figure is a row, a value of its option a column.

use maud::{Markup, html};

use super::{DataTable, parts};
use crate::figure::failure_words;
use crate::figure::sweep::Sweep;
use crate::matrix::Matrix;
use crate::metric::{GC, MAX_PAUSE, Metric, PEAK_RSS, WALL};
use crate::table::{Table, number};

/// The blocks of the table.
const METRICS: [Metric; 4] = [WALL, GC, MAX_PAUSE, PEAK_RSS];

/// The table of a workload.
#[must_use]
pub fn table(matrix: &Matrix<'_>, sweep: &Sweep, workload: usize) -> Option<DataTable> {
    let blocks: Vec<Block> = METRICS.iter().filter_map(|metric| Block::new(matrix, sweep, workload, *metric)).collect();
    if blocks.is_empty() {
        return None;
    }
    let mut data = Table::new(["metric", "unit", "line", sweep.option.as_str(), "mean", "outcome"]);
    for block in &blocks {
        for (line, row) in sweep.lines.iter().zip(&block.rows) {
            for ((_, text), cell) in sweep.values.iter().zip(row) {
                let (mean, outcome) = match cell {
                    Cell::Mean(mean) => (number(*mean), String::new()),
                    Cell::Failed(words) => (String::new(), words.clone()),
                    Cell::Absent => continue,
                };
                let of = [block.metric.id, block.metric.unit.symbol(), &line.label, text].map(str::to_owned);
                data.row(of.into_iter().chain([mean, outcome]));
            }
        }
    }
    let markup = html! {
        table.numbers {
            @for block in &blocks {
                thead {
                    tr {
                        th scope="col" { (block.metric.name) ", by " (sweep.option) }
                        @for (_, text) in &sweep.values { th scope="col" { (text) } }
                    }
                }
                tbody {
                    @for (line, row) in sweep.lines.iter().zip(&block.rows) {
                        tr {
                            th.name scope="row" { (parts::swatch(line.paint)) (line.label) }
                            @for cell in row { (block.markup(cell)) }
                        }
                    }
                }
            }
        }
    };
    Some(DataTable { id: String::new(), markup, csv: data.to_csv() })
}

/// A cell of the table.
enum Cell {
    Mean(f64),
    Failed(String),
    Absent,
}

/// The part of the table that belongs to a metric.
struct Block {
    metric: Metric,
    rows: Vec<Vec<Cell>>,
    /// The smallest and the largest mean.
    range: (f64, f64),
}

impl Block {
    fn new(matrix: &Matrix<'_>, sweep: &Sweep, workload: usize, metric: Metric) -> Option<Self> {
        let cell = |config: usize| match matrix.mean(workload, config, metric) {
            Some(mean) => Cell::Mean(mean.value),
            None => failure_words(matrix, workload, config).map_or(Cell::Absent, Cell::Failed),
        };
        let row = |line: &crate::figure::sweep::Line| -> Vec<Cell> {
            let at = |value: f64| line.points.iter().find(|(of, _)| *of == value).map(|(_, config)| *config);
            sweep.values.iter().map(|(value, _)| at(*value).map_or(Cell::Absent, cell)).collect()
        };
        let rows: Vec<Vec<Cell>> = sweep.lines.iter().map(row).collect();
        let means = || {
            rows.iter().flatten().filter_map(|cell| match cell {
                Cell::Mean(mean) => Some(*mean),
                _ => None,
            })
        };
        let range = (means().fold(f64::INFINITY, f64::min), means().fold(0.0, f64::max));
        (range.0 <= range.1).then_some(Self { metric, rows, range })
    }

    fn markup(&self, cell: &Cell) -> Markup {
        match cell {
            Cell::Mean(mean) => {
                let heat = format!("--heat:{}%", self.heat(*mean));
                html! { td.heat style=(heat) { (self.metric.unit.show(*mean)) } }
            }
            Cell::Failed(words) => html! { td.failed { (words) } },
            Cell::Absent => html! { td { span.none { "–" } } },
        }
    }

    /// How near a mean is to the worst, in per cent of the way from the best, by their logarithms.
    fn heat(&self, mean: f64) -> u32 {
        // What is zero has no logarithm; a ten-thousandth of the worst is as good as zero.
        let floor = self.range.1 * 1e-4;
        let of = |value: f64| value.max(floor).max(f64::MIN_POSITIVE).ln();
        let (best, worst) = (of(self.range.0), of(self.range.1));
        if worst > best { ((of(mean) - best) / (worst - best) * 100.0).round() as u32 } else { 0 }
    }
}
