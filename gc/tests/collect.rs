//! Every collector on graphs that the test builds: values survive, garbage goes, weak references do as they promise.

mod plans;

use plans::plans;
use tenure_gc::{Compacts, Config, Context, Event, Kind, NIL, Object, PLANS, PauseKind, PlanInfo, T, Weakness};

const SYMBOLS: [&str; 4] = ["nil", "t", "unbound", "memory-full"];

/// Run `test` once under every plan, in a thread of its own, with the verifier on, without and with stress.
fn under_every_plan(test: fn(&mut Context)) {
    under_every_plan_verifying(true, test);
}

/// The same, with the verifier on or, for heaps that it would walk for minutes, off.
fn under_every_plan_verifying(verify: bool, test: fn(&mut Context)) {
    for config in configurations() {
        for stress in [0, 1] {
            let name = format!("{} tenure-age={} stress={stress}", config.plan.name, config.tenure_age);
            let config = Config { stress, verify, poison: true, ..config.clone() };
            let run = move || test(&mut Context::new(config, &SYMBOLS));
            std::thread::Builder::new().name(name).spawn(run).expect("a thread").join().expect("the test passes");
        }
    }
}

/// Every plan; those with a nursery with and without aging.
fn configurations() -> Vec<Config> {
    let plain = |plan: &PlanInfo| Config::named(plan.name).expect("a plan of the table");
    let aging = |plan| Config { tenure_age: 2, ..plain(plan) };
    plans().into_iter().map(plain).chain(plans().into_iter().filter(|plan| plan.nursery).map(aging)).collect()
}

fn list_sum(mut list: Object<'_>) -> i64 {
    let mut sum = 0;
    while let Kind::Cons(c) = list.untag() {
        sum += c.car().as_fixnum().unwrap_or(0);
        list = c.cdr();
    }
    sum
}

#[test]
fn lists_survive() {
    under_every_plan(|cx| {
        let scope = cx.scope();
        let list = scope.root(NIL);
        for i in 0..2000 {
            list.set(cx, cx.cons(Object::fixnum(i), list.get(cx)).into());
            if i % 16 == 0 {
                cx.safepoint();
            }
        }
        cx.collect();
        assert_eq!(list_sum(list.get(cx)), (0..2000).sum());
    });
}

#[test]
fn every_kind_survives() {
    under_every_plan(|cx| {
        let scope = cx.scope();
        let all = scope.root(NIL);
        let string = cx.string_from_str("a string of some length, longer than its header");
        let bits = cx.bool_vector(130);
        bits.set(129, true);
        let table = cx.hash_table(3, Weakness::None);
        for i in 0..100 {
            let key: Object<'_> = cx.cons(Object::fixnum(i), NIL).into();
            table.insert(cx.identity_hash(key), key, Object::fixnum(i), cx);
        }
        let code = cx.byte_code(&[Object::fixnum(0), NIL, NIL, Object::fixnum(2)]);
        let objects = [
            string.into(),
            cx.float(1.5).into(),
            cx.vector(&[T, cx.float(2.5).into()]).into(),
            cx.record(&[cx.intern("point").into(), Object::fixnum(3)]).into(),
            bits.into(),
            cx.bignum(true, &[1, 2, 3]).into(),
            table.into(),
            cx.closure(code, &[Object::fixnum(7)]).into(),
            cx.make_symbol(cx.string_from_str("uninterned")).into(),
            cx.make_vector(20_000, Object::fixnum(5)).into(),
            cx.string(&vec![b'x'; 100_000], 100_000, false).into(),
            cx.string(b"", 0, false).into(),
        ];
        all.set(cx, cx.vector(&objects).into());
        for _ in 0..5 {
            cx.collect();
            for i in 0..1000 {
                cx.cons(Object::fixnum(i), NIL);
                cx.string(&[b'y'; 300], 300, false);
            }
        }
        let all = all.get(cx).as_vector().expect("a vector");
        let at = |i: usize| all.get(i).expect("an element");
        assert_eq!(at(0).as_string().and_then(|s| s.as_str()), Some("a string of some length, longer than its header"));
        assert_eq!(at(1).as_float().map(|f| f.value()), Some(1.5));
        let v = at(2).as_vector().expect("a vector");
        assert_eq!(v.get(1).and_then(Object::as_float).map(|f| f.value()), Some(2.5));
        assert_eq!(at(3).as_record().and_then(|r| r.get(1)), Some(Object::fixnum(3)));
        assert_eq!(
            at(4).as_bool_vector().map(|b| (b.get(128), b.get(129), b.get(130))),
            Some((Some(false), Some(true), None))
        );
        assert_eq!(at(5).as_bignum().map(|b| b.digits().collect::<Vec<_>>()), Some(vec![1, 2, 3]));
        let table = at(6).as_hash_table().expect("a table");
        assert_eq!(table.count(), 100);
        for i in 0..100 {
            let (key, value) = table.entry(i, cx).expect("an entry");
            assert_eq!(table.find(cx.identity_hash(key), cx, |k| k == key), Some(i));
            assert_eq!(value, Object::fixnum(i as i64));
        }
        assert_eq!(at(7).as_closure().and_then(|c| c.get(1)), Some(Object::fixnum(7)));
        assert_eq!(at(8).as_symbol().map(|s| s.name(cx).bytes()), Some(&b"uninterned"[..]));
        assert_eq!(at(9).as_vector().map(|v| (v.len(), v.get(19_999))), Some((20_000, Some(Object::fixnum(5)))));
        assert_eq!(at(10).as_string().map(|s| s.bytes().iter().filter(|&&b| b == b'x').count()), Some(100_000));
        assert_eq!(at(11).as_string().map(|s| s.len_bytes()), Some(0));
    });
}

