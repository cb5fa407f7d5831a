//! The evaluator against what GNU Emacs 28.2 does: each row is a form and what it gives.

mod support;

use support::{evaluate, under_every_plan};
use tenure_vm::gc::Context;

fn check(rows: &[(&str, &str)], lexical: bool, cx: &mut Context) {
    for (form, expected) in rows {
        assert_eq!(&evaluate(form, lexical, cx), expected, "{form} (lexical: {lexical}, {:?})", cx.plan().name);
    }
}

#[test]
fn special_forms() {
    under_every_plan(|cx| {
        let rows = [
            ("(quote a)", "a"),
            ("(quote)", "(ERR wrong-number-of-arguments quote 0)"),
            ("(quote 1 2)", "(ERR wrong-number-of-arguments quote 2)"),
            ("(progn 1 2 3)", "3"),
            ("(progn)", "nil"),
            ("(progn 1 . 2)", "(ERR wrong-type-argument listp 2)"),
            ("(prog1 1 2 3)", "1"),
            ("(if nil 1 2 3)", "3"),
            ("(if t 1 2 3)", "1"),
            ("(if)", "(ERR wrong-number-of-arguments if 0)"),
            ("(and)", "t"),
            ("(and 1 nil 2)", "nil"),
            ("(and 1 2)", "2"),
            ("(and . 1)", "(ERR wrong-type-argument listp 1)"),
            ("(and 1 . 1)", "(ERR wrong-type-argument listp 1)"),
            ("(or)", "nil"),
            ("(or nil 3 (undefined))", "3"),
            ("(cond (nil) (1))", "1"),
            ("(cond (nil 1) (t 2 3))", "3"),
            ("(cond 1)", "(ERR wrong-type-argument listp 1)"),
            ("(let ((x '(1 2 3)) (y nil)) (while x (setq y (cons (car x) y) x (cdr x))) y)", "(3 2 1)"),
            ("(while)", "(ERR wrong-number-of-arguments while 0)"),
            ("(setq)", "nil"),
            ("(setq a)", "(ERR wrong-number-of-arguments setq 1)"),
            ("(setq a 1 b)", "(ERR wrong-number-of-arguments setq 3)"),
            ("(setq 1 2)", "(ERR wrong-type-argument symbolp 1)"),
            ("(setq nil 1)", "(ERR setting-constant nil)"),
            ("(setq :foo :foo)", ":foo"),
            ("(setq :foo 1)", "(ERR setting-constant :foo)"),
            ("(let ((x 1) (y 2)) (let ((x y) (y x)) (list x y)))", "(2 1)"),
            ("(let ((x 1)) (let* ((x 2) (y x)) (list x y)))", "(2 2)"),
            ("(let (x y) (list x y))", "(nil nil)"),
            ("(let ((x 1 2)) x)", "(ERR error \"`let' bindings can have only one value-form\" x 1 2)"),
            ("(let (1) 1)", "(ERR wrong-type-argument listp 1)"),
            ("(let ((1 2)) 1)", "(ERR wrong-type-argument symbolp 1)"),
            ("(let ((nil 2)) 1)", "(ERR setting-constant nil)"),
            ("(let ((:k 2)) 1)", "(ERR setting-constant :k)"),
            ("(let ((x . 1)) x)", "(ERR wrong-type-argument listp 1)"),
            ("(let x)", "(ERR wrong-type-argument listp x)"),
            ("(interactive)", "nil"),
        ];
        check(&rows, false, cx);
        check(&rows, true, cx);
    });
}

