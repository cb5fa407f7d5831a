//! Byte code put together by hand: what the compiler does not write, what it must not write, and how runs end.

mod support;

use proptest::prelude::*;
use support::{evaluate, print, read, under_every_plan};
use tenure_vm::bytecode::opcode::{Flow, OPCODES};
use tenure_vm::gc::{Config, Context, Kind, NIL, Object, T};
use tenure_vm::handler::{Exit, catch_all};
use tenure_vm::{eval, state};

/// Call `#[ARGUMENTS CODE [CONSTANTS...] DEPTH]` on arguments, all given as text; what the call gives, as text.
fn call(arguments: &str, code: &[u8], constants: &str, depth: i64, values: &str, cx: &mut Context) -> String {
    let list = read(&format!("({constants})"), cx);
    let constants = cx.vector(&tenure_vm::tails::tails(list).map(|c| c.car()).collect::<Vec<_>>());
    let code = cx.string(code, code.len(), false);
    let function = cx.byte_code(&[read(arguments, cx), code.into(), constants.into(), Object::fixnum(depth)]);
    cx.intern("f").set_function(function.into(), cx);
    evaluate(&format!("(f {values})"), true, cx)
}

/// A row: argument descriptor, code, constants, depth, arguments, and what the call gives.
type Row = (&'static str, &'static [u8], &'static str, i64, &'static str, &'static str);

fn check(rows: &[Row]) {
    under_every_plan(|cx| {
        for (arguments, code, constants, depth, values, expected) in rows {
            let found = call(arguments, code, constants, *depth, values, cx);
            assert_eq!(&found, expected, "{code:?} on {values} ({})", cx.plan().name);
        }
    });
}

#[test]
fn what_compilers_of_old_wrote() {
    check(&[
        // Relative jumps.
        ("257", &[137, 171, 129, 135, 192, 135], "7", 3, "nil", "7"),
        ("257", &[137, 172, 129, 135, 192, 135], "7", 3, "1", "7"),
        ("257", &[173, 129, 192, 135], "7", 3, "nil", "nil"),
        ("257", &[174, 129, 192, 135], "7", 3, "1", "1"),
        ("0", &[170, 130, 193, 135, 192, 135], "7 8", 3, "", "7"),
        // `catch` and `condition-case` with forms.
        ("0", &[192, 193, 141, 135], "tag (throw 'tag 3)", 3, "", "3"),
        ("0", &[192, 193, 194, 143, 135], "e (car 1) ((error e))", 3, "", "(wrong-type-argument listp 1)"),
        // `unwind-protect` with forms, `unbind-all`.
        ("0", &[193, 142, 146, 10, 135], "1 ((setq x 2)) x", 3, "", "2"),
        // `list` and `concat` of nothing and of something.
        ("0", &[175, 0, 135], "", 1, "", "nil"),
        ("0", &[192, 193, 175, 2, 135], "1 2", 2, "", "(1 2)"),
        ("0", &[192, 193, 176, 2, 135], "\"a\" \"b\"", 2, "", "\"ab\""),
        // What has no primitive here is called by its name.
        ("0", &[101, 135], "", 1, "", "(ERR void-function point-min)"),
        ("0", &[116, 135], "", 1, "", "(ERR void-function interactive-p)"),
    ]);
}

#[test]
fn places_of_the_stack() {
    check(&[
        ("514", &[1, 1, 90, 135], "", 5, "7 3", "4"),
        ("514", &[178, 1, 135], "", 5, "7 3", "3"),
        ("514", &[192, 179, 2, 0, 92, 135], "10", 5, "7 3", "13"),
        ("514", &[192, 193, 194, 182, 2, 92, 135], "10 20 30", 6, "7 3", "13"),
        ("514", &[192, 193, 194, 182, 130, 92, 135], "10 20 30", 6, "7 3", "33"),
        ("514", &[137, 182, 129, 92, 135], "", 5, "7 3", "10"),
        ("514", &[1, 182, 129, 92, 135], "", 5, "7 3", "14"),
        ("514", &[1, 182, 130, 135], "", 5, "7 3", "7"),
        ("257", &[137, 178, 1, 135], "", 5, "7", "7"),
        ("257", &[137, 137, 84, 178, 2, 92, 135], "", 5, "7", "15"),
        // The function's arguments are the call's.
        ("514", &[33, 135], "", 5, "'car '(1)", "1"),
        ("771", &[34, 135], "", 5, "'cons 1 2", "(1 . 2)"),
        ("771", &[70, 135], "", 5, "2 3 4", "(ERR error \"Invalid byte code at 0: `list4` takes 4 values of 3\")"),
        ("771", &[192, 70, 135], "1", 5, "2 3 4", "(2 3 4 1)"),
        ("257", &[192, 193, 34, 135], "1 2", 5, "'cons", "(1 . 2)"),
        // `setcar` and `aset` leave the value.
        ("514", &[160, 135], "", 5, "(list 1) 3", "3"),
        ("257", &[137, 192, 160, 136, 135], "9", 5, "(list 1)", "(9)"),
        ("257", &[137, 137, 160, 65, 135], "", 5, "(list 1 2)", "(2)"),
    ]);
}

#[test]
fn arguments() {
    check(&[
        ("257", &[135], "", 1, "", "(ERR wrong-number-of-arguments (1 . 1) 0)"),
        ("257", &[135], "", 1, "1 2", "(ERR wrong-number-of-arguments (1 . 1) 2)"),
        ("513", &[68, 135], "", 2, "1", "(1 nil)"),
        ("513", &[68, 135], "", 2, "1 2", "(1 2)"),
        ("641", &[69, 135], "", 3, "1", "(1 nil nil)"),
        ("641", &[69, 135], "", 3, "1 2 3 4", "(1 2 (3 4))"),
        ("641", &[69, 135], "", 3, "", "(ERR wrong-number-of-arguments (1 . 2) 0)"),
        ("(a &optional b &rest c)", &[8, 9, 10, 69, 135], "a b c", 3, "1", "(1 nil nil)"),
        ("(a &optional b &rest c)", &[8, 9, 10, 69, 135], "a b c", 3, "1 2 3 4", "(1 2 (3 4))"),
        ("(a)", &[8, 135], "a", 3, "1", "1"),
        ("nil", &[192, 135], "a", 3, "", "a"),
    ]);
    under_every_plan(|cx| {
        // More required arguments than there are places, and numbers that no compiler writes.
        for descriptor in ["258", "-1", "1000000000"] {
            let found = call(descriptor, &[192, 135], "a", 3, "", cx);
            assert!(found.starts_with("(ERR invalid-function "), "{found}");
        }
    });
}

#[test]
fn what_is_refused() {
    let invalid = |what: &str| format!("(ERR error \"Invalid byte code at {what}\")");
    under_every_plan(|cx| {
        let rows: [(&[u8], &str, i64, &str); 20] = [
            (&[], "", 3, "0: control leaves the code of 0 bytes at 0"),
            (&[192], "1", 3, "0: control leaves the code of 1 bytes at 1"),
            (&[192, 135], "", 3, "0: constant 0 of 0"),
            (&[135], "", 3, "0: `return` takes 1 values of 0"),
            (&[0], "", 3, "0: opcode 0 is no instruction"),
            (&[51], "", 3, "0: opcode 51 is no instruction"),
            (&[107], "", 3, "0: opcode 107 is no instruction"),
            (&[130, 9, 0], "", 3, "0: control leaves the code of 3 bytes at 9"),
            (&[130, 1, 0], "", 3, "0: control goes to 1, inside of an instruction"),
            (&[130, 0], "", 3, "0: the code ends inside of an instruction"),
            (&[192, 130, 0, 0], "1", 3, "1: 1 values reach 0, where there were 0"),
            (&[192, 135], "1", 0, "0: 1 values on a stack of 0"),
            (&[48, 192, 135], "1", 3, "0: `pophandler` without a handler"),
            (&[192, 50, 6, 0, 192, 135, 135], "1", 3, "5: `return` under a handler"),
            (&[5, 135], "", 3, "0: `stack-ref` 5 of 0 values"),
            (&[137, 135], "", 3, "0: `dup` of no value"),
            (&[192, 178, 3, 135], "1", 3, "1: `stack-set` 3 of 1 values"),
            (&[192, 192, 183, 135], "1", 3, "2: `switch` without a jump table in a constant"),
            (&[182, 3, 135], "", 3, "0: `discardN` takes 3 values of 0"),
            (&[170, 0, 135], "", 3, "0: the code ends inside of an instruction"),
        ];
        for (code, constants, depth, expected) in rows {
            let found = call("0", code, constants, depth, "", cx);
            assert_eq!(found, invalid(expected), "{code:?}");
        }
    });
}

#[test]
fn the_binding_stack_is_balanced_when_a_function_returns() {
    check(&[
        (
            "0",
            &[192, 25, 192, 135],
            "1 v",
            2,
            "",
            "(ERR error \"binding stack not balanced (serious byte compiler bug)\")",
        ),
        ("0", &[192, 25, 9, 41, 135], "1 v", 2, "", "1"),
        // More entries than the function made cannot be undone.
        ("0", &[192, 25, 9, 45, 135], "1 v", 2, "", "1"),
    ]);
}

#[test]
fn handlers() {
    check(&[
        ("257", &[192, 50, 8, 0, 194, 1, 33, 48, 135], "tag x (lambda (f) (throw 'tag f))", 4, "5", "5"),
        ("257", &[192, 49, 9, 0, 137, 64, 48, 135, 135, 135], "(error)", 4, "'(1)", "1"),
        (
            "257",
            &[192, 49, 8, 0, 137, 64, 48, 135, 135],
            "(wrong-type-argument)",
            4,
            "1",
            "(wrong-type-argument listp 1)",
        ),
        ("257", &[192, 49, 8, 0, 137, 64, 48, 135, 135], "(arith-error)", 4, "1", "(ERR wrong-type-argument listp 1)"),
    ]);
}

#[test]
fn deep_recursion_is_an_error_and_takes_no_native_stack() {
    under_every_plan(|cx| {
        let code = &[192, 1, 84, 33, 84, 135];
        let found = call("257", code, "f", 4, "0", cx);
        assert_eq!(found, "(ERR error \"Lisp nesting exceeds \u{2018}max-lisp-eval-depth\u{2019}\")");
    });
    let run = || {
        let mut cx = state::new_context(Config::default());
        let cx = &mut cx;
        evaluate("(setq max-lisp-eval-depth 100000 max-specpdl-size 200000)", true, cx);
        // (defun f (n) (if (= n 0) 0 (1+ (f (1- n)))))
        let code = &[137, 192, 85, 131, 7, 0, 135, 193, 1, 83, 33, 84, 135];
        assert_eq!(call("257", code, "0 f", 5, "90000", cx), "90000");
    };
    // A small stack: the machine's calls are on the Lisp stack.
    std::thread::Builder::new().stack_size(1 << 20).spawn(run).expect("a thread").join().expect("no panic");
}

#[test]
fn a_redefined_function_is_seen_at_once() {
    under_every_plan(|cx| {
        evaluate("(fset 'g '(lambda () 1))", true, cx);
        assert_eq!(call("0", &[192, 32, 135], "g", 2, "", cx), "1");
        for (form, expected) in [
            ("(fset 'g '(lambda () 2))", "2"),
            ("(fset 'g 'point-min)", "(ERR void-function g)"),
            ("(fset 'g 'list)", "nil"),
            ("(fset 'list2 (symbol-function 'g))", "nil"),
            ("(fmakunbound 'g)", "(ERR void-function g)"),
        ] {
            evaluate(form, true, cx);
            assert_eq!(evaluate("(f)", true, cx), expected, "{form}");
        }
    });
}

/// Values that a program may find among its constants.
fn constant(cx: &Context, choice: u8) -> Object<'_> {
    match choice % 12 {
        0 => NIL,
        1 => T,
        2 => Object::fixnum(choice.into()),
        3 => cx.intern("car").into(),
        4 => cx.intern("some-variable").into(),
        5 => cx.list(&[Object::fixnum(1), T]),
        6 => cx.string_from_str("text").into(),
        7 => cx.vector(&[NIL, T]).into(),
        8 => cx.float(1.5).into(),
        9 => cx.intern("funcall").into(),
        10 => cx.list(&[cx.intern("error").into()]),
        _ => cx.hash_table(4, tenure_vm::gc::Weakness::None).into(),
    }
}

