//! Distributions as HdrHistogram writes them: a log with one tagged histogram a distribution, or a text of percentiles each.
//!
//! Values are recorded in nanoseconds with three significant digits.
//! The log's tags are `WORKLOAD/CONFIGURATION/KIND`, its maxima are in milliseconds; the texts are in microseconds.

use std::fmt::Write as _;
use std::time::Duration;

use hdrhistogram::Histogram;
use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogWriterBuilder, Tag};
use tenure_record::Session;

use crate::figure::latency::Counting;
use crate::figure::slug;
use crate::matrix::Matrix;
use crate::metric;

/// Significant decimal digits of a recorded value.
const DIGITS: u8 = 3;
/// Lines of a text for each halving of the distance to 100 %.
const TICKS: u32 = 5;

/// A distribution of a cell.
struct Distribution {
    /// Workload, configuration and kind, as parts of a name.
    name: [String; 3],
    histogram: Histogram<u64>,
    /// How long the invocations took together.
    length: Duration,
}

/// All distributions as one log.
#[must_use]
pub fn log(session: &Session) -> String {
    let mut bytes = Vec::new();
    let mut serializer = V2DeflateSerializer::new();
    let mut builder = IntervalLogWriterBuilder::new();
    builder.with_max_value_divisor(1_000_000.0);
    builder.add_comment(&format!("{} {}", session.header.tool, session.header.tool_version));
    builder.add_comment("Histograms hold nanoseconds; Interval_Max is in milliseconds.");
    let mut writer = builder.begin_log_with(&mut bytes, &mut serializer).expect("writing into memory does not fail");
    for distribution in distributions(session) {
        let tag = distribution.name.join("/");
        // Names are slugs, which hold nothing that a tag must not.
        let tag = Tag::new(&tag);
        writer
            .write_histogram(&distribution.histogram, Duration::ZERO, distribution.length, tag)
            .expect("a histogram of 64-bit values fits the format");
    }
    String::from_utf8(bytes).expect("the log is text")
}

/// Each distribution as a file of percentiles.
#[must_use]
pub fn percentiles(session: &Session) -> Vec<(String, String)> {
    let text = |distribution: &Distribution| percentile_text(&distribution.histogram);
    let name = |distribution: &Distribution| format!("{}.hgrm", distribution.name.join("-"));
    distributions(session).iter().map(|distribution| (name(distribution), text(distribution))).collect()
}

fn distributions(session: &Session) -> Vec<Distribution> {
    let matrix = Matrix::new(session);
    let mut all = Vec::new();
    for workload in 0..matrix.workloads.len() {
        for config in 0..matrix.configs.len() {
            let Some(cell) = matrix.cell(workload, config) else { continue };
            let length = Duration::from_nanos(cell.ok().filter_map(|run| run.wall_ns).fold(0, u64::saturating_add));
            let mut add = |kind: &str, values: Vec<u64>| {
                if values.is_empty() {
                    return;
                }
                let name = [&matrix.workloads[workload].label, &matrix.configs[config].label, kind].map(slug);
                all.push(Distribution { name, histogram: histogram(&values), length });
            };
            let pauses = cell.ok().filter_map(metric::pauses).flatten().map(|pause| pause.pause_ns).collect();
            add("pauses", pauses);
            for counting in Counting::ALL {
                add(&format!("requests {}", counting.name()), counting.latencies(&matrix, workload, config));
            }
        }
    }
    all
}

fn histogram(values: &[u64]) -> Histogram<u64> {
    let mut histogram = Histogram::new(DIGITS).expect("three digits are allowed");
    for &value in values {
        // The format holds values up to 2^63; a longer pause is a broken record.
        histogram.record(value.min(i64::MAX as u64)).expect("the histogram grows to hold any value");
    }
    histogram
}