#[test]
fn calls() {
    under_every_plan(|cx| {
        let rows = [
            ("(car 1 2)", "(ERR wrong-number-of-arguments car 2)"),
            ("(funcall 'car 1 2)", "(ERR wrong-number-of-arguments #<subr car> 2)"),
            ("(undefd 1)", "(ERR void-function undefd)"),
            ("(funcall 'undefd)", "(ERR void-function undefd)"),
            ("(funcall 3)", "(ERR invalid-function 3)"),
            ("(3 4)", "(ERR invalid-function 3)"),
            ("((3) 4)", "(ERR invalid-function (3))"),
            ("((lambda (x) x) 3)", "3"),
            ("(funcall 'if 1 2)", "(ERR invalid-function #<subr if>)"),
            ("(apply 'if '(2))", "(ERR wrong-number-of-arguments #<subr if> 1)"),
            ("(apply 'car '(1 . 2))", "(ERR wrong-type-argument listp 2)"),
            ("(apply '(car (1)))", "1"),
            ("(apply nil)", "(ERR void-function nil)"),
            ("(apply 'list 1 2 '(3 4))", "(1 2 3 4)"),
            ("(car . 1)", "(ERR wrong-type-argument listp 1)"),
            ("(car 1 . 2)", "(ERR wrong-type-argument listp 2)"),
            ("(funcall '(lambda (x &rest) x) 1)", "(ERR invalid-function (lambda (x &rest) x))"),
            ("(funcall '(lambda (x &optional) x) 1)", "1"),
            (
                "(funcall '(lambda (&optional &optional x) x) 1)",
                "(ERR invalid-function (lambda (&optional &optional x) x))",
            ),
            ("(funcall '(lambda (x &rest y z) (list x y z)) 1 2)", "(1 (2) nil)"),
            ("(funcall '(lambda (1) x) 1)", "(ERR invalid-function (lambda (1) x))"),
            ("(funcall '(closure (t) (1) x) 1)", "(ERR invalid-function ((t) (1) x))"),
            ("(funcall '(lambda x x) 1)", "(ERR invalid-function (lambda x x))"),
            (
                "(funcall '(lambda (&rest x &optional y) x) 1)",
                "(ERR invalid-function (lambda (&rest x &optional y) x))",
            ),
            ("(funcall '(lambda (&optional x &rest y) (list x y)) 1)", "(1 nil)"),
            ("(funcall '(lambda (&optional &rest y) (list y)) 1)", "((1))"),
            ("(funcall '(lambda (x) x) 1 2)", "(ERR wrong-number-of-arguments (lambda (x) x) 2)"),
            ("(funcall '(closure (t) (x) x))", "(ERR wrong-number-of-arguments ((t) (x) x) 0)"),
            ("(funcall '(closure) 1)", "(ERR invalid-function (closure))"),
            ("(funcall '(closure (t)) 1)", "(ERR invalid-function ((t)))"),
            ("(funcall '(lambda) 1)", "(ERR invalid-function (lambda))"),
            ("(funcall '(lambda (nil) 1) 2)", "(ERR setting-constant nil)"),
            ("(funcall '(closure (t) (nil) 1) 2)", "1"),
            ("(func-arity 'car)", "(1 . 1)"),
            ("(func-arity 'if)", "(2 . unevalled)"),
            ("(func-arity 'list)", "(0 . many)"),
            ("(func-arity '(lambda (a &rest)))", "(1 . many)"),
            ("(func-arity '(closure (t) (a &optional b) 1))", "(1 . 2)"),
            ("(func-arity 'undefd)", "(ERR void-function undefd)"),
            ("(func-arity '(closure))", "(ERR wrong-type-argument consp nil)"),
            ("(functionp '(lambda . 1))", "t"),
            ("(functionp 'if)", "nil"),
            ("(funcall 'funcall 'funcall 'list 1)", "(1)"),
        ];
        check(&rows, false, cx);
    });
}

#[test]
fn lexical_binding() {
    under_every_plan(|cx| {
        let rows = [
            ("(let ((x 1)) (function (lambda (y) x)))", "(closure ((x . 1) t) (y) x)"),
            ("(function (lambda (y) x))", "(closure (t) (y) x)"),
            ("(let ((x 1)) (defvar ww) (function (lambda (y) \"doc\" x)))", "(closure (ww (x . 1) t) (y) \"doc\" x)"),
            ("(function (lambda (y) (:documentation (car '(\"d\"))) 1))", "(closure (t) (y) \"d\" 1)"),
            ("(function (lambda))", "(closure (t))"),
            ("(function car)", "car"),
            ("(let ((y 2)) ((lambda (x) (list x y)) 3))", "(3 2)"),
            ("(let ((x 1)) (setq x 2 y9 3) (list x y9))", "(2 3)"),
            ("(progn (defvar zz 1) (funcall (function (lambda (zz) (symbol-value 'zz))) 5))", "1"),
            ("(let ((zz 5)) (symbol-value 'zz))", "5"),
            ("(let ((yy 5)) (defvar yy) (let ((yy 6)) (list yy (symbol-value 'yy))))", "(5 6)"),
            (
                "(let ((c (let ((n 0)) (function (lambda () (setq n (cons 1 n))))))) (funcall c) (funcall c))",
                "(1 1 . 0)",
            ),
            ("(let* ((x 1) (f (function (lambda () x))) (x 2)) (list x (funcall f)))", "(2 1)"),
            ("(eval 'x '((x . 1)))", "1"),
            ("(eval '(function (lambda ())) '(5))", "(closure (5) nil)"),
            ("(eval '(function (lambda ())) 5)", "(closure (t) nil)"),
            ("(funcall (function (lambda (a &optional b &rest c) (list a b c))) 1 2 3 4)", "(1 2 (3 4))"),
        ];
        check(&rows, true, cx);
    });
}