/// Run a code to its end or for so many safepoints; it must give a value or a signal.
fn survives(arguments: i64, code: &[u8], constants: &[u8], depth: i64, n: usize, stress: u32) {
    let mut cx = state::new_context(Config { stress, ..Config::default() });
    let cx = &mut cx;
    state::set_fuel(2000, cx);
    let scope = cx.scope();
    let vector = cx.vector(&constants.iter().map(|&c| constant(cx, c)).collect::<Vec<_>>());
    let code = cx.string(code, code.len(), false);
    let function = cx.byte_code(&[Object::fixnum(arguments), code.into(), vector.into(), Object::fixnum(depth)]);
    let function = scope.root(function.into());
    for _ in 0..2 {
        let before = cx.stack_len();
        let values = (0..n).map(|i| Object::fixnum(i as i64));
        let mut pushed = cx.push_args([function.get(cx)]);
        for value in values {
            pushed = cx.push_more(pushed, value);
        }
        let outcome = catch_all(cx, |cx| eval::funcall(pushed, cx));
        match outcome {
            Ok(value) => drop(print(value.get(cx), cx)),
            Err((Exit::Signal, error)) => assert!(matches!(error.get(cx).untag(), Kind::Cons(_))),
            Err((Exit::Throw, _)) => {}
        }
        assert_eq!(before, cx.stack_len(), "the Lisp stack is as before");
    }
}

