//! What each export writes of a small session.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use tenure_record::{HeapSample, Invocation, Outcome, Pause, PauseCause, PauseKind, Request, RunHeader, Session};
use tenure_reports::export::{self, FORMATS};

/// Two workloads under one collector: one that finished twice, and one that ran out of memory.
fn session() -> Session {
    let mut session = Session::new(RunHeader::new("tenure", "0.1.0", 1));
    session.header.started = Some("2025-01-01T00:00:00Z".into());
    for (invocation, wall) in [(0, 1_000_000_000), (1, 1_200_000_000)] {
        session.invocations.push(Invocation {
            workload: "fib \"n\"".into(),
            scale: "1".into(),
            collector: "gen".into(),
            options: BTreeMap::from([("gc-cons-threshold".into(), "800000".into())]),
            order: u64::from(invocation),
            invocation,
            start_ns: 1000,
            wall_ns: Some(wall),
            user_ns: Some(wall - 7),
            sys_ns: Some(5),
            gc_ns: Some(30_000_000),
            gc_count: Some(1),
            peak_rss_bytes: Some(64 << 20),
            counters: BTreeMap::from([("instructions".into(), 123)]),
            pauses: Some(vec![Pause {
                phases: BTreeMap::from([("mark".into(), 20_000_000), ("roots".into(), 4_000_000)]),
                bytes_before: Some(900_000),
                bytes_after: Some(100_000),
                ..Pause::new(5_000_000, 30_000_000, PauseKind::Major, PauseCause::Threshold)
            }]),
            heap: vec![HeapSample { at_ns: 5_000_000, used_bytes: 900_000, committed_bytes: None }],
            requests: vec![Request { start_ns: 4_000_000, end_ns: 36_000_000 }],
            ..Invocation::default()
        });
    }
    session.invocations.push(Invocation {
        workload: "splay".into(),
        scale: "1".into(),
        collector: "gen".into(),
        order: 2,
        outcome: Outcome::OutOfMemory,
        ..Invocation::default()
    });
    session
}

fn check(format: &str, expect: Expect) {
    let format = export::format(format).expect("a format");
    let files = (format.files)(&session());
    let text: String = files.iter().map(|(name, text)| format!("== {name}\n{text}")).collect();
    expect.assert_eq(&text);
}