#[test]
fn non_local_exits() {
    under_every_plan(|cx| {
        let rows = [
            ("(throw 'a 1)", "(ERR no-catch a 1)"),
            ("(catch 'a (catch 'b (throw 'a 1)) 2)", "1"),
            ("(catch 'a (condition-case x (throw 'a 1) (t x)))", "1"),
            ("(condition-case x (throw 'a 1) (no-catch x))", "(no-catch a 1)"),
            ("(let (l) (catch 'a (unwind-protect (throw 'a 1) (setq l 3))) l)", "3"),
            ("(catch 'a (unwind-protect (throw 'a 1) (throw 'a 2)))", "2"),
            ("(condition-case x (unwind-protect (car 1) (cdr 2)) (error x))", "(wrong-type-argument listp 2)"),
            ("(let (x) (list (unwind-protect 1 (setq x 5)) x))", "(1 5)"),
            ("(condition-case nil 1 . 2)", "(ERR wrong-type-argument listp 2)"),
            ("(condition-case 1 1 (a))", "(ERR wrong-type-argument symbolp 1)"),
            ("(condition-case nil 1)", "1"),
            ("(condition-case x 1 (:success (list x)))", "(1)"),
            ("(condition-case x 1 (:success (car 1)) (error x))", "(ERR wrong-type-argument listp 1)"),
            ("(condition-case v 5 (:success))", "5"),
            ("(condition-case nil 1 nil)", "1"),
            ("(condition-case x (signal 'error 1) (error x))", "(error . 1)"),
            (
                "(condition-case x (signal 'wrong-type-argument '(a b)) ((debug error) (list 'd x)))",
                "(d (wrong-type-argument a b))",
            ),
            ("(condition-case x (car 1) (void-variable 1) (wrong-type-argument 2) (error 3))", "2"),
            ("(condition-case x (condition-case y (car 1) (void-variable 1)) (error 3))", "3"),
            ("(signal 'foo '(1 2))", "(ERR foo 1 2)"),
            ("(signal nil '(error 7))", "(ERR error 7)"),
            ("(signal nil nil)", "(ERR error)"),
            ("(signal nil 1)", "(ERR wrong-type-argument listp 1)"),
            ("(signal 1 nil)", "(ERR wrong-type-argument symbolp 1)"),
            ("(let ((x 1)) (condition-case nil (let ((x 2)) (car 1)) (error x)))", "1"),
            (
                "(catch 'foo (let ((signal-hook-function (function (lambda (&rest a) (throw 'foo a))))) (car 1)))",
                "(wrong-type-argument (listp 1))",
            ),
            (
                "(let ((debug-on-error t) (num-nonmacro-input-events (1+ num-nonmacro-input-events)) d \
                   (debugger (function (lambda (&rest a) (setq dbg a))))) \
                 (list (condition-case err (car 1) ((debug error) err)) dbg))",
                "((wrong-type-argument listp 1) (error (wrong-type-argument listp 1)))",
            ),
        ];
        check(&rows, false, cx);
        check(&rows, true, cx);
    });
}

