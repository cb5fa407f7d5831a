//! The text of a session: what is written, what is read back, and what is said about a wrong one.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use proptest::prelude::*;
use tenure_record::{
    HeapSample, Invocation, MinHeap, Outcome, Pause, PauseCause, PauseKind, Request, RunHeader, Session, Truncated,
    parse_gc_log,
};

fn header() -> RunHeader {
    RunHeader { command_line: vec!["tenure".into(), "bench".into()], ..RunHeader::new("tenure", "0.1.0", 7) }
}

fn invocation() -> Invocation {
    Invocation {
        workload: "splay".into(),
        scale: "1".into(),
        collector: "gen".into(),
        options: BTreeMap::from([("heap-size".into(), "64M".into())]),
        order: 3,
        invocation: 1,
        result: "42".into(),
        start_ns: 10,
        wall_ns: Some(1_000),
        gc_count: Some(1),
        gc_ns: Some(40),
        pauses: Some(vec![Pause {
            phases: BTreeMap::from([("roots".into(), 5), ("copy".into(), 30)]),
            bytes_copied: Some(64),
            ..Pause::new(100, 40, PauseKind::Minor, PauseCause::NurseryFull)
        }]),
        heap: vec![HeapSample { at_ns: 100, used_bytes: 4096, committed_bytes: None }],
        requests: vec![Request { start_ns: 90, end_ns: 180 }],
        ..Invocation::default()
    }
}

fn session() -> Session {
    let mut session = Session::new(header());
    session.invocations.push(invocation());
    session.invocations.push(Invocation {
        workload: "splay".into(),
        collector: "semi".into(),
        outcome: Outcome::OutOfMemory,
        ..Invocation::default()
    });
    session.min_heaps.push(MinHeap {
        workload: "splay".into(),
        collector: "gen".into(),
        heap_bytes: Some(1 << 20),
        probes: 9,
        ..MinHeap::default()
    });
    session
}

fn check_error(text: &str, expect: Expect) {
    let error = Session::parse(text).expect_err("the text must be refused");
    expect.assert_eq(&error.to_string());
}