#[test]
fn garbage_is_freed() {
    under_every_plan(|cx| {
        if !cx.plan().collects {
            return;
        }
        for _ in 0..50 {
            for i in 0..5000 {
                cx.vector(&[Object::fixnum(i); 7]);
                cx.string(&[0; 100], 100, false);
            }
            cx.make_vector(10_000, NIL);
            cx.collect();
        }
        assert!(cx.footprint() < 8 << 20, "{} bytes are held for nothing", cx.footprint());
        assert!(cx.live_bytes() < 1 << 20);
    });
}

#[test]
fn deep_and_cyclic_structures_need_no_stack() {
    const DEPTH: usize = 10_000_000;
    under_every_plan(|cx| {
        if cx.config().stress != 0 {
            return;
        }
        let scope = cx.scope();
        let (deep, long) = (scope.root(NIL), scope.root(NIL));
        for _ in 0..DEPTH {
            deep.set(cx, cx.cons(deep.get(cx), NIL).into());
            long.set(cx, cx.cons(NIL, long.get(cx)).into());
        }
        let cycle = scope.root(cx.cons(NIL, NIL).into());
        let c = cycle.get(cx).as_cons().expect("a cons");
        c.set_car(cx, cycle.get(cx));
        c.set_cdr(cx, cycle.get(cx));
        cx.collect();
        let count = |mut at: Object<'_>, car: bool| {
            let mut n = 0;
            while let Some(c) = at.as_cons() {
                n += 1;
                at = if car { c.car() } else { c.cdr() };
            }
            n
        };
        assert_eq!(count(deep.get(cx), true), DEPTH);
        assert_eq!(count(long.get(cx), false), DEPTH);
        let c = cycle.get(cx).as_cons().expect("a cons");
        assert!(c.car() == cycle.get(cx) && c.cdr() == cycle.get(cx));
    });
}

