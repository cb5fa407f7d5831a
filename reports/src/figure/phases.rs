//! Where the pause time goes: the phases of all pauses of an invocation.

use std::collections::BTreeMap;

use tenure_record::Pause;

use super::{Figure, bar, bars_width, invocations_note, left_out_notes, logs, pooled_pauses, rows_height};
use crate::chart::axis::row;
use crate::chart::paint::PHASES;
use crate::chart::{Axis, Chart, Paint, Panel};
use crate::matrix::Matrix;
use crate::metric::float;
use crate::table::{Table, number};
use crate::units::Unit;

/// Phases in the order in which collectors go through them; others follow by name.
const ORDER: [&str; 6] = ["roots", "remembered", "mark", "copy", "weak", "sweep"];
/// What is between the phases.
const REST: &str = "between phases";

/// The figure of a workload.
#[must_use]
pub fn figure(matrix: &Matrix<'_>, workload: usize) -> Option<Figure> {
    let mut drawn: Vec<(usize, BTreeMap<String, f64>)> = Vec::new();
    for &config in &matrix.shown {
        let Some(pauses) = pooled_pauses(matrix, workload, config) else {
            continue;
        };
        let share = 1.0 / logs(matrix, workload, config).max(1) as f64;
        let mut phases: BTreeMap<String, f64> = BTreeMap::new();
        let mut any = false;
        for pause in pauses {
            let named: u64 = pause.phases.values().fold(0, |sum, ns| sum.saturating_add(*ns));
            any |= named > 0;
            for (phase, ns) in &pause.phases {
                *phases.entry(phase.clone()).or_default() += float(*ns) * share;
            }
            *phases.entry(REST.to_owned()).or_default() += float(pause.pause_ns.saturating_sub(named)) * share;
        }
        if any {
            drawn.push((config, phases));
        }
    }
    let longest = drawn.iter().map(|(_, phases)| phases.values().sum()).fold(0.0, f64::max);
    if longest == 0.0 {
        return None;
    }
    let mut names: Vec<&String> = drawn.iter().flat_map(|(_, phases)| phases.keys()).collect();
    names.sort_by_key(|name| (place(name), (*name).clone()));
    names.dedup();

    let labels: Vec<String> = drawn.iter().map(|(config, _)| matrix.configs[*config].label.clone()).collect();
    let mut table = Table::new(["configuration", "phase", "ns_per_invocation"]);
    let mut marks = Vec::new();
    for (index, (_, phases)) in drawn.iter().enumerate() {
        let mut from = 0.0;
        for (number_of, name) in names.iter().enumerate() {
            let Some(&time) = phases.get(*name) else {
                continue;
            };
            table.row([labels[index].clone(), (*name).clone(), number(time)]);
            marks.push(bar(from, from + time, row(index, drawn.len()), 0.62, paint(name, number_of)));
            from += time;
        }
    }
    let legend = names.iter().enumerate().map(|(index, name)| (paint(name, index), (*name).clone())).collect();
    let mut notes = vec![
        "Lower is better.".to_owned(),
        invocations_note(matrix, workload),
        "Sums over the pauses of an invocation, mean of the invocations.".to_owned(),
    ];
    notes.extend(left_out_notes(matrix, workload, &drawn.iter().map(|of| of.0).collect::<Vec<_>>()));
    Some(Figure {
        id: "phases".to_owned(),
        title: "Pause time by phase".to_owned(),
        notes,
        chart: Chart {
            width: bars_width(&labels),
            columns: 1,
            panels: vec![Panel {
                title: None,
                height: rows_height(drawn.len(), 36),
                x: Axis::from_zero("time in pauses per invocation", longest, Unit::Time),
                y: Axis::rows(&labels),
                marks,
            }],
        },
        legend,
        csv: table.to_csv(),
    })
}

/// The phases of a pause in the order in which collectors go through them.
#[must_use]
pub fn in_order(pause: &Pause) -> Vec<(&str, u64)> {
    let mut phases: Vec<(&str, u64)> = pause.phases.iter().map(|(name, ns)| (name.as_str(), *ns)).collect();
    phases.sort_by_key(|(name, _)| (place(name), *name));
    phases
}

fn place(name: &str) -> usize {
    if name == REST {
        return usize::MAX;
    }
    ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len())
}

/// The last colour is for what has no phase.
fn paint(name: &str, index: usize) -> Paint {
    if name == REST { Paint::Phase(PHASES - 1) } else { Paint::Phase(index.min(PHASES - 2)) }
}