/// Opcodes that are instructions, so that random codes get past the verifier now and then.
fn opcode() -> impl Strategy<Value = u8> {
    let valid: Vec<u8> =
        OPCODES.iter().filter(|row| row.flow != Flow::Invalid).flat_map(|row| row.first..=row.last).collect();
    prop::sample::select(valid)
}

/// `current-buffer` has no arguments, and its value comes where an argument was.
#[test]
fn a_call_without_arguments_has_a_register_for_its_value() {
    survives(770, &[136, 112, 135], &[], 60, 3, 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_survived(
        arguments in prop_oneof![0i64..1024, any::<i32>().prop_map(i64::from)],
        code in prop::collection::vec(any::<u8>(), 0..60),
        constants in prop::collection::vec(any::<u8>(), 0..70),
        depth in prop_oneof![0i64..40, any::<i32>().prop_map(|n| i64::from(n).abs())],
        n in 0usize..5,
    ) {
        survives(arguments, &code, &constants, depth, n, 0);
    }

    #[test]
    fn likely_codes_are_survived(
        code in prop::collection::vec(prop_oneof![
            4 => 192u8..200,
            3 => opcode(),
            1 => Just(137u8),
            1 => 1u8..6,
            1 => 0u8..30,
            1 => Just(135u8),
        ], 1..40),
        stress in prop_oneof![Just(0u32), Just(1u32)],
    ) {
        let mut code = code;
        code.push(135);
        survives(770, &code, &[3, 4, 5, 1, 2, 9, 10, 6], 60, 3, stress);
    }
}
