//! One job to one record: builds the command line of a fresh process, runs it, and reads what it left.
//!
//! The process is started by public options alone: what runs here can be typed by hand.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

use anyhow::Context as _;
use tenure_record::{HeapSample, Invocation, Outcome, Pause, PauseCause, PauseKind, parse_gc_log};

use crate::form::{self, Report, Verdict};
use crate::plan::{Configuration, EVAL_MODE, Scaled};
use crate::process::{self, Finished};

/// Where things are that the processes of a session need.
#[derive(Clone, Debug)]
pub struct Bench {
    /// This binary.
    pub tenure: PathBuf,
    /// GNU Emacs, where it takes part.
    pub emacs: Option<PathBuf>,
    /// The directory that has `NAME.el` for each workload, and `NAME.elc` for the peer.
    pub programs: PathBuf,
    /// A directory for the files of one process.
    pub scratch: PathBuf,
    /// What a process may take.
    pub timeout: Duration,
}

impl Bench {
    /// The command line of one process, without the program.
    #[must_use]
    pub fn arguments(&self, workload: &Scaled, configuration: &Configuration) -> Vec<OsString> {
        let mut words: Vec<OsString> = ["--batch", "-Q"].map(OsString::from).into();
        let peer = configuration.is_peer();
        if !peer {
            words.extend(["--collector".into(), configuration.collector.clone().into()]);
            for (name, value) in &configuration.heap {
                words.extend([format!("--{name}").into(), value.into()]);
            }
            words.extend([format!("--{EVAL_MODE}").into(), configuration.mode().into()]);
            words.extend(["--gc-log".into(), self.log().into()]);
        }
        for (name, value) in &configuration.variables {
            words.extend(["--eval".into(), format!("(setq {name} {value})").into()]);
        }
        let suffix = if peer { "elc" } else { "el" };
        words.extend(["-l".into(), self.programs.join(format!("{}.{suffix}", workload.name)).into()]);
        words.extend(["--eval".into(), form::form(&workload.name, workload.scale, peer).into()]);
        words
    }

    /// Runs one process; gives its record, and how long the whole of it took.
    ///
    /// Whatever becomes of it is a record.
    ///
    /// # Errors
    ///
    /// If it can't be started at all, or if its files can't be read.
    pub fn run(&self, workload: &Scaled, configuration: &Configuration) -> anyhow::Result<(Invocation, Duration)> {
        let program = match (&self.emacs, configuration.is_peer()) {
            (Some(emacs), true) => emacs,
            (None, true) => {
                anyhow::bail!("expected a GNU Emacs for the configuration {:?}, found none", configuration.collector)
            }
            (_, false) => &self.tenure,
        };
        drop(std::fs::remove_file(self.log()));
        let mut command = Command::new(program);
        command.args(self.arguments(workload, configuration)).current_dir(&self.scratch).env_remove("EMACSLOADPATH");
        tracing::info!(?command, "start a process");
        let finished = process::run(&mut command, self.timeout, &self.scratch)?;
        let mut record = Invocation {
            workload: workload.name.clone(),
            scale: workload.scale.to_string(),
            collector: configuration.collector.clone(),
            options: configuration.flatten()?,
            user_ns: Some(nanoseconds(finished.user)),
            sys_ns: Some(nanoseconds(finished.sys)),
            peak_rss_bytes: finished.peak_rss,
            ..Invocation::default()
        };
        if !configuration.is_peer() {
            self.read_log(&mut record)?;
        }
        fill(&mut record, &finished, configuration.is_peer());
        Ok((record, finished.wall))
    }

    fn log(&self) -> PathBuf {
        self.scratch.join("gc-log")
    }

    fn read_log(&self, record: &mut Invocation) -> anyhow::Result<()> {
        let text = match std::fs::read_to_string(self.log()) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let log = parse_gc_log(&text).with_context(|| format!("the log of pauses of {}", record.workload))?;
        record.pauses = Some(log.pauses);
        record.requests = log.requests;
        record.dropped_events = log.dropped_events.unwrap_or_default();
        Ok(())
    }
}

/// Compiles the workloads for the peer, by the peer, in a process of its own, so that the compiler isn't live where it is measured.
///
/// # Errors
///
/// If that process can't be run or doesn't compile everything.
pub fn compile_for_peer(emacs: &Path, programs: &Path, names: &[&str]) -> anyhow::Result<()> {
    let output = Command::new(emacs)
        .args(["--batch", "-Q", "-f", "batch-byte-compile"])
        .args(names.iter().map(|name| format!("{name}.el")))
        .current_dir(programs)
        .output()
        .map_err(|error| anyhow::anyhow!("{}: {error} (--emacs=PROGRAM names another)", emacs.display()))?;
    anyhow::ensure!(
        output.status.success(),
        "{} can't byte-compile the workloads: {}",
        emacs.display(),
        last_line(&String::from_utf8_lossy(&output.stderr))
    );
    Ok(())
}

