//! Scales and the number of invocations, chosen from trials so that a session ends in time.
//!
//! Each workload gets the same share of the budget, and the largest of its candidate scales that fits its share at the wished number of invocations.
//! What a scale takes is guessed in proportion from one trial at a small scale, with what the process takes besides counted apart.
//! Then as many rounds are planned as the budget allows, within [`ROUNDS`].

use std::ops::RangeInclusive;
use std::time::Duration;

/// How many invocations of each pair a budget may choose.
/// Below three there is no idea of the spread; above ten the intervals hardly get narrower.
pub const ROUNDS: RangeInclusive<u32> = 3..=10;

/// The invocations that scales are chosen for.
pub const WISHED: u32 = 5;

/// The part of the budget that is planned with; the rest is for guesses that were too low.
const PLANNED: f64 = 0.85;

/// One run of a workload under one kind of configuration.
#[derive(Clone, Copy, Debug)]
pub struct Trial {
    /// The scale it ran at.
    pub scale: u64,
    /// The measured region.
    pub region: Duration,
    /// The whole process.
    pub process: Duration,
    /// How many configurations it stands for.
    pub configurations: u32,
}

impl Trial {
    /// What the measured region takes at another scale, in proportion.
    #[must_use]
    pub fn region(&self, scale: u64) -> Duration {
        let seconds = self.region.as_secs_f64() * scale as f64 / self.scale as f64;
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }

    /// Seconds that one round of its configurations takes at another scale.
    fn round(&self, scale: u64) -> f64 {
        let besides = self.process.saturating_sub(self.region);
        (besides.as_secs_f64() + self.region(scale).as_secs_f64()) * f64::from(self.configurations)
    }
}

/// A workload to plan for.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Scales to choose from, ascending and at least one.
    pub scales: Vec<u64>,
    /// What is known of it.
    pub trials: Vec<Trial>,
}

impl Candidate {
    fn round(&self, scale: u64) -> f64 {
        self.trials.iter().map(|trial| trial.round(scale)).sum()
    }
}

/// A choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The scale of each workload.
    pub scales: Vec<u64>,
    /// Invocations of each pair.
    pub invocations: u32,
    /// What all of it is thought to take.
    pub estimate: Duration,
}

/// Chooses for what is left of a budget; `invocations` where the user has chosen them.
#[must_use]
pub fn choose(candidates: &[Candidate], left: Duration, invocations: Option<u32>) -> Choice {
    let left = left.as_secs_f64() * PLANNED;
    let share = left / candidates.len().max(1) as f64 / f64::from(invocations.unwrap_or(WISHED));
    let scale = |candidate: &Candidate| {
        let fits = candidate.scales.iter().rev().find(|&&scale| candidate.round(scale) <= share);
        fits.or(candidate.scales.first()).copied().unwrap_or(1)
    };
    let scales: Vec<u64> = candidates.iter().map(scale).collect();
    let round: f64 = candidates.iter().zip(&scales).map(|(candidate, &scale)| candidate.round(scale)).sum();
    let affordable = if round > 0.0 { (left / round) as u32 } else { *ROUNDS.end() };
    let invocations = invocations.unwrap_or_else(|| affordable.clamp(*ROUNDS.start(), *ROUNDS.end()));
    let estimate = Duration::try_from_secs_f64(round * f64::from(invocations)).unwrap_or(Duration::MAX);
    Choice { scales, invocations, estimate }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(region_ms: u64) -> Candidate {
        let region = Duration::from_millis(region_ms);
        let trial = Trial { scale: 10, region, process: region + Duration::from_millis(20), configurations: 3 };
        Candidate { scales: vec![1, 10, 50, 100, 200], trials: vec![trial] }
    }

    #[test]
    fn fast_workloads_get_larger_scales() {
        let choice = choose(&[candidate(10), candidate(500)], Duration::from_secs(60), None);
        assert_eq!(choice.scales, [200, 10]);
        assert!(ROUNDS.contains(&choice.invocations));
        assert!(choice.estimate <= Duration::from_secs(60));
    }

    #[test]
    fn at_least_three_invocations_whatever_they_take() {
        let choice = choose(&[candidate(100_000)], Duration::from_secs(1), None);
        assert_eq!((choice.scales, choice.invocations), (vec![1], 3));
    }

    #[test]
    fn the_users_number_stands() {
        assert_eq!(choose(&[candidate(10)], Duration::from_secs(10), Some(1)).invocations, 1);
    }

    #[test]
    fn nothing_to_run() {
        assert_eq!(choose(&[], Duration::from_secs(10), None).scales, Vec::<u64>::new());
    }
}