#[test]
fn variables() {
    under_every_plan(|cx| {
        let rows = [
            ("(defvar qq)", "qq"),
            ("(defvar qq 3 \"d\")", "qq"),
            ("(list qq (special-variable-p 'qq))", "(3 t)"),
            ("(defvar qq 4)", "qq"),
            ("qq", "3"),
            ("(defconst qq 4)", "qq"),
            ("qq", "4"),
            ("(defvar a 1 \"d\" 2)", "(ERR error \"Too many arguments\")"),
            ("(defconst nil 3)", "(ERR setting-constant nil)"),
            ("(let ((q7 1)) (defvar q7 2) (list q7 (default-toplevel-value 'q7)))", "(1 2)"),
            ("(default-toplevel-value 'nope)", "(ERR void-variable nope)"),
            ("(progn (defvaralias 'al1 'al2) (defvaralias 'al2 'al1))", "al1"),
            ("(symbol-value 'al1)", "(ERR cyclic-variable-indirection al1)"),
            ("(defvaralias nil 'foo)", "(ERR error \"Cannot make a constant an alias\")"),
            ("(progn (setq a5 1) (defvaralias 'a5 'b5) (list b5 a5))", "(1 1)"),
            ("(progn (defvaralias 'aa 'bb) (setq aa 2) (let ((aa 3)) (list bb (indirect-variable 'aa))))", "(3 bb)"),
            ("bb", "2"),
            ("(defvaralias 'gc-cons-threshold 'ddd)", "(ERR error \"Cannot make an internal variable an alias\")"),
            (
                "(progn (defvar dd 1) (let ((dd 2)) (defvaralias 'dd 'ddd)))",
                "(ERR error \"Don’t know how to make a let-bound variable an alias\")",
            ),
            (
                "(progn (setq l nil) (add-variable-watcher 'w1 (function (lambda (&rest a) (setq l (cons a l))))) (setq w1 1) \
                 (defvar w1) (funcall '(lambda (w1) (setq w1 3)) 2) (makunbound 'w1) (set-default 'w1 5) (defvaralias 'w1 'w2) (list l w1))",
                "(((w1 w2 defvaralias nil) (w1 5 set nil) (w1 nil makunbound nil) (w1 1 unlet nil) (w1 3 set nil) \
                 (w1 2 let nil) (w1 1 set nil)) 5)",
            ),
            ("(setq gc-cons-threshold 'a)", "(ERR wrong-type-argument integerp a)"),
            ("(let ((gc-cons-threshold 100)) gc-cons-threshold)", "100"),
            ("gc-cons-threshold", "800000"),
            ("(let ((gc-cons-threshold \"a\")) 1)", "(ERR wrong-type-argument integerp \"a\")"),
            ("(setq garbage-collection-messages nil gc-cons-percentage 'a)", "a"),
            ("(progn (makunbound 'gcs-done) (boundp 'gcs-done))", "nil"),
            ("(symbol-value 'nope)", "(ERR void-variable nope)"),
            ("(set 1 2)", "(ERR wrong-type-argument symbolp 1)"),
            ("(makunbound :k)", "(ERR setting-constant :k)"),
        ];
        check(&rows, false, cx);
    });
}

#[test]
fn macros() {
    under_every_plan(|cx| {
        let rows = [
            (
                "(fset 'my-when '(macro . (lambda (c &rest b) (list 'if c (cons 'progn b)))))",
                "(macro lambda (c &rest b) (list (quote if) c (cons (quote progn) b)))",
            ),
            ("(my-when t 1 2)", "2"),
            ("(macroexpand '(my-when a b))", "(if a (progn b))"),
            ("(macroexpand '(my-when a b) '((my-when)))", "(my-when a b)"),
            ("(macroexpand '(foo 1) '((foo . (lambda (x) (list 'bar x)))))", "(bar 1)"),
            ("(macroexpand 'a)", "a"),
            ("(funcall 'my-when 1)", "(ERR invalid-function my-when)"),
            ("(functionp 'my-when)", "nil"),
            ("(progn (fset 'cf1 'cf2) (fset 'cf2 'cf1) (cf1))", "(ERR cyclic-function-indirection cf2)"),
            ("(autoload 'au1 \"nofile\" \"doc\" t)", "au1"),
            ("(symbol-function 'au1)", "(autoload \"nofile\" \"doc\" t nil)"),
            ("(commandp 'au1)", "t"),
            ("(commandp '(lambda () (interactive) 1))", "t"),
            ("(commandp 'car)", "nil"),
        ];
        check(&rows, false, cx);
        check(&rows[1..], true, cx);
    });
}

#[test]
fn hooks() {
    under_every_plan(|cx| {
        let rows = [
            ("(run-hooks 'no-hook)", "nil"),
            ("(run-hooks 1)", "(ERR wrong-type-argument symbolp 1)"),
            (
                "(let (l) (setq h1 (list '(lambda (&rest a) (setq l (cons (cons 1 a) l)) nil) t 'h1g)) \
                 (fset 'h1g '(lambda (&rest a) (setq l (cons (cons 'g a) l)) 'yes)) \
                 (list (run-hooks 'h1) (run-hook-with-args 'h1 1 2) (run-hook-with-args-until-success 'h1 3) \
                  (run-hook-with-args-until-failure 'h1 4) \
                  (run-hook-wrapped 'h1 '(lambda (f &rest a) (setq l (cons (cons 'w a) l)) nil) 5) l))",
                "(nil nil yes nil nil ((w 5) (w 5) (w 5) (w 5) (1 4) (g 3) (1 3) (1 3) (g 1 2) (g 1 2) (1 1 2) (1 1 2) (g) \
                 (g) (1) (1)))",
            ),
            ("(progn (setq h3 '(lambda () 5)) (run-hook-with-args-until-success 'h3))", "5"),
            ("(run-hook-with-args-until-failure 'nohook)", "t"),
        ];
        check(&rows, false, cx);
    });
}