#[test]
fn csv_has_a_row_for_each_observation() {
    check(
        "csv",
        expect![[r#"
        == session.csv
        workload,scale,collector,order,invocation,outcome,metric,kind,at_ns,value,unit,option.gc-cons-threshold
        "fib ""n""",1,gen,0,0,ok,ok,,,1,1,800000
        "fib ""n""",1,gen,0,0,ok,wall,,,1000000000,ns,800000
        "fib ""n""",1,gen,0,0,ok,cpu,,,999999998,ns,800000
        "fib ""n""",1,gen,0,0,ok,gc,,,30000000,ns,800000
        "fib ""n""",1,gen,0,0,ok,mutator,,,970000000,ns,800000
        "fib ""n""",1,gen,0,0,ok,gc-count,,,1,count,800000
        "fib ""n""",1,gen,0,0,ok,max-pause,,,30000000,ns,800000
        "fib ""n""",1,gen,0,0,ok,peak-rss,,,67108864,bytes,800000
        "fib ""n""",1,gen,0,0,ok,counter.instructions,,,123,count,800000
        "fib ""n""",1,gen,0,0,ok,pause,major,5000000,30000000,ns,800000
        "fib ""n""",1,gen,0,0,ok,pause.phase.mark,major,5000000,20000000,ns,800000
        "fib ""n""",1,gen,0,0,ok,pause.phase.roots,major,5000000,4000000,ns,800000
        "fib ""n""",1,gen,0,0,ok,pause.bytes-before,major,5000000,900000,bytes,800000
        "fib ""n""",1,gen,0,0,ok,pause.bytes-after,major,5000000,100000,bytes,800000
        "fib ""n""",1,gen,0,0,ok,heap.used,,5000000,900000,bytes,800000
        "fib ""n""",1,gen,0,0,ok,request,,4000000,32000000,ns,800000
        "fib ""n""",1,gen,1,1,ok,ok,,,1,1,800000
        "fib ""n""",1,gen,1,1,ok,wall,,,1200000000,ns,800000
        "fib ""n""",1,gen,1,1,ok,cpu,,,1199999998,ns,800000
        "fib ""n""",1,gen,1,1,ok,gc,,,30000000,ns,800000
        "fib ""n""",1,gen,1,1,ok,mutator,,,1170000000,ns,800000
        "fib ""n""",1,gen,1,1,ok,gc-count,,,1,count,800000
        "fib ""n""",1,gen,1,1,ok,max-pause,,,30000000,ns,800000
        "fib ""n""",1,gen,1,1,ok,peak-rss,,,67108864,bytes,800000
        "fib ""n""",1,gen,1,1,ok,counter.instructions,,,123,count,800000
        "fib ""n""",1,gen,1,1,ok,pause,major,5000000,30000000,ns,800000
        "fib ""n""",1,gen,1,1,ok,pause.phase.mark,major,5000000,20000000,ns,800000
        "fib ""n""",1,gen,1,1,ok,pause.phase.roots,major,5000000,4000000,ns,800000
        "fib ""n""",1,gen,1,1,ok,pause.bytes-before,major,5000000,900000,bytes,800000
        "fib ""n""",1,gen,1,1,ok,pause.bytes-after,major,5000000,100000,bytes,800000
        "fib ""n""",1,gen,1,1,ok,heap.used,,5000000,900000,bytes,800000
        "fib ""n""",1,gen,1,1,ok,request,,4000000,32000000,ns,800000
        splay,1,gen,2,0,out of memory,ok,,,0,1,
    "#]],
    );
}

#[test]
fn ndjson_has_the_same_rows() {
    let csv = export::long::csv(&session());
    let ndjson = export::long::ndjson(&session());
    assert_eq!(ndjson.lines().count(), csv.lines().count() - 1);
    let first = ndjson.lines().next().unwrap_or_default();
    expect![[r#"{"workload":"fib \"n\"","scale":"1","collector":"gen","options":{"gc-cons-threshold":"800000"},"order":0,"invocation":0,"outcome":"ok","metric":"ok","value":1.0,"unit":"1"}"#]].assert_eq(first);
}

#[test]
fn perfetto_has_tracks_and_counters() {
    check(
        "perfetto",
        expect![[r#"
            == session.perfetto.json
            {"displayTimeUnit":"ms","otherData":{"tool":"tenure","version":"0.1.0"},"traceEvents":[
            {"ph":"M","pid":1,"name":"process_name","args":{"name":"fib \"n\" · gen · invocation 0 · ok"}},
            {"ph":"M","pid":1,"tid":1,"name":"thread_name","args":{"name":"mutator"}},
            {"ph":"M","pid":1,"tid":2,"name":"thread_name","args":{"name":"collector"}},
            {"ph":"X","pid":1,"tid":1,"name":"fib \"n\"","ts":1.0,"dur":1000000.0,"args":{"options":{"gc-cons-threshold":"800000"},"result":""}},
            {"ph":"M","pid":1,"tid":10,"name":"thread_name","args":{"name":"requests"}},
            {"ph":"X","pid":1,"tid":10,"name":"request","ts":4000.0,"dur":32000.0},
            {"ph":"X","pid":1,"tid":2,"name":"major","ts":5000.0,"dur":30000.0,"args":{"bytes_after":100000,"bytes_before":900000,"cause":"threshold"}},
            {"ph":"X","pid":1,"tid":2,"name":"roots","ts":5000.0,"dur":4000.0},
            {"ph":"X","pid":1,"tid":2,"name":"mark","ts":9000.0,"dur":20000.0},
            {"ph":"C","pid":1,"name":"heap used","ts":5000.0,"args":{"bytes":900000}},
            {"ph":"C","pid":1,"name":"live after collection","ts":35000.0,"args":{"bytes":100000}},
            {"ph":"M","pid":2,"name":"process_name","args":{"name":"fib \"n\" · gen · invocation 1 · ok"}},
            {"ph":"M","pid":2,"tid":1,"name":"thread_name","args":{"name":"mutator"}},
            {"ph":"M","pid":2,"tid":2,"name":"thread_name","args":{"name":"collector"}},
            {"ph":"X","pid":2,"tid":1,"name":"fib \"n\"","ts":1.0,"dur":1200000.0,"args":{"options":{"gc-cons-threshold":"800000"},"result":""}},
            {"ph":"M","pid":2,"tid":10,"name":"thread_name","args":{"name":"requests"}},
            {"ph":"X","pid":2,"tid":10,"name":"request","ts":4000.0,"dur":32000.0},
            {"ph":"X","pid":2,"tid":2,"name":"major","ts":5000.0,"dur":30000.0,"args":{"bytes_after":100000,"bytes_before":900000,"cause":"threshold"}},
            {"ph":"X","pid":2,"tid":2,"name":"roots","ts":5000.0,"dur":4000.0},
            {"ph":"X","pid":2,"tid":2,"name":"mark","ts":9000.0,"dur":20000.0},
            {"ph":"C","pid":2,"name":"heap used","ts":5000.0,"args":{"bytes":900000}},
            {"ph":"C","pid":2,"name":"live after collection","ts":35000.0,"args":{"bytes":100000}},
            {"ph":"M","pid":3,"name":"process_name","args":{"name":"splay · gen · invocation 0 · out of memory"}},
            {"ph":"M","pid":3,"tid":1,"name":"thread_name","args":{"name":"mutator"}},
            {"ph":"M","pid":3,"tid":2,"name":"thread_name","args":{"name":"collector"}}
            ]}
        "#]],
    );
}

#[test]
fn eld_is_a_list_of_sessions() {
    check(
        "eld",
        expect![[r#"
        == session.eld
        ((("Session end stats" "2025-01-01T00:00:00Z + 0.000000 s" (emacs-uptime . "0 seconds"))
          ("Initial stats" "2025-01-01T00:00:00Z + 0.000000 s" (tenure-workload . "splay") (tenure-scale . "1") (tenure-collector . "gen") (tenure-invocation . 0) (tenure-outcome . "out of memory")))
         (("Session end stats" "2025-01-01T00:00:00Z + 1.200001 s" (gc-cons-threshold . 800000) (gc-elapsed . 0.030000000) (gcs-done . 1) (memory-limit . 65536) (emacs-uptime . "1 seconds"))
          ("2025-01-01T00:00:00Z + 0.035000 s" (gc-cons-threshold . 800000) (gc-elapsed . 0.030000000) (gcs-done . 1) (tenure-kind . "major") (tenure-pause . 0.030000000) (tenure-bytes-before . 900000) (tenure-bytes-after . 100000))
          ("Initial stats" "2025-01-01T00:00:00Z + 0.000000 s" (gc-cons-threshold . 800000) (tenure-workload . "fib \"n\"") (tenure-scale . "1") (tenure-collector . "gen") (tenure-invocation . 1) (tenure-outcome . "ok") (tenure-options ("gc-cons-threshold" . "800000"))))
         (("Session end stats" "2025-01-01T00:00:00Z + 1.000001 s" (gc-cons-threshold . 800000) (gc-elapsed . 0.030000000) (gcs-done . 1) (memory-limit . 65536) (emacs-uptime . "1 seconds"))
          ("2025-01-01T00:00:00Z + 0.035000 s" (gc-cons-threshold . 800000) (gc-elapsed . 0.030000000) (gcs-done . 1) (tenure-kind . "major") (tenure-pause . 0.030000000) (tenure-bytes-before . 900000) (tenure-bytes-after . 100000))
          ("Initial stats" "2025-01-01T00:00:00Z + 0.000000 s" (gc-cons-threshold . 800000) (tenure-workload . "fib \"n\"") (tenure-scale . "1") (tenure-collector . "gen") (tenure-invocation . 0) (tenure-outcome . "ok") (tenure-options ("gc-cons-threshold" . "800000")))))
    "#]],
    );
}

#[test]
fn mmtk_stats_has_a_block_for_each_invocation_that_finished() {
    check(
        "mmtk-stats",
        expect![[r#"
        == session.mmtk.log
        ===== tenure fib "n" gen invocation 0 =====
        ============================ MMTk Statistics Totals ============================
        GC	time.other	time.stw	instructions
        1	970.00	30.00	123
        Total time: 1000.00 ms
        ------------------------------ End MMTk Statistics -----------------------------
        ===== tenure fib "n" gen invocation 1 =====
        ============================ MMTk Statistics Totals ============================
        GC	time.other	time.stw	instructions
        1	1170.00	30.00	123
        Total time: 1200.00 ms
        ------------------------------ End MMTk Statistics -----------------------------
        ===== tenure splay gen invocation 0 FAILED: out of memory =====
    "#]],
    );
}

#[test]
fn org_has_the_table_of_elisp_benchmarks() {
    check(
        "org",
        expect![[r#"
        == session.org
        * Results: gen

        | test    |         non-gc avg (s) | gc avg (s) | gcs avg | tot avg (s) | tot avg err (s) |
        |---------+------------------------+------------+---------+-------------+-----------------|
        | fib "n" |                   1.07 |       0.03 |       1 |        1.10 |            0.14 |
        | splay   | out of memory (1 of 1) |            |         |             |                 |
        |---------+------------------------+------------+---------+-------------+-----------------|
        | total   |                   1.07 |       0.03 |       1 |        1.10 |            0.14 |

    "#]],
    );
}

#[test]
fn every_format_answers_an_empty_session() {
    let empty = Session::new(RunHeader::new("tenure", "0.1.0", 1));
    for format in FORMATS {
        for (name, _) in (format.files)(&empty) {
            assert!(!name.is_empty());
        }
    }
    let mut names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), FORMATS.len());
}
