//! Cost against the option that was swept, a line for each collector.

use std::collections::BTreeMap;

use super::{Figure, WHOLE, ends};
use crate::chart::{Axis, Chart, Mark, Paint, Panel};
use crate::compare::Overheads;
use crate::matrix::{MAX_SHOWN, Matrix, option_number};
use crate::metric::{GC, MAX_PAUSE, Metric, PEAK_RSS, WALL};
use crate::stats::bootstrap::Estimate;
use crate::table::{Table, number};
use crate::units::Unit;

/// Options in the order in which they are taken for the horizontal axis.
const PREFERRED: [&str; 4] = ["heap-factor", "heap-size", "gc-cons-threshold", "nursery-size"];

/// The configurations of a session as lines over one option.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// The option of the horizontal axis.
    pub option: String,
    /// The lines, each with the values of the option and the configurations that have them.
    pub lines: Vec<Line>,
    /// The values of the option, as numbers and as the experiment wrote them, in order.
    pub values: Vec<(f64, String)>,
}

/// A collector with fixed other options.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its name.
    pub label: String,
    /// Its points, by the value of the option.
    pub points: Vec<(f64, usize)>,
    /// Its colour.
    pub paint: Paint,
}

impl Sweep {
    /// The sweep of a session; `None` if no option with numbers was varied.
    #[must_use]
    pub fn new(matrix: &Matrix<'_>) -> Option<Self> {
        let place = |option: &String| PREFERRED.iter().position(|known| known == option).unwrap_or(PREFERRED.len());
        let mut options = matrix.varied.clone();
        options.sort_by_key(|option| (place(option), option.clone()));
        let option = options.into_iter().find(|option| {
            let values = matrix.configs.iter().filter_map(|config| config.options.get(option));
            values.clone().next().is_some() && values.clone().all(|value| option_number(value).is_some_and(|v| v > 0.0))
        })?;
        let mut groups: BTreeMap<(usize, String), Vec<(f64, usize)>> = BTreeMap::new();
        for (index, config) in matrix.configs.iter().enumerate() {
            let Some(value) = config.options.get(&option).and_then(|value| option_number(value)) else {
                continue;
            };
            let mut label = config.collector.clone();
            for (key, value) in config.options.iter().filter(|(key, _)| **key != option) {
                label.push_str(&format!(" · {key} {value}"));
            }
            let first = matrix.configs.iter().position(|other| other.collector == config.collector);
            groups.entry((first.unwrap_or(index), label)).or_default().push((value, index));
        }
        let lines = groups.into_iter().enumerate().map(|(slot, ((_, label), mut points))| {
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            Line { label, points, paint: Paint::Series(slot) }
        });
        let texts = matrix.configs.iter().filter_map(|config| config.options.get(&option));
        let mut values: Vec<(f64, String)> =
            texts.filter_map(|text| Some((option_number(text)?, text.clone()))).collect();
        values.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
        values.dedup_by(|a, b| a.0 == b.0);
        Some(Self { option, lines: lines.collect(), values })
    }

    /// The lines for which there are colours.
    fn drawn(&self) -> &[Line] {
        &self.lines[..self.lines.len().min(MAX_SHOWN)]
    }

    fn left_out_note(&self) -> String {
        match self.lines.len() - self.drawn().len() {
            0 => String::new(),
            more => format!("{more} more lines are not drawn; their points are in the tables and in the data."),
        }
    }

    fn axis(&self) -> Axis {
        Axis::log_at(&self.option, &self.values)
    }
}

