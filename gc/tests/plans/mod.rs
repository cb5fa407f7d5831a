//! The collectors that a test runs under: all, or those that the environment variable `TENURE_TEST_COLLECTORS` names, with
//! commas between.  The thread sanitizer, which slows everything down, is run under those with a second thread.

use tenure_gc::{PLANS, PlanInfo};

pub fn plans() -> Vec<&'static PlanInfo> {
    let chosen = std::env::var("TENURE_TEST_COLLECTORS").ok();
    let is_chosen = |plan: &&PlanInfo| chosen.as_ref().is_none_or(|names| names.split(',').any(|n| n == plan.name));
    let plans: Vec<_> = PLANS.iter().filter(is_chosen).collect();
    assert!(!plans.is_empty(), "TENURE_TEST_COLLECTORS names no collector: {chosen:?}");
    plans
}