#[test]
fn a_table_of_a_million_entries_survives() {
    const ENTRIES: usize = 1_000_000;
    under_every_plan_verifying(false, |cx| {
        if cx.config().stress != 0 {
            return;
        }
        let scope = cx.scope();
        let table = scope.root(cx.hash_table(65, Weakness::None).into());
        for i in 0..ENTRIES {
            let t = table.get(cx).as_hash_table().expect("a table");
            let key: Object<'_> =
                if i % 2 == 0 { Object::fixnum(i as i64) } else { cx.cons(Object::fixnum(i as i64), NIL).into() };
            t.insert(cx.identity_hash(key), key, Object::fixnum(i as i64), cx);
            cx.safepoint();
        }
        cx.collect();
        let t = table.get(cx).as_hash_table().expect("a table");
        assert_eq!(t.count(), ENTRIES);
        for i in 0..ENTRIES {
            let (key, value) = t.entry(i, cx).expect("an entry");
            assert_eq!(t.find(cx.identity_hash(key), cx, |k| k == key), Some(i));
            assert_eq!(value, Object::fixnum(i as i64));
        }
    });
}

#[test]
fn tables_are_put_in_order_after_keys_moved() {
    under_every_plan(|cx| {
        let scope = cx.scope();
        let table = scope.root(cx.hash_table(1, Weakness::None).into());
        let keys = scope.root(NIL);
        let mut present = 0;
        for i in 0..3000 {
            let t = table.get(cx).as_hash_table().expect("a table");
            let key: Object<'_> = cx.cons(Object::fixnum(i), NIL).into();
            keys.set(cx, cx.cons(key, keys.get(cx)).into());
            t.insert(cx.identity_hash(key), key, Object::fixnum(i), cx);
            present += 1;
            if i % 3 == 0 {
                // Remove an older entry, so that its number is used again.
                let old = (i / 2) as usize;
                if t.entry(old, cx).is_some() {
                    t.remove(old, cx);
                    present -= 1;
                }
            }
            if i % 50 == 0 {
                cx.collect();
            }
            cx.safepoint();
        }
        let t = table.get(cx).as_hash_table().expect("a table");
        assert_eq!(t.count(), present);
        let (mut found, mut at) = (0, keys.get(cx));
        while let Some(c) = at.as_cons() {
            let key = c.car();
            if let Some(i) = t.find(cx.identity_hash(key), cx, |k| k == key) {
                found += 1;
                assert_eq!(t.entry(i, cx).map(|(_, v)| v), key.as_cons().map(|k| k.car()));
            }
            at = c.cdr();
        }
        assert_eq!(found, present);
    });
}

#[test]
fn weak_tables_lose_what_nothing_else_keeps() {
    under_every_plan(|cx| {
        if !cx.plan().collects {
            return;
        }
        let cases = [
            (Weakness::Key, [true, true, false, false]),
            (Weakness::Value, [true, false, true, false]),
            (Weakness::KeyOrValue, [true, true, true, false]),
            (Weakness::KeyAndValue, [true, false, false, false]),
        ];
        for (weakness, expected) in cases {
            let scope = cx.scope();
            let kept = scope.root(NIL);
            let table = scope.root(cx.hash_table(8, weakness).into());
            // Keep: both, the key, the value, neither.
            for keep in [3, 1, 2, 0] {
                let (key, value) = (cx.cons(Object::fixnum(keep), T), cx.cons(Object::fixnum(keep), NIL));
                let t = table.get(cx).as_hash_table().expect("a table");
                t.insert(cx.identity_hash(key.into()), key.into(), value.into(), cx);
                for (bit, cell) in [(1, key), (2, value)] {
                    if keep & bit != 0 {
                        kept.set(cx, cx.cons(cell.into(), kept.get(cx)).into());
                    }
                }
            }
            cx.collect();
            let t = table.get(cx).as_hash_table().expect("a table");
            let present: Vec<bool> = (0..4).map(|i| t.entry(i, cx).is_some()).collect();
            assert_eq!(present, expected, "{weakness:?}");
            assert_eq!(t.count(), expected.iter().filter(|&&p| p).count());
        }
    });
}