#[test]
fn a_session_is_written_one_record_a_line() {
    expect![[r#"
        {"line":"header","schema":1,"tool":"tenure","tool_version":"0.1.0","dirty":false,"command_line":["tenure","bench"],"seed":7,"host":{},"options":{}}
        {"line":"invocation","workload":"splay","scale":"1","collector":"gen","options":{"heap-size":"64M"},"order":3,"invocation":1,"outcome":{"kind":"ok"},"result":"42","start_ns":10,"wall_ns":1000,"gc_count":1,"gc_ns":40,"pauses":[{"start_ns":100,"pause_ns":40,"kind":"minor","cause":"nursery-full","phases":{"copy":30,"roots":5},"bytes_copied":64}],"heap":[{"at_ns":100,"used_bytes":4096}],"requests":[{"start_ns":90,"end_ns":180}]}
        {"line":"invocation","workload":"splay","scale":"","collector":"semi","options":{},"order":0,"invocation":0,"outcome":{"kind":"out-of-memory"},"start_ns":0}
        {"line":"min-heap","workload":"splay","scale":"","collector":"gen","options":{},"heap_bytes":1048576,"probes":9}
    "#]]
    .assert_eq(&session().to_ndjson());
}

#[test]
fn a_written_session_reads_back_the_same() {
    assert_eq!(Session::parse(&session().to_ndjson()), Ok(session()));
}

#[test]
fn a_half_line_at_the_end_is_told_and_left_out() {
    let whole = session();
    let text = whole.to_ndjson();
    let last = text.trim_end().rfind('\n').unwrap() + 1;
    for cut in last + 1..text.len() - 1 {
        let parsed = Session::parse(&text[..cut]).expect("a half line at the end is tolerated");
        assert_eq!(parsed.truncated, Some(Truncated { line: 4, bytes: cut - last }));
        assert_eq!(parsed.invocations, whole.invocations);
        assert!(parsed.min_heaps.is_empty());
    }
}

#[test]
fn a_half_line_elsewhere_is_an_error() {
    let text = format!("{}\n{{\"line\":\"invo\n{}\n", header().to_line(), invocation().to_line());
    check_error(
        &text,
        expect![[
            r#"line 2: expected a record with a "line" field as one JSON object, found "{\"line\":\"invo": EOF while parsing a string at column 13"#
        ]],
    );
}

#[test]
fn a_resumed_session_keeps_each_header() {
    let mut whole = session();
    whole.resumed.push(RunHeader { seed: 8, ..header() });
    assert_eq!(Session::parse(&whole.to_ndjson()), Ok(whole));
}

#[test]
fn what_a_later_version_adds_is_tolerated() {
    let text = r#"{"line":"header","schema":1,"tool":"tenure","tool_version":"9.0.0","seed":1,"phase_of_moon":"full"}
{"line":"weather","rain":true}
{"line":"invocation","workload":"w","collector":"c","outcome":{"kind":"bored","since":3},"pauses":[{"start_ns":1,"pause_ns":2,"kind":"nap","cause":"whim","depth":9}]}
"#;
    let parsed = Session::parse(text).expect("additions are no error");
    assert_eq!(parsed.unknown_lines, 1);
    let run = &parsed.invocations[0];
    assert_eq!(run.outcome, Outcome::Unknown);
    assert!(!run.outcome.is_ok());
    let pause = &run.pauses.as_ref().unwrap()[0];
    assert_eq!((pause.kind.as_str(), pause.cause.as_str()), ("nap", "whim"));
    assert_eq!(pause.to_line(), r#"{"start_ns":1,"pause_ns":2,"kind":"nap","cause":"whim"}"#);
}

#[test]
fn a_later_schema_is_refused() {
    check_error(
        r#"{"line":"header","schema":2,"implement":"unknowable"}"#,
        expect!["line 1: expected schema version 1 or older, found 2: a newer tenure wrote this session"],
    );
}

#[test]
fn errors_name_line_expectation_and_finding() {
    check_error(
        "",
        expect![[r#"line 1: expected the header of a session ("line":"header"), found the end of the text"#]],
    );
    check_error(
        &invocation().to_line(),
        expect![[r#"line 1: expected the header of a session ("line":"header"), found a line of kind "invocation""#]],
    );
    check_error(
        "\n\nnot json\n",
        expect![[
            r#"line 3: expected a record with a "line" field as one JSON object, found "not json": expected ident at column 2"#
        ]],
    );
    check_error(
        &format!("{}\n{{\"line\":\"invocation\",\"workload\":\"w\"}}\n", header().to_line()),
        expect![[
            r#"line 2: expected an invocation: missing field `collector` at column 36; found "{\"line\":\"invocation\",\"workload\":\"w\"}""#
        ]],
    );
    check_error(
        &format!("{}\n{}\n", header().to_line(), invocation().to_line().replace("1000", "\"long\"")),
        expect![[
            r#"line 2: expected an invocation: invalid type: string "long", expected u64 at column 193; found "{\"line\":\"invocation\",\"workload\":\"splay\",\"scale\":\"1\",\"collect…""#
        ]],
    );
}

#[test]
fn a_log_of_pauses_is_read_line_by_line() {
    let pause = &invocation().pauses.unwrap()[0];
    let text = format!("{}\n\n{}\n{{\"start_ns\":1,", pause.to_line(), pause.to_line());
    let log = parse_gc_log(&text).unwrap();
    assert_eq!((log.pauses, log.dropped_events), (vec![pause.clone(), pause.clone()], None));
    let error = parse_gc_log("{\"start_ns\":1}\n").unwrap_err();
    expect![[r#"line 1: expected a pause: missing field `pause_ns` at column 14; found "{\"start_ns\":1}""#]]
        .assert_eq(&error.to_string());
}

#[test]
fn a_log_has_requests_and_what_was_dropped() {
    let text = "{\"request\":{\"start_ns\":5,\"end_ns\":6}}\n{\"request\":{\"start_ns\":2,\"end_ns\":9}}\n\
                {\"totals\":{\"pauses\":0,\"dropped\":3}}\n";
    let log = parse_gc_log(text).unwrap();
    assert_eq!(log.requests, [Request { start_ns: 2, end_ns: 9 }, Request { start_ns: 5, end_ns: 6 }]);
    assert_eq!(log.dropped_events, Some(3));
}

proptest! {
    /// Whatever the bytes, the reader answers; it does not panic.
    #[test]
    fn any_text_is_answered(text in "\\PC*(\n\\PC*){0,3}") {
        prop_assert!(Session::parse(&text).is_err());
    }

    /// A wrong byte anywhere gives a session or an error with a line of the text.
    #[test]
    fn a_damaged_session_is_answered(at in 0_usize..2000, byte in 0x20_u8..0x7f) {
        let mut bytes = session().to_ndjson().into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        let text = String::from_utf8(bytes).unwrap();
        if let Err(error) = Session::parse(&text) {
            prop_assert!((1..=4).contains(&error.line), "line {}", error.line);
        }
    }
}
