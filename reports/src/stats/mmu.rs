//! Minimum mutator utilisation (Cheng & Blelloch, *A parallel, real-time garbage collector*, PLDI 2001).
//!
//! `MMU(w)` is the smallest share of any window of length `w` within the run that the mutator had to itself.
//! A pause of 5 ms is one number for a program that needs an answer every 16 ms; ten pauses of 1 ms in a row are the same to it, and only this curve shows them.
//!
//! The value is exact: the worst window begins where a pause begins or ends where a pause ends, so only those are looked at.

/// The stops of one run.
#[derive(Clone, Debug, Default)]
pub struct Utilisation {
    /// Stops within the run, in order, without overlap.
    stops: Vec<Stop>,
    length: u64,
}

#[derive(Clone, Copy, Debug)]
struct Stop {
    start: u64,
    end: u64,
    /// Time stopped before this one.
    before: u64,
}

impl Utilisation {
    /// The stops `[start, end)` of a run that lasts from `begin` for `length`.
    ///
    /// What lies outside of the run is cut off, and what overlaps is joined.
    #[must_use]
    pub fn new(pauses: impl IntoIterator<Item = (u64, u64)>, begin: u64, length: u64) -> Self {
        let mut clipped: Vec<(u64, u64)> = pauses
            .into_iter()
            .map(|(start, end)| (start.saturating_sub(begin).min(length), end.saturating_sub(begin).min(length)))
            .filter(|(start, end)| start < end)
            .collect();
        clipped.sort_unstable();
        let mut stops: Vec<Stop> = Vec::with_capacity(clipped.len());
        for (start, end) in clipped {
            match stops.last_mut() {
                Some(last) if start <= last.end => last.end = last.end.max(end),
                Some(last) => {
                    let before = last.before + (last.end - last.start);
                    stops.push(Stop { start, end, before });
                }
                None => stops.push(Stop { start, end, before: 0 }),
            }
        }
        Self { stops, length }
    }

    /// The length of the run.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// `MMU(window)` in 0..=1; `None` for a window of no length, or one longer than the run.
    #[must_use]
    pub fn mmu(&self, window: u64) -> Option<f64> {
        if window == 0 || window > self.length {
            return None;
        }
        let last = self.length - window;
        // Both kinds of windows move to the right from stop to stop, so each end of a window passes the stops once.
        let (mut a, mut b, mut c) = (self.cursor(), self.cursor(), self.cursor());
        let worst = self
            .stops
            .iter()
            .map(|stop| {
                let begins = stop.start.min(last);
                let begins_here = a.stopped_until(begins + window) - b.stopped_until(begins);
                let ends_here = match stop.end.checked_sub(window) {
                    Some(at) => stop.before + (stop.end - stop.start) - c.stopped_until(at),
                    None => 0,
                };
                begins_here.max(ends_here)
            })
            .chain([self.cursor().stopped_until(window)])
            .max()
            .unwrap_or(0);
        Some((window - worst) as f64 / window as f64)
    }

    fn cursor(&self) -> Cursor<'_> {
        Cursor { stops: &self.stops, next: 0 }
    }
}

/// Answers how long the mutator was stopped until some time, for times that never go back.
struct Cursor<'a> {
    stops: &'a [Stop],
    /// The first stop that begins at the last asked time or later.
    next: usize,
}

impl Cursor<'_> {
    fn stopped_until(&mut self, at: u64) -> u64 {
        while self.stops.get(self.next).is_some_and(|stop| stop.start < at) {
            self.next += 1;
        }
        match self.next.checked_sub(1) {
            Some(index) => {
                let stop = self.stops[index];
                stop.before + stop.end.min(at) - stop.start
            }
            None => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STOPS: [(u64, u64); 6] = [(10, 14), (20, 21), (25, 35), (60, 62), (64, 66), (68, 70)];

    #[test]
    fn agrees_with_every_window_tried() {
        // Computed by a Python loop over all integer positions of the window.
        let run = Utilisation::new(STOPS, 0, 100);
        for (window, expected) in [
            (1, 0.0),
            (4, 0.0),
            (5, 0.0),
            (10, 0.0),
            (12, 1.0 / 6.0),
            (20, 0.45),
            (25, 0.4),
            (50, 0.66),
            (80, 0.7375),
            (100, 0.79),
        ] {
            let found = run.mmu(window).expect("a window within the run");
            assert!((found - expected).abs() < 1e-12, "MMU({window}) = {found}, expected {expected}");
        }
    }

    #[test]
    fn a_run_without_stops_is_all_the_mutators() {
        assert_eq!(Utilisation::new([], 0, 10).mmu(10), Some(1.0));
    }

    #[test]
    fn a_window_must_fit() {
        let run = Utilisation::new(STOPS, 0, 100);
        assert_eq!(run.mmu(0), None);
        assert_eq!(run.mmu(101), None);
    }

    #[test]
    fn stops_are_cut_to_the_run_and_joined() {
        // Of the run 10..20, stopped in 10..12 and 13..17 and 19..20.
        let run = Utilisation::new([(5, 12), (13, 15), (14, 17), (19, 30), (40, 50)], 10, 10);
        assert_eq!(run.mmu(10), Some(0.3));
        assert_eq!(run.length(), 10);
    }

    proptest! {
        #[test]
        fn is_the_minimum_over_all_windows(
            stops in prop::collection::vec((0_u64..60, 0_u64..9), 0..8),
            window in 1_u64..60,
        ) {
            let stops: Vec<(u64, u64)> = stops.into_iter().map(|(at, length)| (at, at + length)).collect();
            let stopped = |t: u64| stops.iter().any(|&(start, end)| (start..end).contains(&t));
            let worst = (0..=60 - window).map(|at| (at..at + window).filter(|&t| stopped(t)).count()).max();
            let expected = 1.0 - worst.unwrap_or(0) as f64 / window as f64;
            let found = Utilisation::new(stops.iter().copied(), 0, 60).mmu(window).unwrap();
            prop_assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
        }
    }
}
