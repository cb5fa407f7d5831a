//! Latency of requests, simple and metered, as DaCapo's reporter defines it (Blackburn et al., *Rethinking Java performance analysis*, ASPLOS 2025).
//!
//! The simple latency of a request is its end minus its start.
//! It flatters a collector: while the mutator stands still no request starts, so one long pause spoils one request, where a user who goes on typing would have waited for many (coordinated omission).
//! The metered latency gives each request a start from a smoothed schedule, and measures from there when that is earlier.

use tenure_record::Request;

/// Simple latencies in nanoseconds, in the order of the starts.
#[must_use]
pub fn simple(requests: &[Request]) -> Vec<u64> {
    by_start(requests).iter().map(|request| request.end_ns.saturating_sub(request.start_ns)).collect()
}

/// Metered latencies in nanoseconds, in the order of the starts.
///
/// Starts are smoothed over a sliding window of `window_ns`; with `None`, over the whole run, so that requests are as far apart as if all of them had been sent at one rate.
#[must_use]
pub fn metered(requests: &[Request], window_ns: Option<u64>) -> Vec<u64> {
    let requests = by_start(requests);
    let Some(last) = requests.len().checked_sub(1) else {
        return Vec::new();
    };
    let half = window_ns.map(|window| window / 2);
    let (mut begin, mut end) = (0, if half.is_none() { last } else { 0 });
    let mut latencies = Vec::with_capacity(requests.len());
    for (index, request) in requests.iter().enumerate() {
        if let Some(half) = half {
            while begin < last && requests[begin].start_ns < request.start_ns.saturating_sub(half) {
                begin += 1;
            }
            while end < last && requests[end].start_ns < request.start_ns.saturating_add(half) {
                end += 1;
            }
        }
        let actual = request.end_ns.saturating_sub(request.start_ns);
        let first = requests[begin].start_ns;
        // A request alone in its window keeps its own start.
        let scheduled = if end > begin {
            let span = u128::from(requests[end].start_ns - first);
            first + (span * (index - begin) as u128 / (end - begin) as u128) as u64
        } else {
            request.start_ns
        };
        latencies.push(actual.max(request.end_ns.saturating_sub(scheduled)));
    }
    latencies
}

fn by_start(requests: &[Request]) -> Vec<Request> {
    let mut requests = requests.to_vec();
    requests.sort_by_key(|request| (request.start_ns, request.end_ns));
    requests
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests(times: &[(u64, u64)]) -> Vec<Request> {
        times.iter().map(|&(start_ns, end_ns)| Request { start_ns, end_ns }).collect()
    }

    #[test]
    fn a_steady_stream_is_the_same_in_both() {
        let steady = requests(&[(0, 3), (10, 13), (20, 23), (30, 33)]);
        assert_eq!(simple(&steady), [3, 3, 3, 3]);
        assert_eq!(metered(&steady, None), [3, 3, 3, 3]);
        assert_eq!(metered(&steady, Some(20)), [3, 3, 3, 3]);
    }

    #[test]
    fn a_pause_delays_the_requests_behind_it() {
        // Five requests of 1; the collector stops the mutator from 1 to 41, then the rest follow in a row.
        // Smoothed over the run, they were due at 0, 11, 22, 33, 44.
        let stalled = requests(&[(0, 1), (41, 42), (42, 43), (43, 44), (44, 45)]);
        assert_eq!(simple(&stalled), [1, 1, 1, 1, 1]);
        assert_eq!(metered(&stalled, None), [1, 31, 21, 11, 1]);
    }

    #[test]
    fn a_window_smooths_what_is_near() {
        // A window of 8 never reaches across the gap backwards from the second group;
        // its last request's group is 42..=44, and the first after the gap sees 41..=44.
        let stalled = requests(&[(0, 1), (41, 42), (42, 43), (43, 44), (44, 45)]);
        assert_eq!(metered(&stalled, Some(8)), [1, 1, 1, 1, 1]);
        // A window of 84 has the first request in all windows.
        assert_eq!(metered(&stalled, Some(88)), metered(&stalled, None));
    }

    #[test]
    fn odd_records_are_answered() {
        assert!(metered(&[], None).is_empty());
        assert_eq!(metered(&requests(&[(5, 9)]), None), [4]);
        assert_eq!(metered(&requests(&[(5, 9)]), Some(1)), [4]);
        assert_eq!(simple(&requests(&[(9, 5)])), [0]);
        assert_eq!(simple(&requests(&[(9, 12), (0, 1)])), [1, 3]);
    }
}
