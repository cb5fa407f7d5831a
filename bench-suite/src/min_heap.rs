//! `tenure minheap`: the smallest fixed heap in which a workload completes, by bisection, after running-ng.
//!
//! The heap is doubled until the workload completes, then the interval is halved until it is as narrow as wished.
//! Whether it completes need not be monotonic to the last block, so the result is a size that was tried and worked, beside the largest one that was tried and didn't.

use tenure_record::{MinHeap, Outcome};

use crate::measure::Bench;
use crate::plan::{Configuration, Scaled};

/// Where to look.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// The smallest heap to try, in bytes.
    pub low: u64,
    /// The largest.
    pub high: u64,
    /// The width of the interval at which to stop, as a share of its upper end.
    pub precision: f64,
}

/// Finds the smallest heap of a workload under a configuration.
///
/// # Errors
///
/// If a process can't be started, or fails otherwise than for want of memory or time.
pub fn find(bench: &Bench, workload: &Scaled, configuration: &Configuration, range: Range) -> anyhow::Result<MinHeap> {
    let mut probes = 0;
    let (heap_bytes, failed_bytes) = bisect(range, |bytes| {
        probes += 1;
        let mut configuration = configuration.clone();
        configuration.heap.insert("heap-size".to_owned(), bytes.to_string());
        let (record, _) = bench.run(workload, &configuration)?;
        match record.outcome {
            Outcome::Ok => Ok(true),
            // A heap that is hardly large enough may collect without end.
            Outcome::OutOfMemory | Outcome::Timeout => Ok(false),
            other => anyhow::bail!("{} under {}: {other:?}", workload.name, configuration.label()),
        }
    })?;
    let mut options = configuration.flatten()?;
    options.remove("heap-size");
    Ok(MinHeap {
        workload: workload.name.clone(),
        scale: workload.scale.to_string(),
        collector: configuration.collector.clone(),
        options,
        heap_bytes,
        failed_bytes,
        probes,
    })
}

/// The smallest size that was found to do, and the largest that was found not to.
fn bisect(
    range: Range,
    mut does: impl FnMut(u64) -> anyhow::Result<bool>,
) -> anyhow::Result<(Option<u64>, Option<u64>)> {
    let mut failed = None;
    let mut size = range.low.max(1);
    while !does(size)? {
        failed = Some(size);
        if size >= range.high {
            return Ok((None, failed));
        }
        size = size.saturating_mul(2).min(range.high);
    }
    let mut good = size;
    while let Some(bad) = failed {
        let width = good - bad;
        if width as f64 <= good as f64 * range.precision || width < 2 {
            break;
        }
        let middle = bad + width / 2;
        if does(middle)? {
            good = middle;
        } else {
            failed = Some(middle);
        }
    }
    Ok((Some(good), failed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(needed: u64) -> (Option<u64>, Option<u64>) {
        bisect(Range { low: 64, high: 100_000, precision: 0.02 }, |size| Ok(size >= needed)).expect("no process fails")
    }

    #[test]
    fn the_interval_closes_on_what_is_needed() {
        for needed in [65, 1000, 77_777, 100_000] {
            let (good, bad) = search(needed);
            let (good, bad) = (good.expect("found"), bad.expect("bounded"));
            assert!(bad < needed && needed <= good && good as f64 <= needed as f64 * 1.03, "{bad} {needed} {good}");
        }
    }

    #[test]
    fn the_ends_of_the_range() {
        assert_eq!(search(1), (Some(64), None));
        assert_eq!(search(200_000), (None, Some(100_000)));
    }
}
