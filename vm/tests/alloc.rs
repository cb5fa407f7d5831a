//! Allocation and collection as Lisp sees them: each row is a form and what GNU Emacs 28.2 gives.

mod support;

use support::{evaluate, under_every_plan};
use tenure_vm::gc::{Config, Context, Kind};
use tenure_vm::state;

fn check(rows: &[(&str, &str)], cx: &mut Context) {
    for (form, expected) in rows {
        assert_eq!(&evaluate(form, false, cx), expected, "{form} ({:?})", cx.plan().name);
    }
}

#[test]
fn makers() {
    under_every_plan(|cx| {
        let rows = [
            ("(make-list 3 'a)", "(a a a)"),
            ("(make-list -1 'a)", "(ERR wrong-type-argument wholenump -1)"),
            ("(make-vector 'a 0)", "(ERR wrong-type-argument wholenump a)"),
            (
                "(make-vector 1000000000000000 0)",
                "(ERR error \"Memory exhausted--use C-x s then exit and restart Emacs\")",
            ),
            ("(make-list 1000000000000000 0)", "(ERR memory-full)"),
            (
                "(make-bool-vector 2305843009213693951 t)",
                "(ERR error \"Memory exhausted--use C-x s then exit and restart Emacs\")",
            ),
            ("(condition-case e (make-vector 1000000000000000 0) (error 'full))", "full"),
            ("(make-record 'a 5000 0)", "(ERR error \"Attempt to allocate a record of 5001 slots; max is 4095\")"),
            (
                "(apply 'record (make-list 5000 0))",
                "(ERR error \"Attempt to allocate a record of 5000 slots; max is 4095\")",
            ),
            ("(make-symbol 1)", "(ERR wrong-type-argument stringp 1)"),
            ("(make-byte-code nil nil nil nil)", "(ERR error \"Invalid byte-code object\")"),
            ("(make-closure 1)", "(ERR wrong-type-argument byte-code-function-p 1)"),
            (
                "(make-closure (make-byte-code 0 \"\" (vector 'V0 1) 1) 'a 'b 'c)",
                "(ERR error \"Closure vars do not fit in constvec\")",
            ),
            ("(purecopy '(1 2))", "(1 2)"),
            ("(garbage-collect-maybe 0)", "nil"),
            ("(garbage-collect-maybe -1)", "(ERR wrong-type-argument wholenump -1)"),
            ("(car (cdr (car (garbage-collect))))", "16"),
        ];
        check(&rows, cx);
    });
}

#[test]
fn what_follows_a_collection() {
    under_every_plan(|cx| {
        if !cx.plan().collects || cx.config().stress != 0 {
            return;
        }
        let rows = [
            (
                "(progn (setq done gcs-done post-gc-hook '((lambda () (setq seen (list gcs-done inhibit-quit (garbage-collect)))))) (garbage-collect) seen)",
                "(0 t nil)",
            ),
            ("gcs-done", "1"),
            (
                "(setq post-gc-hook '((lambda () (car 1)) (lambda () (setq seen 'second))))",
                "((lambda nil (car 1)) (lambda nil (setq seen (quote second))))",
            ),
            (
                "(progn (garbage-collect) (list seen post-gc-hook))",
                "(second ((lambda nil (setq seen (quote second)))))",
            ),
            ("(setq post-gc-hook nil)", "nil"),
            (
                "(progn (setq dead nil) (fset 'mkf '(lambda () (make-finalizer '(lambda () (setq dead (cons inhibit-quit dead)) (car 1))) nil)) \
                 (mkf) (mkf) (list 1 2 3 4) (garbage-collect) dead)",
                "(t t)",
            ),
            ("(list gcs-done dead)", "(3 (t t))"),
            ("(condition-case x (progn (setq quit-flag t) (list 1)) (quit (list 'q x quit-flag)))", "(q (quit) nil)"),
            ("(let ((inhibit-quit t)) (setq quit-flag t) (prog1 (list 1 2) (setq quit-flag nil)))", "(1 2)"),
            (
                "(condition-case x (progn (let ((inhibit-quit t)) (setq quit-flag t) (list 1)) (list 2)) (quit (list 'q x quit-flag)))",
                "(q (quit) nil)",
            ),
        ];
        check(&rows, cx);
        let elapsed = evaluate("gc-elapsed", false, cx);
        assert!(elapsed.parse::<f64>().expect("a float") > 0.0, "{elapsed}");
    });
}

/// An incremental plan works on a cycle in its idle time; any other collects, if that is at least half due.
#[test]
fn idle_time_is_used_when_a_collection_is_half_due() {
    under_every_plan(|cx| {
        if !cx.plan().collects || cx.plan().incremental || cx.config().stress != 0 {
            return;
        }
        let rows = [
            ("(progn (setq gc-cons-threshold 8000000) (garbage-collect) (gc-idle))", "nil"),
            ("(progn (setq kept (make-list 100000 1)) (gc-idle))", "nil"),
            ("(progn (setq kept (cons kept (make-list 250000 1))) (gc-idle))", "t"),
            ("(gc-idle)", "nil"),
        ];
        check(&rows, cx);
    });
}

#[test]
fn the_threshold_is_obeyed() {
    under_every_plan(|cx| {
        // Young objects are collected when there are many, whatever the threshold.
        if !cx.plan().collects || cx.plan().generational() || cx.config().stress != 0 {
            return;
        }
        check(
            &[(
                "(progn (setq gc-cons-threshold 2305843009213693951) (let ((l (make-list 100000 1))) (while l (make-list 2 1) (setq l (cdr l)))) gcs-done)",
                "0",
            )],
            cx,
        );
        let done = evaluate(
            "(progn (setq gc-cons-threshold 800000) (let ((l (make-list 100000 1))) (while l (make-list 2 1) (setq l (cdr l)))) gcs-done)",
            false,
            cx,
        );
        assert!(done.parse::<i64>().expect("a number") >= 1, "{done} collections of {}", cx.plan().name);
    });
}

#[test]
fn a_full_heap_is_an_error_that_can_be_handled() {
    let run = || {
        let mut config = Config::default();
        config.set("heap-size", "4M").expect("a size");
        let cx = &mut state::new_context(config);
        let grow = "(condition-case e (let ((l nil)) (while t (setq l (cons l l) l (list l l)))) (memory-full (list 'full e)))";
        for _ in 0..3 {
            assert_eq!(evaluate(grow, false, cx), "(full (memory-full))");
        }
        assert_eq!(evaluate("(cons 1 2)", false, cx), "(1 . 2)");
    };
    state::run_on_big_stack(run);
}

#[test]
fn the_list_counts_what_is_there() {
    under_every_plan(|cx| {
        if !cx.plan().collects {
            return;
        }
        let count = |form: &str, cx: &mut Context| {
            evaluate(&format!("(progn {form} (car (cdr (cdr (car (garbage-collect))))))"), false, cx)
                .parse::<i64>()
                .expect("a number")
        };
        let before = count("(setq kept nil)", cx);
        let after = count("(setq kept (make-list 5000 1))", cx);
        assert!((after - before - 5000).abs() < 200, "{before} {after}");
        let census = cx.census();
        assert!(census.count("cons") >= 5000);
        let value = cx.intern("kept").value(cx);
        assert!(matches!(value.untag(), Kind::Cons(_)));
    });
}
