//! The rooting API: misuse that must not compile, and misuse that must panic instead of corrupting.

use tenure_gc::{Config, Context, NIL, Object, Subr, T, call};

const SYMBOLS: [&str; 4] = ["nil", "t", "unbound", "memory-full"];

/// A context under the plan that moves everything, so that a stale reference is wrong at once.
fn moving(stack_words: usize) -> Context {
    let mut config = Config::named("semispace").expect("a plan of the table");
    config.stack_words = stack_words;
    Context::new(config, &SYMBOLS)
}

#[test]
fn misuse_does_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}

#[test]
#[cfg_attr(debug_assertions, should_panic(expected = "not the innermost scope"))]
fn rooting_in_an_outer_scope_is_reported() {
    let cx = &mut moving(64);
    let outer = cx.scope();
    outer.root(NIL);
    let _inner = cx.scope();
    let r = outer.root(T);
    assert!(r.get(cx) == T);
}

#[test]
#[should_panic(expected = "root used after its scope ended")]
fn scopes_dropped_out_of_order() {
    let cx = &mut moving(64);
    let outer = cx.scope();
    let inner = cx.scope();
    let r = inner.root(cx.cons(T, NIL).into());
    drop(outer);
    cx.collect();
    r.get(cx);
}

#[test]
fn out_of_order_drop_does_not_resurrect_words() {
    let cx = &mut moving(64);
    let outer = cx.scope();
    outer.root(cx.cons(T, NIL).into());
    let inner = cx.scope();
    drop(outer);
    cx.collect();
    drop(inner);
    let s = cx.scope();
    let r = s.root(NIL);
    cx.collect();
    assert!(r.get(cx) == NIL);
    assert_eq!(cx.stack_len(), 1);
}

#[test]
#[should_panic(expected = "stale Ret")]
fn stale_ret() {
    let cx = &mut moving(64);
    let a = cx.ret(T);
    let _b = cx.ret(NIL);
    a.get(cx);
}

#[test]
#[should_panic(expected = "one Context per thread")]
fn two_contexts() {
    let _a = moving(64);
    let _b = moving(64);
}

#[test]
fn scope_outlives_context() {
    let s = moving(64).scope();
    let cx = &mut moving(64);
    let r = s.root(T);
    cx.collect();
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| r.get(cx) == T)).is_err());
}

#[test]
#[should_panic(expected = "RootVec of another context")]
fn root_vec_of_another_context() {
    let v = {
        let cx = moving(64);
        let v = cx.root_vec();
        v.push(&cx, T);
        v
    };
    let cx = moving(64);
    v.get(&cx, 0);
}

#[test]
#[should_panic(expected = "Lisp stack overflow")]
fn stack_overflow() {
    let cx = &mut moving(64);
    let s = cx.scope();
    for _ in 0..65 {
        s.root(T);
    }
}

#[test]
#[should_panic(expected = "not on top")]
fn pushed_args_are_linear() {
    let cx = &mut moving(64);
    let a = cx.push_args([T]);
    let _b = cx.push_args([T, T]);
    let _ = cx.call_subr(Subr::Call(|_, cx| Ok(cx.ret(T))), a);
}

#[test]
fn roots_follow_what_moves() {
    let cx = &mut moving(1 << 12);
    let vec = cx.root_vec();
    let scope = cx.scope();
    let list = scope.root(NIL);
    for i in 0..100 {
        list.set(cx, cx.cons(Object::fixnum(i), list.get(cx)).into());
        vec.push(cx, list.get(cx));
        cx.collect();
    }
    for i in 0..100 {
        let c = vec.get(cx, i).as_cons().expect("a cons");
        assert_eq!(c.car(), Object::fixnum(i as i64));
    }
    assert!(vec.get(cx, 99) == list.get(cx));
    let double = Subr::Pure1(|x, cx| Ok(cx.cons(x, x).into()));
    let v = call!(cx, double, list.get(cx)).expect("no signal").get(cx);
    assert!(v.as_cons().is_some_and(|c| c.car() == list.get(cx)));
}

#[test]
fn a_signal_keeps_its_data_across_a_collection() {
    let cx = &mut moving(64);
    let throw = cx.signal(T, cx.cons(Object::fixnum(7), NIL).into());
    cx.collect();
    let [tag, data] = cx.caught(throw);
    assert!(tag == T);
    assert_eq!(data.as_cons().map(|c| c.car()), Some(Object::fixnum(7)));
}