#[test]
fn ephemeron_chains_are_followed() {
    under_every_plan(|cx| {
        if cx.config().stress != 0 || !cx.plan().collects {
            return;
        }
        let scope = cx.scope();
        let table = scope.root(cx.hash_table(8, Weakness::Key).into());
        let first = scope.root(cx.cons(NIL, NIL).into());
        let mut key = first.get(cx);
        // Entries go in last first, so that a scan in order finds no key live but the last one.
        let chain: Vec<Object<'_>> = std::iter::once(key)
            .chain((0..50_000).map(|_| {
                key = cx.cons(NIL, NIL).into();
                key
            }))
            .collect();
        let t = table.get(cx).as_hash_table().expect("a table");
        for pair in chain.windows(2).rev() {
            t.insert(cx.identity_hash(pair[0]), pair[0], pair[1], cx);
        }
        cx.collect();
        assert_eq!(table.get(cx).as_hash_table().map(|t| t.count()), Some(50_000));
        first.set(cx, NIL);
        cx.collect();
        assert_eq!(table.get(cx).as_hash_table().map(|t| t.count()), Some(0));
    });
}

/// With a budget of nothing, each pause does one step, so a large weak table takes many of them, and so do many finalizers.
#[test]
fn weak_references_are_decided_in_slices() {
    const ENTRIES: usize = 20_000;
    const MOST_ENTRIES_A_PAUSE: usize = 64;
    const MOST_FINALIZERS_A_PAUSE: usize = 256;
    /// Be idle until a cycle has ended, which pays for slices however slow the machine is; gives their number.
    fn slices_of_a_cycle(cx: &mut Context) -> usize {
        let (mut slices, mut events) = (0, Vec::new());
        loop {
            cx.cons(NIL, NIL);
            cx.idle(1_000_000);
            cx.event_sink().lock().drain_into(&mut events);
            for event in events.drain(..) {
                let Event::Pause(pause) = event else { continue };
                slices += usize::from(matches!(pause.kind, PauseKind::Increment | PauseKind::Final));
                if pause.kind == PauseKind::Final {
                    return slices;
                }
            }
            assert!(slices < 1 << 20, "the cycle does not end");
        }
    }
    for plan in plans().into_iter().filter(|plan| plan.incremental) {
        let run = move || {
            let mut config = Config::named(plan.name).expect("a plan of the table");
            config.set("nursery-size", "64K").expect("a size");
            config.set("heap-size", "multiple:1.1").expect("a rule");
            config.slice_us = 0;
            config.verify = false;
            let cx = &mut Context::new(config, &SYMBOLS);
            let scope = cx.scope();
            let table = scope.root(cx.hash_table(8, Weakness::Key).into());
            let (first, finalizers) = (scope.root(cx.cons(NIL, NIL).into()), scope.root(NIL));
            let key = scope.root(first.get(cx));
            // What is dropped at the end of each round makes the old generation grow, so that there is a next cycle.
            let ballast = scope.root(NIL);
            for i in 0..ENTRIES {
                let next: Object<'_> = cx.cons(Object::fixnum(i as i64), NIL).into();
                let t = table.get(cx).as_hash_table().expect("a table");
                t.insert(cx.identity_hash(key.get(cx)), key.get(cx), next, cx);
                key.set(cx, next);
                finalizers.set(cx, cx.cons(cx.finalizer(NIL).into(), finalizers.get(cx)).into());
                cx.safepoint();
            }
            key.set(cx, NIL);
            let count = |cx: &Context| table.get(cx).as_hash_table().map_or(0, |t| t.count());
            let grow = |cx: &mut Context| {
                ballast.set(cx, cx.make_vector(1 << 20, NIL).into());
                slices_of_a_cycle(cx)
            };
            grow(cx);
            let slices = grow(cx);
            assert_eq!(count(cx), ENTRIES);
            assert!(slices > ENTRIES / MOST_ENTRIES_A_PAUSE, "{slices} slices under {}", plan.name);
            first.set(cx, NIL);
            finalizers.set(cx, NIL);
            // The first cycle may have begun before.
            let slices = grow(cx).max(grow(cx));
            assert_eq!(count(cx), 0);
            let least = 2 * (ENTRIES / MOST_ENTRIES_A_PAUSE) + ENTRIES / MOST_FINALIZERS_A_PAUSE;
            assert!(slices > least, "{slices} slices under {}", plan.name);
            let mut doomed = 0;
            while cx.next_doomed_finalizer().is_some() {
                doomed += 1;
            }
            assert_eq!(doomed, ENTRIES);
        };
        std::thread::spawn(run).join().expect("the test passes");
    }
}

