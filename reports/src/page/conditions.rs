//! The conditions: everything that is needed to repeat the session.

use std::collections::BTreeMap;

use maud::{Markup, html};
use tenure_record::{Host, RunHeader};

use crate::matrix::Matrix;
use crate::units::{Unit, count, digits};

/// The section as markup.
pub fn section(matrix: &Matrix<'_>) -> Markup {
    let header = &matrix.session.header;
    html! {
        section id="conditions" {
            h2 { "Conditions" }
            h3 { "To repeat" }
            pre tabindex="0" { code { (command(header)) } }
            div.columns {
                div { h3 { "Machine" } (list(&machine(&header.host))) }
                div { h3 { "Session" } (list(&session(matrix))) }
            }
            @if !header.notes.is_empty() {
                h3 { "Notes" }
                ul { @for note in &header.notes { li { (note) } } }
            }
            (options(matrix))
            (min_heaps(matrix))
        }
    }
}

fn list(entries: &[(&str, String)]) -> Markup {
    html! { dl { @for (name, value) in entries { dt { (name) } dd { (value) } } } }
}

/// The command line, quoted for a POSIX shell.
fn command(header: &RunHeader) -> String {
    if header.command_line.is_empty() {
        return "# the session doesn't say how it was started".to_owned();
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:+@%".contains(c);
    let quoted = header.command_line.iter().map(|word| {
        if !word.is_empty() && word.chars().all(plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    });
    let mut command: String = quoted.collect::<Vec<_>>().join(" ");
    if let Some(commit) = &header.commit {
        let changed = if header.dirty { ", with uncommitted changes" } else { "" };
        command = format!("# at commit {commit}{changed}\n{command}");
    }
    command
}

fn known(value: Option<String>) -> String {
    value.unwrap_or_else(|| "not available".to_owned())
}

fn machine(host: &Host) -> Vec<(&'static str, String)> {
    let load = host.load.map(|load| load.map(digits).join(", "));
    let mut entries = vec![
        ("processor", known(host.cpu_model.clone())),
        ("logical processors", known(host.cores.map(|cores| cores.to_string()))),
        ("memory", known(host.memory_bytes.map(|bytes| Unit::Bytes.show(bytes as f64)))),
        ("page size", known(host.page_bytes.map(|bytes| Unit::Bytes.show(bytes as f64)))),
        ("kernel", known(host.kernel.clone())),
        ("transparent huge pages", known(host.thp.clone())),
        ("frequency governor", known(host.governor.clone())),
        ("load (1, 5, 15 min)", known(load)),
    ];
    entries.extend(host.virtualization.clone().map(|name| ("virtual machine", name)));
    entries.extend(host.emacs.clone().map(|version| ("GNU Emacs", version)));
    entries
}

fn session(matrix: &Matrix<'_>) -> Vec<(&'static str, String)> {
    let session = matrix.session;
    let header = &session.header;
    let commit = header
        .commit
        .as_ref()
        .map(|commit| if header.dirty { format!("{commit}, with changes") } else { commit.clone() });
    let invocations = match header.planned_invocations {
        Some(planned) => format!("{} of {planned} planned", session.invocations.len()),
        None => count(session.invocations.len() as f64),
    };
    let per_cell: Vec<(usize, usize)> = (0..matrix.workloads.len()).filter_map(|w| matrix.invocations(w)).collect();
    let fewest = per_cell.iter().map(|(low, _)| *low).min();
    let most = per_cell.iter().map(|(_, high)| *high).max();
    let per_cell = match (fewest, most) {
        (Some(fewest), Some(most)) if fewest == most => fewest.to_string(),
        (Some(fewest), Some(most)) => format!("{fewest} to {most}"),
        _ => "none".to_owned(),
    };
    let mut entries = vec![
        ("tool", format!("{} {}", header.tool, header.tool_version)),
        ("commit", known(commit)),
        ("compiler", known(header.rustc.clone())),
        ("build", known(header.profile.clone())),
        ("started", known(header.started.clone())),
        ("seed", header.seed.to_string()),
        ("order of invocations", known(header.order.clone())),
        ("invocations", invocations),
        ("invocations per cell", per_cell),
        ("record schema", header.schema.to_string()),
    ];
    if !session.resumed.is_empty() {
        entries.push((
            "resumed",
            format!("{} time{}", session.resumed.len(), super::parts::plural(session.resumed.len())),
        ));
    }
    entries
}

/// Options: first those of all, then the others by configuration.
fn options(matrix: &Matrix<'_>) -> Markup {
    let runs = &matrix.session.invocations;
    let mut common: BTreeMap<&str, &str> =
        matrix.session.header.options.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    if let Some(first) = runs.first() {
        for (key, value) in &first.options {
            if runs.iter().all(|run| run.options.get(key) == Some(value)) {
                common.insert(key, value);
            }
        }
    }
    html! {
        h3 { "Options" }
        @if common.is_empty() {
            p { "No option is the same for all invocations." }
        } @else {
            p { "The same for all invocations:" }
            dl.options { @for (key, value) in &common { dt { code { (key) } } dd { code { (value) } } } }
        }
        @let others = (0..matrix.configs.len()).map(|config| (config, values(matrix, config, &common))).filter(|(_, values)| !values.is_empty());
        @let others: Vec<_> = others.collect();
        @if !others.is_empty() {
            p { "By configuration; several values belong to several workloads:" }
            div.scroll tabindex="0" role="region" aria-label="Options by configuration" {
                table {
                    thead { tr { th scope="col" { "configuration" } th scope="col" { "options" } } }
                    tbody {
                        @for (config, values) in others {
                            tr {
                                (super::parts::config_head(matrix, config))
                                td.words { @for (key, value) in values { code { (key) "=" (value) } " " } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The values of the options that are not common, over the invocations of a configuration.
fn values<'a>(matrix: &Matrix<'a>, config: usize, common: &BTreeMap<&str, &str>) -> Vec<(&'a str, String)> {
    let mut values: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for workload in 0..matrix.workloads.len() {
        for run in matrix.cell(workload, config).iter().flat_map(|cell| &cell.runs) {
            for (key, value) in &run.options {
                let values = values.entry(key).or_default();
                if !common.contains_key(key.as_str()) && !values.contains(&value.as_str()) {
                    values.push(value);
                }
            }
        }
    }
    values.into_iter().filter(|(_, values)| !values.is_empty()).map(|(key, values)| (key, values.join(", "))).collect()
}

fn min_heaps(matrix: &Matrix<'_>) -> Markup {
    let mut heaps: Vec<_> = matrix.session.min_heaps.iter().collect();
    heaps.sort_by(|a, b| (&a.workload, &a.scale, &a.collector).cmp(&(&b.workload, &b.scale, &b.collector)));
    html! {
        @if !heaps.is_empty() {
            h3 { "Smallest heaps" }
            p { "The smallest fixed heap in which a workload completes, found by bisection. Lower is better." }
            div.scroll tabindex="0" role="region" aria-label="Smallest heaps" {
                table.numbers {
                    thead { tr { th scope="col" { "workload" } th scope="col" { "collector" } th scope="col" { "smallest heap" } th scope="col" { "too small" } th scope="col" { "probes" } } }
                    tbody {
                        @for heap in heaps {
                            tr {
                                th.name scope="row" { (heap.workload) @if !heap.scale.is_empty() { " (scale " (heap.scale) ")" } }
                                td { (heap.collector) }
                                td { (heap.heap_bytes.map_or_else(|| "did not complete".to_owned(), |bytes| Unit::Bytes.show(bytes as f64))) }
                                td { (heap.failed_bytes.map_or_else(|| "–".to_owned(), |bytes| Unit::Bytes.show(bytes as f64))) }
                                td { (heap.probes) }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_can_be_pasted() {
        let mut header = RunHeader::new("tenure", "1", 0);
        header.command_line = ["tenure", "bench", "--title", "it's (new)", ""].map(str::to_owned).to_vec();
        header.commit = Some("abc".into());
        assert_eq!(command(&header), "# at commit abc\ntenure bench --title 'it'\\''s (new)' ''");
    }
}
