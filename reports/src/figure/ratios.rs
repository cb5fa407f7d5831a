//! Every configuration against the baseline, over all workloads.

use super::{Figure, WHOLE, ends};
use crate::chart::axis::row;
use crate::chart::{Axis, Chart, Mark, Paint, Panel};
use crate::compare::{self, mean_ratio};
use crate::matrix::Matrix;
use crate::metric::{CPU, MAX_PAUSE, Metric, PEAK_RSS, WALL};
use crate::table::{Table, number};

/// The metrics that are drawn, one a panel.
const PANELS: [Metric; 4] = [WALL, CPU, MAX_PAUSE, PEAK_RSS];
/// The most rows; a sweep has a figure of its own.
const ROWS: usize = 16;

/// The figure of the session.
#[must_use]
pub fn figure(matrix: &Matrix<'_>) -> Option<Figure> {
    matrix.baseline?;
    let configs: Vec<usize> =
        if matrix.configs.len() <= ROWS { (0..matrix.configs.len()).collect() } else { matrix.shown.clone() };
    if configs.len() < 2 {
        return None;
    }
    let names: Vec<String> = configs.iter().map(|&config| matrix.configs[config].label.clone()).collect();
    let mut table = Table::new(["configuration", "metric", "workload", "ratio", "low", "high"]);
    let mut panels = Vec::new();
    for metric in PANELS {
        let mut marks = vec![Mark::Rule { at: 1.0, paint: Paint::Ink }];
        let (mut low, mut high) = (1.0_f64, 1.0_f64);
        let mut any = false;
        for (index, &config) in configs.iter().enumerate() {
            let at = row(index, configs.len());
            let paint = Paint::Series(matrix.slot(config));
            let mut each = Vec::new();
            for (workload, of) in matrix.workloads.iter().enumerate() {
                let Some(ratio) = compare::ratio(matrix, workload, config, metric) else {
                    continue;
                };
                each.push((ratio.value, at - 0.28));
                low = low.min(ratio.value);
                high = high.max(ratio.value);
                let [from, to] = ends(Some(ratio));
                table.row([
                    names[index].clone(),
                    metric.id.to_owned(),
                    of.label.clone(),
                    number(ratio.value),
                    from,
                    to,
                ]);
            }
            let Some(mean) = mean_ratio(matrix, config, metric) else {
                continue;
            };
            any = true;
            let [from, to] = ends(Some(mean.estimate));
            let value = mean.estimate.value;
            table.row([
                names[index].clone(),
                metric.id.to_owned(),
                "geometric mean".to_owned(),
                number(value),
                from,
                to,
            ]);
            if each.len() > 1 {
                marks.push(Mark::Dots { points: each, paint: Paint::Muted, radius: 2 });
            }
            if let Some(interval) = mean.estimate.interval {
                marks.push(Mark::Whisker { low: interval.low, high: interval.high, at, paint });
                low = low.min(interval.low);
                high = high.max(interval.high);
            }
            marks.push(Mark::Dots { points: vec![(value, at)], paint, radius: 5 });
        }
        if !any {
            continue;
        }
        let mut y = Axis::rows(&names);
        if panels.len() % 2 == 1 {
            // The left panel of a row has the names.
            y.ticks.clear();
        }
        let title = Some(metric.name.to_owned());
        let height = configs.len() as u32 * 34 + 64;
        panels.push(Panel { title, height, x: Axis::ratios("", low, high), y, marks });
    }
    if panels.is_empty() {
        return None;
    }
    let workloads = matrix.workloads.len();
    Some(Figure {
        id: "summary-ratios".to_owned(),
        title: format!("Ratio to {}", matrix.baseline_name()),
        notes: vec![
            "Further left is better.".to_owned(),
            format!(
                "Large dots are geometric means over {workloads} workload{}, small dots single workloads.",
                if workloads == 1 { "" } else { "s" }
            ),
            "Whiskers are 95 % bootstrap intervals of the geometric mean, drawn from the invocations of both sides."
                .to_owned(),
            "Axes are logarithmic around 1, the baseline, so that half and double are equally far; they have no zero."
                .to_owned(),
        ],
        chart: Chart { width: WHOLE, columns: 2, panels },
        legend: Vec::new(),
        csv: table.to_csv(),
    })
}