#[test]
fn finalizers_are_doomed_once() {
    under_every_plan(|cx| {
        if !cx.plan().collects {
            return;
        }
        let scope = cx.scope();
        let kept = scope.root(cx.finalizer(Object::fixnum(1)).into());
        cx.finalizer(Object::fixnum(2));
        cx.collect();
        assert_eq!(cx.next_doomed_finalizer(), Some(Object::fixnum(2)));
        cx.collect();
        assert_eq!(cx.next_doomed_finalizer(), None);
        kept.set(cx, NIL);
        cx.collect();
        assert_eq!(cx.next_doomed_finalizer(), Some(Object::fixnum(1)));
        assert_eq!(cx.next_doomed_finalizer(), None);
    });
}

#[test]
fn a_fixed_heap_reports_that_it_is_full() {
    for plan in plans().into_iter().filter(|p| p.collects) {
        let run = move || {
            let mut config = Config::named(plan.name).expect("a plan of the table");
            config.set("heap-size", "8M").expect("a size");
            config.verify = false;
            let cx = &mut Context::new(config, &SYMBOLS);
            let scope = cx.scope();
            let list = scope.root(NIL);
            let mut n = 0u64;
            while !cx.take_memory_full() {
                list.set(cx, cx.cons(NIL, list.get(cx)).into());
                cx.safepoint();
                n += 1;
                assert!(n < 8 << 20, "never full");
            }
            assert!(n * 16 > 3 << 20, "full after only {n} conses");
            assert!(cx.footprint() < 10 << 20);
            list.set(cx, NIL);
            cx.collect();
            assert!(!cx.take_memory_full());
            assert!(cx.reserve(16 << 20).is_err());
            assert!(cx.reserve(1 << 20).is_ok());
        };
        std::thread::spawn(run).join().expect("the test passes");
    }
}

#[test]
fn memory_use_counts_only_grow_and_are_exact() {
    under_every_plan(|cx| {
        let before = cx.use_counts();
        for _ in 0..1000 {
            cx.cons(NIL, NIL);
            cx.float(1.0);
        }
        cx.collect();
        for _ in 0..500 {
            cx.cons(NIL, NIL);
        }
        let after = cx.use_counts();
        assert_eq!(after.conses - before.conses, 1500);
        assert_eq!(after.floats - before.floats, 1000);
    });
}

#[test]
fn census_counts_what_is_live() {
    under_every_plan(|cx| {
        if !cx.plan().collects {
            return;
        }
        let scope = cx.scope();
        let v = scope.root(cx.make_vector(100, NIL).into());
        for i in 0..100 {
            let cell = cx.cons(Object::fixnum(i), NIL);
            v.get(cx).as_vector().expect("a vector").set(i as usize, cell.into(), cx);
        }
        cx.collect();
        let census = cx.census();
        assert_eq!(census.count("cons"), 100);
        assert_eq!(census.count("vector"), 1);
        assert_eq!(cx.reachable_census(v.get(cx)).count("cons"), 100);
    });
}

#[test]
fn a_live_cons_costs_its_words_and_little_more() {
    const CONSES: usize = 1_000_000;
    for plan in plans().into_iter().filter(|p| p.collects) {
        let run = move || {
            let mut config = Config::named(plan.name).expect("a plan of the table");
            config.verify = false;
            let cx = &mut Context::new(config, &SYMBOLS);
            let before = cx.footprint();
            let scope = cx.scope();
            let list = scope.root(NIL);
            for _ in 0..CONSES {
                list.set(cx, cx.cons(NIL, list.get(cx)).into());
                cx.safepoint();
            }
            cx.collect();
            let grown = cx.footprint() - before;
            assert!(grown < CONSES * 16 + (1 << 20), "{grown} bytes for {CONSES} conses under {}", plan.name);
        };
        std::thread::spawn(run).join().expect("the test passes");
    }
}

