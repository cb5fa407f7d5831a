//! How each number is made, in words.

use maud::{Markup, html};

use crate::figure::latency::WINDOW_NS;
use crate::stats::bootstrap::{LEVEL, RESAMPLES, SEED};
use crate::units::Unit;

/// The section as markup.
pub fn section() -> Markup {
    html! {
        section id="method" {
            h2 { "Method" }
            dl.method {
                dt { "Invocation" }
                dd { "One fresh process that runs one workload once. It is the unit of all statistics: what happens within a process is not independent." }
                dt { "Mean and interval" }
                dd {
                    "Arithmetic mean over invocations, with a percentile bootstrap interval at " (Unit::Share.show(LEVEL)) ": "
                    (RESAMPLES) " resamples of the invocations, seed " code { (format!("{SEED:#x}")) } " mixed with the names of workload and configuration (Efron & Tibshirani 1993). "
                    "With few invocations such an interval is too narrow."
                }
                dt { "Ratio, geometric mean" }
                dd { "Ratio of two means; both sides are resampled. Over workloads, the geometric mean of the ratios (Fleming & Wallace 1986), its interval from the resampled ratios." }
                dt { "Rank test" }
                dd { "Mann-Whitney, two-sided, exact without ties and up to 25 invocations a side. No correction for making several comparisons." }
                dt { "Overhead" }
                dd {
                    "Lower-bound overhead (Cai et al. 2022): the total of a configuration over the smallest total-less-collector that any of the session's collectors shows for the workload. "
                    "What a collector takes from the mutator (barriers, locality) counts against it, as far as another collector does without. Other runtimes take no part."
                }
                dt { "Pauses" }
                dd { "Each stop of the mutator that begins in the measured region. Percentiles are nearest-rank: each is a pause that happened. Pauses of all invocations are taken together." }
                dt { "Minimum mutator utilisation" }
                dd { "For a window length, the smallest share of any such window that the mutator had (Cheng & Blelloch 2001), exactly, and the worst of all invocations." }
                dt { "Latency" }
                dd {
                    "Simple: end less start of a request. Metered (DaCapo Chopin): the larger of that and the end less a start from a schedule, "
                    "which is the requests' own starts smoothed over " (Unit::Time.show(WINDOW_NS as f64)) " or over the whole run."
                }
                dt { "Failures" }
                dd { "An invocation that ran out of memory, gave a wrong result or stopped with an error is counted and shown, and is in no mean." }
            }
        }
    }
}