/// Lower-bound overhead over all workloads, in wall-clock and processor time side by side.
#[must_use]
pub fn overheads(matrix: &Matrix<'_>, sweep: &Sweep, overheads: &Overheads) -> Option<Figure> {
    let mut table = Table::new(["line", sweep.option.as_str(), "cost", "overhead", "low", "high", "workloads"]);
    let mut panels = Vec::new();
    for (all, name) in [(&overheads.wall, "wall-clock time"), (&overheads.cpu, "processor time")] {
        let complete = |config: usize| all.mean(config).filter(|mean| mean.workloads == matrix.workloads.len());
        for line in &sweep.lines {
            for (value, config) in &line.points {
                let Some(mean) = all.mean(*config) else {
                    continue;
                };
                let [low, high] = ends(Some(mean.estimate));
                let row = [line.label.clone(), number(*value), name.to_owned(), number(mean.estimate.value), low, high];
                table.row(row.into_iter().chain([mean.workloads.to_string()]));
            }
        }
        panels.extend(panel(sweep, &format!("overhead in {name}"), Unit::Ratio, |config| {
            complete(config).map(|mean| mean.estimate)
        }));
    }
    if panels.is_empty() {
        return None;
    }
    Some(Figure {
        id: "summary-overhead".to_owned(),
        title: format!("Lower-bound overhead over {}", sweep.option),
        notes: vec![
            "Lower is better; 1 would be a collector that costs nothing.".to_owned(),
            "Geometric means over the workloads that ran at the point; a point where a workload failed is left out, and is in the table of its workload.".to_owned(),
            "Upright bars are 95 % bootstrap intervals.".to_owned(),
            "The vertical axes begin at 1, where a collector costs nothing; the horizontal ones are logarithmic, so they have no zero.".to_owned(),
            sweep.left_out_note(),
        ],
        chart: Chart { width: WHOLE, columns: 2, panels },
        legend: legend(sweep),
        csv: table.to_csv(),
    })
}

/// Cost of one workload.
#[must_use]
pub fn figure(matrix: &Matrix<'_>, sweep: &Sweep, workload: usize) -> Option<Figure> {
    const METRICS: [Metric; 4] = [WALL, GC, MAX_PAUSE, PEAK_RSS];
    let mut table = Table::new(["line", sweep.option.as_str(), "metric", "mean", "low", "high"]);
    let mut panels = Vec::new();
    for metric in METRICS {
        for line in &sweep.lines {
            for (value, config) in &line.points {
                let Some(mean) = matrix.mean(workload, *config, metric) else {
                    continue;
                };
                let [low, high] = ends(Some(mean));
                table.row([line.label.clone(), number(*value), metric.id.to_owned(), number(mean.value), low, high]);
            }
        }
        panels.extend(panel(sweep, metric.name, metric.unit, |config| matrix.mean(workload, config, metric)));
    }
    if panels.is_empty() {
        return None;
    }
    Some(Figure {
        id: "sweep".to_owned(),
        title: format!("Cost over {}", sweep.option),
        notes: vec![
            "Lower is better.".to_owned(),
            super::invocations_note(matrix, workload),
            "Dots are means, upright bars 95 % bootstrap intervals; a line begins where the workload first completes."
                .to_owned(),
            "Vertical axes begin at zero; the horizontal ones are logarithmic, so they have no zero.".to_owned(),
            sweep.left_out_note(),
        ],
        chart: Chart { width: WHOLE, columns: 2, panels },
        legend: legend(sweep),
        csv: table.to_csv(),
    })
}

fn legend(sweep: &Sweep) -> Vec<(Paint, String)> {
    sweep.drawn().iter().map(|line| (line.paint, line.label.clone())).collect()
}

fn panel(sweep: &Sweep, title: &str, unit: Unit, of: impl Fn(usize) -> Option<Estimate>) -> Option<Panel> {
    let mut marks = Vec::new();
    let mut highest: f64 = 0.0;
    for line in sweep.drawn() {
        let estimates: Vec<(f64, Estimate)> =
            line.points.iter().filter_map(|&(value, config)| Some((value, of(config)?))).collect();
        if estimates.is_empty() {
            continue;
        }
        let means: Vec<(f64, f64)> = estimates.iter().map(|(value, estimate)| (*value, estimate.value)).collect();
        for (value, estimate) in &estimates {
            let Some(interval) = estimate.interval else {
                continue;
            };
            let points = vec![(*value, interval.low), (*value, interval.high)];
            marks.push(Mark::Line { points, paint: line.paint });
            highest = highest.max(interval.high);
        }
        highest = means.iter().map(|(_, mean)| *mean).fold(highest, f64::max);
        marks.push(Mark::Line { points: means.clone(), paint: line.paint });
        marks.push(Mark::Dots { points: means, paint: line.paint, radius: 3 });
    }
    if marks.is_empty() {
        return None;
    }
    let y = match unit {
        Unit::Ratio => Axis::from_one(title, highest),
        _ => Axis::from_zero(title, highest, unit),
    };
    Some(Panel { title: Some(y.title.clone()), height: 270, x: sweep.axis(), y, marks })
}