#[test]
fn what_survives_often_enough_is_promoted() {
    const CONSES: u64 = 1000;
    for plan in plans().into_iter().filter(|plan| plan.nursery) {
        for age in 1..=4 {
            let run = move || {
                let mut config = Config::named(plan.name).expect("a plan of the table");
                config.set("tenure-age", &age.to_string()).expect("an age");
                config.set("nursery-size", "64K").expect("a size");
                let cx = &mut Context::new(config, &SYMBOLS);
                // What the context itself made is old now.
                cx.collect();
                let scope = cx.scope();
                let list = scope.root((0..CONSES).fold(NIL, |list, i| cx.cons(Object::fixnum(i as i64), list).into()));
                cx.event_sink().lock().drain_into(&mut Vec::new());
                let before = cx.collections();
                while cx.collections() < before + 6 {
                    cx.cons(NIL, NIL);
                    cx.safepoint();
                }
                assert_eq!(list_sum(list.get(cx)), (0..CONSES as i64).sum());
                let mut events = Vec::new();
                cx.event_sink().lock().drain_into(&mut events);
                let moved = events.iter().filter_map(|event| match event {
                    Event::Pause(pause) => Some((pause.bytes_copied, pause.bytes_promoted)),
                    _ => None,
                });
                let bytes = 16 * CONSES;
                let expected = (1..=6).map(|survived| match survived {
                    _ if survived < age => (bytes, 0),
                    _ if survived == age => (bytes, bytes),
                    _ => (0, 0),
                });
                assert!(moved.eq(expected), "{}, age {age}", plan.name);
            };
            std::thread::spawn(run).join().expect("the test passes");
        }
    }
}

/// What a program builds is born old once the nursery has found that all of it survives, and is young again when it dies.
#[test]
fn data_under_construction_is_born_old() {
    const ROUNDS: usize = 100_000;
    // A cons, a vector of four, a float, a string and its bytes.
    const BYTES: u64 = 16 + 40 + 16 + 32 + 16;
    for plan in plans().into_iter().filter(|plan| plan.nursery) {
        let run = move || {
            let mut config = Config::named(plan.name).expect("a plan of the table");
            config.verify = true;
            let cx = &mut Context::new(config, &SYMBOLS);
            // Bytes copied and promoted since it was asked last.
            let moved = |cx: &mut Context| {
                let mut events = Vec::new();
                cx.event_sink().lock().drain_into(&mut events);
                events.iter().fold((0, 0), |(copied, promoted), event| match event {
                    Event::Pause(pause) => (copied + pause.bytes_copied, promoted + pause.bytes_promoted),
                    _ => (copied, promoted),
                })
            };
            let scope = cx.scope();
            let list = scope.root(NIL);
            for i in 0..ROUNDS {
                let string = cx.string(format!("number {i}").as_bytes(), 1, false).into();
                let vector = cx.vector(&[Object::fixnum(i as i64), cx.float(i as f64).into(), string, list.get(cx)]);
                list.set(cx, cx.cons(vector.into(), list.get(cx)).into());
                cx.safepoint();
            }
            let (copied, promoted) = moved(cx);
            assert!(promoted > ROUNDS as u64 * BYTES * 3 / 4, "{promoted} bytes became old under {}", plan.name);
            let most = if plan.incremental { 3 } else { 1 } * ROUNDS as u64 * BYTES / 4;
            assert!(copied < most, "{copied} bytes were copied under {}", plan.name);
            // What is young now may be referred to by objects that were born old.
            let mut at = list.get(cx);
            for i in 0..ROUNDS as i64 / 2 {
                let cell = at.as_cons().expect("a cons");
                cell.car().as_vector().expect("a vector").set(0, cx.cons(Object::fixnum(i), NIL).into(), cx);
                at = cell.cdr();
            }
            cx.collect();
            moved(cx);
            for i in 0..4 * ROUNDS {
                cx.vector(&[Object::fixnum(i as i64); 4]);
                cx.safepoint();
            }
            let (_, promoted) = moved(cx);
            assert!(promoted < ROUNDS as u64 * 40, "{promoted} bytes of garbage became old under {}", plan.name);
            cx.collect();
            let mut at = list.get(cx);
            for i in (0..ROUNDS).rev() {
                let cell = at.as_cons().expect("a cons");
                let vector = cell.car().as_vector().expect("a vector");
                let first = vector.get(0).expect("an element");
                if ROUNDS - 1 - i < ROUNDS / 2 {
                    assert_eq!(first.as_cons().map(|c| c.car()), Some(Object::fixnum((ROUNDS - 1 - i) as i64)));
                } else {
                    assert_eq!(first, Object::fixnum(i as i64));
                }
                assert_eq!(vector.get(1).and_then(Object::as_float).map(|f| f.value()), Some(i as f64));
                let string = vector.get(2).and_then(Object::as_string);
                assert_eq!(string.and_then(|s| s.as_str()), Some(format!("number {i}").as_str()));
                assert_eq!(vector.get(3), Some(cell.cdr()));
                at = cell.cdr();
            }
        };
        std::thread::spawn(run).join().expect("the test passes");
    }
}