/// The text that HdrHistogram's own `outputPercentileDistribution` gives.
fn percentile_text(histogram: &Histogram<u64>) -> String {
    const MICROS: f64 = 1000.0;
    let mut text = format!("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
    for step in histogram.iter_quantiles(TICKS) {
        let quantile = step.quantile_iterated_to();
        let value = step.value_iterated_to() as f64 / MICROS;
        let total = histogram.count_between(0, step.value_iterated_to());
        let _ = write!(text, "{value:>12.3} {quantile:>14.12} {total:>10}");
        if quantile < 1.0 {
            let _ = write!(text, " {:>14.2}", 1.0 / (1.0 - quantile));
        }
        text.push('\n');
    }
    let _ = writeln!(
        text,
        "#[Mean    = {:>12.3}, StdDeviation   = {:>12.3}]",
        histogram.mean() / MICROS,
        histogram.stdev() / MICROS
    );
    let _ = writeln!(
        text,
        "#[Max     = {:>12.3}, Total count    = {:>12}]",
        histogram.max() as f64 / MICROS,
        histogram.len()
    );
    let _ = writeln!(
        text,
        "#[Buckets = {:>12}, SubBuckets     = {:>12}]",
        histogram.buckets(),
        2 * 10_u64.pow(u32::from(DIGITS)).next_power_of_two()
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use hdrhistogram::serialization::Deserializer;
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};
    use tenure_record::{Invocation, Pause, PauseCause, PauseKind, RunHeader};

    fn session() -> Session {
        let mut session = Session::new(RunHeader::new("tenure", "0", 1));
        let pauses = (1..=4).map(|n| Pause::new(n, n * 1_000_000, PauseKind::Minor, PauseCause::Threshold)).collect();
        session.invocations.push(Invocation {
            workload: "a b".into(),
            collector: "gen".into(),
            wall_ns: Some(1_000_000_000),
            pauses: Some(pauses),
            ..Invocation::default()
        });
        session
    }

    #[test]
    fn the_log_can_be_read_back() {
        let log = log(&session());
        let mut histograms = 0;
        for entry in IntervalLogIterator::new(log.as_bytes()) {
            if let LogEntry::Interval(interval) = entry.expect("a line of a log") {
                assert_eq!(interval.tag().map(|tag| tag.as_str()), Some("a-b/gen/pauses"));
                assert_eq!(interval.duration(), Duration::from_secs(1));
                let base64 = interval.encoded_histogram();
                let bytes = decode_base64(base64);
                let read: Histogram<u64> = Deserializer::new().deserialize(&mut bytes.as_slice()).expect("a histogram");
                assert_eq!(read, histogram(&[1_000_000, 2_000_000, 3_000_000, 4_000_000]));
                histograms += 1;
            }
        }
        assert_eq!(histograms, 1);
    }

    /// Enough of base64 for a test.
    fn decode_base64(text: &str) -> Vec<u8> {
        let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let values = text.bytes().filter_map(|c| digits.iter().position(|&digit| digit == c));
        let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
        for value in values {
            held = held << 6 | value as u32;
            bits += 6;
            if bits >= 8 {
                bits -= 8;
                bytes.push((held >> bits) as u8);
            }
        }
        bytes
    }

    #[test]
    fn percentiles_are_the_plotters_text() {
        let files = percentiles(&session());
        assert_eq!(files.len(), 1);
        assert_eq!(files[0].0, "a-b-gen-pauses.hgrm");
        expect![[r#"
                   Value     Percentile TotalCount 1/(1-Percentile)

                1000.447 0.000000000000          1           1.00
                1000.447 0.100000000000          1           1.11
                1000.447 0.200000000000          1           1.25
                2000.895 0.300000000000          2           1.43
                2000.895 0.400000000000          2           1.67
                2000.895 0.500000000000          2           2.00
                3000.319 0.550000000000          3           2.22
                3000.319 0.600000000000          3           2.50
                3000.319 0.650000000000          3           2.86
                3000.319 0.700000000000          3           3.33
                4001.791 0.750000000000          4           4.00
                4001.791 1.000000000000          4
            #[Mean    =     2500.160, StdDeviation   =     1118.106]
            #[Max     =     4001.791, Total count    =            4]
            #[Buckets =           12, SubBuckets     =         2048]
        "#]]
        .assert_eq(&files[0].1);
    }
}
