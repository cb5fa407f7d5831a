//! Whatever a session holds, it has a page and exports: records come from files, and files may be wrong.

use proptest::prelude::*;
use tenure_record::{
    HeapSample, Invocation, MinHeap, Outcome, Pause, PauseCause, PauseKind, Request, RunHeader, Session, Truncated,
};
use tenure_reports::export::FORMATS;
use tenure_reports::{Report, render};

fn header() -> RunHeader {
    RunHeader::new("tenure", "0.1.0", 1)
}

/// What must be true of any page.
fn check(session: &Session) -> Report {
    let report = render(session);
    let html = &report.html;
    assert!(html.starts_with("<!DOCTYPE html>") && html.ends_with("</html>\n"));
    for word in ["<script", "http:", "https:", "NaN", "inf\""] {
        assert!(!html.contains(word), "the page holds {word}");
    }
    let mut ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "an id is on the page twice");
    for link in html.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(ids.contains(&link), "a link goes to {link}, which isn't there");
    }
    for (name, _) in &report.figures {
        assert!(html.contains(&format!("href=\"{name}\"")), "no link to {name}");
    }
    let links = html.matches(".csv\" download").count();
    assert_eq!(links, report.figures.len(), "links to data files");
    for format in FORMATS {
        (format.files)(session);
    }
    report
}

#[test]
fn a_session_without_invocations_has_a_page() {
    let report = check(&Session::new(header()));
    assert!(report.html.contains("no finished invocation"));
    assert!(report.figures.is_empty());
}

#[test]
fn a_session_of_failures_shows_them() {
    let mut session = Session::new(header());
    let outcomes = [
        Outcome::OutOfMemory,
        Outcome::Timeout,
        Outcome::Unknown,
        Outcome::Error { message: "(wrong-type-argument listp <1>)".into() },
        Outcome::WrongResult { expected: "42".into() },
    ];
    for (invocation, outcome) in (0..).zip(outcomes) {
        session.invocations.push(Invocation {
            workload: "w".into(),
            collector: "c".into(),
            invocation,
            outcome,
            result: "41".into(),
            ..Invocation::default()
        });
    }
    session.truncated = Some(Truncated { line: 7, bytes: 3 });
    let html = check(&session).html;
    for words in [
        "out of memory (1 of 5)",
        "timeout (1 of 5)",
        "(wrong-type-argument listp &lt;1&gt;)",
        "expected 42, found 41",
        "cut off in line 7",
    ] {
        assert!(html.contains(words), "the page doesn't say {words}");
    }
}

#[test]
fn names_cannot_break_the_page() {
    let nasty = "</style><b onclick=\"x\">&amp;'\u{0}\u{202e}";
    let mut session = Session::new(RunHeader { title: Some(nasty.into()), ..header() });
    session.header.notes.push(nasty.into());
    session.header.command_line.push(nasty.into());
    for collector in [nasty, "other"] {
        session.invocations.push(Invocation {
            workload: nasty.into(),
            scale: nasty.into(),
            collector: collector.into(),
            options: [(nasty.to_owned(), nasty.to_owned())].into(),
            wall_ns: Some(1_000_000),
            gc_ns: Some(10),
            pauses: Some(vec![Pause::new(5, 10, PauseKind::from(nasty), PauseCause::from(nasty))]),
            ..Invocation::default()
        });
    }
    session.min_heaps.push(MinHeap { workload: nasty.into(), collector: nasty.into(), ..MinHeap::default() });
    let html = check(&session).html;
    assert!(!html.contains("<b onclick"), "a name is markup");
    assert_eq!(html.matches("</style>").count(), 1);
}

#[test]
fn colors_are_in_the_style_sheet() {
    let mut session = Session::new(header());
    session.invocations.push(Invocation {
        workload: "w".into(),
        collector: "c".into(),
        wall_ns: Some(1),
        ..Invocation::default()
    });
    let html = check(&session).html;
    for paint in tenure_reports::chart::paint::all() {
        let definition = format!("--{}:", paint.name());
        assert_eq!(html.matches(&definition).count(), 2, "{definition} for light and for dark pages");
    }
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(1), 0_u64..1000, 0_u64..10_000_000_000, any::<u64>()]
}

fn pause() -> impl Strategy<Value = Pause> {
    let kind = prop_oneof![Just("minor"), Just("major"), Just("final"), Just("nap")];
    (number(), number(), kind, prop::option::of(number()), prop::collection::btree_map("mark|copy|x", number(), 0..3))
        .prop_map(|(start, length, kind, bytes, phases)| Pause {
            phases,
            bytes_before: bytes,
            bytes_after: bytes.map(|bytes| bytes / 2),
            ..Pause::new(start, length, kind.into(), PauseCause::HeapFull)
        })
}

fn invocation() -> impl Strategy<Value = Invocation> {
    let names = ("a|b", "gen|ms|gnu-emacs", "(1|2|1.5x|0)/(a|b)");
    let totals = (number(), prop::option::of(number()), prop::option::of(number()), prop::option::of(number()));
    let lists = (
        prop::option::of(prop::collection::vec(pause(), 0..6)),
        prop::collection::vec((number(), number()), 0..4),
        prop::collection::vec((number(), number()), 0..4),
    );
    let ok = prop::bool::weighted(0.8);
    (names, totals, lists, ok).prop_map(
        |((workload, collector, heap), (start_ns, wall_ns, gc_ns, bytes), lists, ok)| {
            let (pauses, heap_samples, requests) = lists;
            Invocation {
                workload,
                collector,
                options: ["heap-size", "policy"]
                    .map(str::to_owned)
                    .into_iter()
                    .zip(heap.split('/').map(str::to_owned))
                    .collect(),
                outcome: if ok { Outcome::Ok } else { Outcome::OutOfMemory },
                start_ns,
                wall_ns,
                user_ns: wall_ns,
                sys_ns: gc_ns,
                gc_ns,
                peak_rss_bytes: bytes,
                heap_after_bytes: bytes,
                pauses,
                heap: heap_samples
                    .into_iter()
                    .map(|(at_ns, used_bytes)| HeapSample { at_ns, used_bytes, committed_bytes: bytes })
                    .collect(),
                requests: requests.into_iter().map(|(start_ns, end_ns)| Request { start_ns, end_ns }).collect(),
                ..Invocation::default()
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn any_session_has_a_page(invocations in prop::collection::vec(invocation(), 0..24)) {
        let mut session = Session::new(header());
        session.invocations = invocations;
        check(&session);
    }
}