#[test]
fn aging_is_refused_where_nothing_is_born_in_a_nursery() {
    for plan in &PLANS {
        let mut config = Config::named(plan.name).expect("a plan of the table");
        assert_eq!(config.set("tenure-age", "2").is_ok(), plan.nursery, "{}", plan.name);
        let mut config = Config::default();
        config.set("tenure-age", "2").expect("the default collector has a nursery");
        let refused = config.set("collector", plan.name);
        assert_eq!(refused.is_ok(), plan.nursery, "{}", plan.name);
        if let Err(error) = refused {
            assert!(error.to_string().contains("generational"), "{error}");
        }
    }
    for bad in ["0", "5", "-1", "two"] {
        assert!(Config::default().set("tenure-age", bad).is_err(), "{bad}");
    }
}

/// One object in 32 is left of many; the second collection knows how sparse the blocks are.
#[test]
fn what_is_left_in_sparse_blocks_is_moved_together() {
    const OBJECTS: usize = 1 << 16;
    const KEPT: usize = OBJECTS / 32;
    under_every_plan(|cx| {
        if cx.config().stress != 0 || !cx.plan().collects {
            return;
        }
        let scope = cx.scope();
        let all = scope.root(cx.make_vector(OBJECTS, NIL).into());
        let kept = scope.root(cx.make_vector(KEPT, NIL).into());
        cx.collect();
        let before = cx.footprint();
        for i in 0..OBJECTS {
            let number = Object::fixnum(i as i64);
            let object = match i / 32 % 4 {
                0 => cx.cons(number, NIL).into(),
                1 => cx.string(format!("a string of {i}").as_bytes(), 1, false).into(),
                2 => cx.vector(&[number; 5]).into(),
                _ => cx.float(i as f64).into(),
            };
            all.get(cx).as_vector().expect("a vector").set(i, object, cx);
            if i % 32 == 0 {
                kept.get(cx).as_vector().expect("a vector").set(i / 32, object, cx);
            }
            cx.safepoint();
        }
        cx.collect();
        let full = cx.footprint() - before;
        all.set(cx, NIL);
        (0..3).for_each(|_| cx.collect());
        let kept = kept.get(cx).as_vector().expect("a vector");
        for (i, object) in kept.iter().enumerate().map(|(i, object)| (32 * i, object)) {
            let number = Object::fixnum(i as i64);
            match object.untag() {
                Kind::Cons(c) => assert_eq!(c.car(), number),
                Kind::String(s) => assert_eq!(s.as_str(), Some(format!("a string of {i}").as_str())),
                Kind::Vector(v) => assert!(v.len() == 5 && v.iter().all(|slot| slot == number)),
                Kind::Float(f) => assert_eq!(f.value(), i as f64),
                _ => panic!("{object:?} is none of what was made"),
            }
        }
        let left = (cx.footprint() + OBJECTS * 8).saturating_sub(before);
        if cx.plan().compacts == Compacts::Everything {
            assert!(left < full / 3, "{left} of {full} bytes are held under {}", cx.plan().name);
        }
    });
}