#[test]
fn backtraces() {
    under_every_plan(|cx| {
        let rows = [
            (
                "(progn (setq seen nil) (condition-case nil (let ((debug-on-signal t) (debug-on-error t) (num-nonmacro-input-events 900) \
                 (debugger '(lambda (&rest a) (setq seen a)))) void-here) (error seen)))",
                "(error (void-variable void-here))",
            ),
            (
                "(progn (setq frames nil) (fset 'note '(lambda (&rest a) (setq frames (cons a frames)))) \
                 (fset 'inner '(lambda (x) (mapbacktrace 'note 'inner))) (list (inner 5) (car frames)))",
                "(nil (nil progn ((setq frames nil) (fset (quote note) (quote (lambda (&rest a) (setq frames (cons a frames))))) \
                 (fset (quote inner) (quote (lambda (x) (mapbacktrace (quote note) (quote inner))))) \
                 (list (inner 5) (car frames))) nil))",
            ),
            ("(let ((v 1)) (backtrace-eval 'v 0))", "1"),
            ("(progn (defvar vv 1) (fset 'bb '(lambda (vv) (backtrace-eval 'vv 0 'bb))) (bb 2))", "1"),
            (
                "(progn (fset 'bl '(lambda (vv) (cc))) (fset 'cc '(lambda () (backtrace--locals 1 'cc))) (bl 3))",
                "((vv . 3))",
            ),
            ("(backtrace-frame--internal 'list 1000 nil)", "nil"),
            ("(backtrace-frame--internal 'list -1 nil)", "(ERR wrong-type-argument wholenump -1)"),
            ("(backtrace-frame--internal 'list 0 'no-such-call)", "nil"),
            (
                "(let ((debug-on-error t) (num-nonmacro-input-events 1000) \
                  (debugger '(lambda (&rest a) (setq seen (list a (backtrace-frame--internal 'list 1 debugger)))))) \
                  (condition-case e (car 1) ((debug error) (list e seen))))",
                "((wrong-type-argument listp 1) ((error (wrong-type-argument listp 1)) (t car (1) nil)))",
            ),
            (
                "(let ((num-nonmacro-input-events 1000) (debugger '(lambda (&rest a) (setq seen (cons a seen)) 9))) \
                  (setq seen nil debug-on-next-call t) (list (list 1) seen))",
                "9",
            ),
        ];
        check(&rows, false, cx);
    });
}

#[test]
fn nesting_ends_in_an_error() {
    under_every_plan(|cx| {
        let error = "(ERR error \"Lisp nesting exceeds ‘max-lisp-eval-depth’\")";
        let rows = [
            ("(progn (fset 'deep '(lambda (n) (car (deep n)))) (deep 1))", error),
            (
                "(let ((max-specpdl-size 450)) (fset 'bind '(lambda (n) (let ((x 1)) (car (bind n))))) (bind 1))",
                "(ERR error \"Variable binding depth exceeds max-specpdl-size\")",
            ),
        ];
        check(&rows, false, cx);
        // The native stack is the same under every collector, and filling it takes a while.
        if cx.config().stress != 0 || cx.plan().name != tenure_vm::gc::Config::default().plan.name {
            return;
        }
        let unlimited = [
            (
                "(setq max-lisp-eval-depth 2305843009213693951 max-specpdl-size 2305843009213693951)",
                "2305843009213693951",
            ),
            ("(deep 1)", error),
            ("(bind 1)", error),
            ("(progn (fset 'mac '(macro . (lambda () (list 'car '(mac))))) (mac))", error),
            ("(progn (fset 'cc '(lambda () (condition-case nil (car 1) (error (cc))))) (cc))", error),
            ("(progn (fset 'up '(lambda () (unwind-protect 1 (up)))) (up))", error),
            ("(progn (fset 'ap '(lambda (&rest a) (apply 'ap a))) (ap 1 2 3))", error),
            ("(progn (fset 'hk '(lambda () (run-hooks 'hkv))) (setq hkv 'hk) (hk))", error),
            ("(progn (fset 'ev '(lambda () (eval '(ev)))) (ev))", error),
        ];
        check(&unlimited, false, cx);
    });
}