/// The version line of a GNU Emacs.
///
/// # Errors
///
/// If it can't be run.
pub fn version(emacs: &Path) -> anyhow::Result<String> {
    let output = Command::new(emacs)
        .arg("--version")
        .output()
        .map_err(|error| anyhow::anyhow!("{}: {error}", emacs.display()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().next().unwrap_or("an Emacs that does not say its version").to_owned())
}

fn fill(record: &mut Invocation, finished: &Finished, peer: bool) {
    if finished.timed_out {
        record.outcome = Outcome::Timeout;
        return;
    }
    let report = match Report::parse(&finished.stdout) {
        Ok(report) => report,
        Err(reason) => {
            record.outcome = failure(finished, &reason);
            return;
        }
    };
    record.outcome = match report.verdict {
        Verdict::MemoryFull => Outcome::OutOfMemory,
        Verdict::Wrong => Outcome::WrongResult { expected: report.expected.clone() },
        Verdict::Right | Verdict::Unchecked if finished.status.success() => Outcome::Ok,
        Verdict::Right | Verdict::Unchecked => failure(finished, "it failed after the workload"),
    };
    record.result.clone_from(&report.result);
    record.wall_ns = Some(nanoseconds(report.wall));
    record.gc_count = Some(report.gc_count);
    let [before, after] = report.gc_elapsed;
    record.gc_ns = Some(nanoseconds(after.saturating_sub(before)));
    record.allocated_bytes = report.allocated;
    record.heap_after_bytes = report.live;
    let process_start = finished.started.duration_since(UNIX_EPOCH).unwrap_or_default();
    record.start_ns = nanoseconds(report.start.saturating_sub(process_start));
    if peer {
        let pauses = report.pauses.iter().map(|&(start, length)| {
            let start = nanoseconds(start.saturating_sub(process_start));
            Pause::new(start, nanoseconds(length), PauseKind::Major, PauseCause::default())
        });
        record.pauses = Some(pauses.collect());
    } else if let Some(pauses) = &record.pauses {
        record.heap = pauses.iter().flat_map(heap_samples).collect();
        if record.dropped_events == 0
            && let Some(region) = align(pauses, report.gc_elapsed, report.wall)
        {
            record.start_ns = region.start_ns;
            record.gc_count = Some(region.pauses as u64);
        }
    }
}

/// The measured region in a log of pauses.
#[derive(Debug, PartialEq, Eq)]
struct Region {
    /// When it began, on the log's clock.
    start_ns: u64,
    /// How many of the pauses are in it.
    pauses: usize,
}

/// Finds the measured region on the log's clock, which starts with the heap and is not the one that Lisp asks.
///
/// `gc-elapsed` is the sum of all pauses so far, so its value tells how many pauses there had been.
/// The form collects just before it begins; so the region begins when that pause ends, or later if the last pause within it would not fit.
fn align(pauses: &[Pause], elapsed: [Duration; 2], wall: Duration) -> Option<Region> {
    let [before, after] = elapsed.map(|elapsed| pauses_within(pauses, nanoseconds(elapsed)));
    let start = pauses[..before].last()?.end_ns();
    let last = pauses[before..after.max(before)].last();
    let latest = last.map_or(0, |last| last.end_ns().saturating_sub(nanoseconds(wall)));
    Some(Region { start_ns: start.max(latest), pauses: after.saturating_sub(before) })
}

/// How many pauses, from the first, last that long together, up to the rounding of a float.
fn pauses_within(pauses: &[Pause], elapsed: u64) -> usize {
    let mut sum = 0_u64;
    let mut nearest = (elapsed, 0);
    for (index, pause) in pauses.iter().enumerate() {
        sum = sum.saturating_add(pause.pause_ns);
        nearest = nearest.min((sum.abs_diff(elapsed), index + 1));
    }
    nearest.1
}

fn heap_samples(pause: &Pause) -> impl Iterator<Item = HeapSample> + use<> {
    let sample =
        |at_ns, used: Option<u64>| used.map(|used_bytes| HeapSample { at_ns, used_bytes, committed_bytes: None });
    sample(pause.start_ns, pause.bytes_before).into_iter().chain(sample(pause.end_ns(), pause.bytes_after))
}

/// Why there is no line of a run.
fn failure(finished: &Finished, reason: &str) -> Outcome {
    // The first line of a backtrace says what went wrong; the frames below it quote the program.
    let error = finished.stderr.lines().find(|line| line.contains("Lisp error:"));
    let said = error.unwrap_or_else(|| last_line(&finished.stderr));
    if said.contains("memory-full") || said.contains("Memory exhausted") {
        return Outcome::OutOfMemory;
    }
    let message = if said.is_empty() { reason } else { said };
    Outcome::Error { message: format!("{}: {message}", finished.status) }
}

fn last_line(text: &str) -> &str {
    text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default().trim()
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses() -> Vec<Pause> {
        let pause = |(start, length)| Pause::new(start, length, PauseKind::Major, PauseCause::Threshold);
        [(10, 5), (100, 7), (200, 11), (300, 13), (400, 17)].map(pause).into()
    }

    fn ns(nanoseconds: u64) -> Duration {
        Duration::from_nanos(nanoseconds)
    }

    #[test]
    fn the_sum_of_pauses_tells_where_the_region_is() {
        let region = align(&pauses(), [ns(12), ns(36)], ns(250));
        assert_eq!(region, Some(Region { start_ns: 107, pauses: 2 }));
        // The last pause of the region ends at 313, so the region can't have ended at 107 + 200.
        let region = align(&pauses(), [ns(12), ns(36)], ns(200));
        assert_eq!(region, Some(Region { start_ns: 113, pauses: 2 }));
    }

    #[test]
    fn a_region_without_pauses() {
        assert_eq!(align(&pauses(), [ns(12), ns(12)], ns(50)), Some(Region { start_ns: 107, pauses: 0 }));
        assert_eq!(align(&[], [ns(0), ns(0)], ns(50)), None);
    }
}