#[test]
fn string_data_leaves_sparse_blocks() {
    const STRINGS: usize = 60_000;
    fn text(i: usize) -> String {
        format!("{i:0100}")
    }
    under_every_plan(|cx| {
        if cx.config().stress != 0 || !cx.plan().collects {
            return;
        }
        let scope = cx.scope();
        let (all, kept) = (scope.root(NIL), scope.root(NIL));
        cx.collect();
        let before = cx.footprint();
        for i in 0..STRINGS {
            let string: Object<'_> = cx.string(text(i).as_bytes(), 100, false).into();
            all.set(cx, cx.cons(string, all.get(cx)).into());
            if i % 32 == 0 {
                kept.set(cx, cx.cons(string, kept.get(cx)).into());
            }
            cx.safepoint();
        }
        cx.collect();
        let full = cx.footprint() - before;
        all.set(cx, NIL);
        for _ in 0..3 {
            cx.collect();
            // Some of it is in gaps that the next collection finds.
            (0..1000).for_each(|i| _ = cx.string(text(i).as_bytes(), 100, false));
        }
        let mut at = kept.get(cx);
        for i in (0..STRINGS).step_by(32).rev() {
            let cell = at.as_cons().expect("a cons");
            assert_eq!(cell.car().as_string().and_then(|s| s.as_str()), Some(text(i).as_str()));
            at = cell.cdr();
        }
        let left = cx.footprint() - before;
        if cx.plan().compacts != Compacts::Nothing {
            assert!(left < full / 2, "{left} of {full} bytes are held under {}", cx.plan().name);
        }
    });
}

#[test]
fn every_trigger_bounds_the_heap_and_lets_it_grow() {
    for plan in plans().into_iter().filter(|p| p.collects) {
        for rule in ["emacs", "multiple:2", "membalancer:0.05"] {
            let run = move || {
                let mut config = Config::named(plan.name).expect("a plan of the table");
                config.set("heap-size", rule).expect("a rule");
                config.verify = false;
                let cx = &mut Context::new(config, &SYMBOLS);
                let scope = cx.scope();
                let list = scope.root(NIL);
                // 4 MiB live, 64 MiB of garbage beside it.
                for i in 0..4 << 20 {
                    let rest = if i % 16 == 0 { list.get(cx) } else { NIL };
                    let cell = cx.cons(Object::fixnum(i), rest);
                    if i % 16 == 0 {
                        list.set(cx, cell.into());
                    }
                    cx.safepoint();
                }
                assert!(cx.collections() > 0, "never collected under {}, {rule}", plan.name);
                let footprint = cx.footprint();
                assert!(footprint < 40 << 20, "{footprint} bytes under {}, {rule}", plan.name);
                let mut n = 0;
                let mut at = list.get(cx);
                while let Some(c) = at.as_cons() {
                    n += 1;
                    at = c.cdr();
                }
                assert_eq!(n, 4 << 16);
            };
            std::thread::spawn(run).join().expect("the test passes");
        }
    }
}

#[test]
fn interned_symbols_keep_what_they_hold() {
    under_every_plan(|cx| {
        const SYMBOLS_MADE: usize = 300;
        for i in 0..SYMBOLS_MADE {
            let symbol = cx.intern(&format!("symbol-{i}"));
            symbol.set_value(cx.cons(Object::fixnum(i as i64), NIL).into(), cx);
            cx.make_vector(200, NIL);
            cx.safepoint();
            if i % 32 == 0 {
                cx.collect();
            }
        }
        for i in 0..20_000 {
            cx.cons(Object::fixnum(i), NIL);
            if i % 64 == 0 {
                cx.safepoint();
            }
        }
        for i in 0..SYMBOLS_MADE {
            let symbol = cx.intern_soft(format!("symbol-{i}").as_bytes()).expect("it was interned");
            assert_eq!(symbol.name(cx).as_str(), Some(format!("symbol-{i}").as_str()));
            let value = symbol.value(cx).as_cons().expect("a cons");
            assert_eq!(value.car(), Object::fixnum(i as i64));
        }
    });
}
