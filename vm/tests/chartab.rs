//! Char-tables: each row is a form and what GNU Emacs 28.2 gives.

mod support;

use support::{evaluate, under_every_plan};
use tenure_vm::chartab;
use tenure_vm::gc::{NIL, Object};

#[test]
fn char_tables() {
    under_every_plan(|cx| {
        // What `map-char-table` calls its function with, last first.
        let seen = "(fset 'seen '(lambda (table) (let ((r nil)) \
                    (map-char-table '(lambda (k v) (setq r (cons (cons k v) r))) table) r)))";
        evaluate(seen, false, cx);
        for (symbol, slots) in [("bar", 2), ("baz", 11), ("negative", -1)] {
            let plist = cx.list(&[cx.intern("char-table-extra-slots").into(), Object::fixnum(slots)]);
            cx.intern(symbol).set_plist(plist, cx);
        }
        let rows = [
            (
                "(let ((a (make-char-table 'foo 7))) (list (char-table-range a 97) (char-table-range a nil) \
                 (char-table-range a '(5 . 9)) (char-table-subtype a) (char-table-parent a)))",
                "(7 7 7 foo nil)",
            ),
            (
                "(let ((a (make-char-table 'foo))) (set-char-table-range a '(100 . 70000) 'x) \
                 (list (char-table-range a 99) (char-table-range a 100) (char-table-range a 70000) \
                 (char-table-range a 70001)))",
                "(nil x x nil)",
            ),
            (
                "(let ((a (make-char-table 'foo))) (set-char-table-range a '(100 . 70000) 'x) \
                 (set-char-table-range a 200 'y) (seen a))",
                "(((201 . 70000) . x) (200 . y) ((100 . 199) . x))",
            ),
            ("(let ((a (make-char-table 'foo))) (set-char-table-range a t 'x) (seen a))", "(((0 . 4194303) . x))"),
            (
                "(let ((a (make-char-table 'foo))) (set-char-table-range a nil 'x) (list (seen a) (char-table-range a 5)))",
                "((((0 . 4194303) . x)) x)",
            ),
            (
                "(let ((a (make-char-table 'foo)) (b (make-char-table 'foo))) (set-char-table-range a 5 'pa) \
                 (set-char-table-range a 6 'pb) (set-char-table-range b 6 'own) (set-char-table-parent b a) \
                 (list (seen b) (char-table-range b 5) (char-table-range b 6)))",
                "(((6 . own) (5 . pa)) pa own)",
            ),
            (
                "(let ((a (make-char-table 'foo))) (set-char-table-range a 4194303 'last) (seen a))",
                "((4194303 . last))",
            ),
            ("(set-char-table-range (make-char-table 'foo) '(9 . 5) 1)", "1"),
            (
                "(let ((a (make-char-table 'foo)) (b (make-char-table 'foo))) (set-char-table-parent b a) \
                 (set-char-table-parent a b))",
                "(ERR error \"Attempt to make a chartable be its own parent\")",
            ),
            ("(set-char-table-parent (make-char-table 'foo) 5)", "(ERR wrong-type-argument char-table-p 5)"),
            (
                "(condition-case e (char-table-extra-slot (make-char-table 'foo) 0) (error (car e)))",
                "args-out-of-range",
            ),
            (
                "(let ((a (make-char-table 'bar 9))) \
                 (list (char-table-extra-slot a 0) (set-char-table-extra-slot a 1 'z) (char-table-extra-slot a 1)))",
                "(9 z z)",
            ),
            ("(make-char-table 'baz)", "(ERR args-out-of-range 11 nil)"),
            ("(make-char-table 'negative)", "(ERR wrong-type-argument wholenump -1)"),
            ("(make-char-table 5)", "(ERR wrong-type-argument symbolp 5)"),
            (
                "(char-table-range (make-char-table 'foo) 'x)",
                "(ERR error \"Invalid RANGE argument to ‘char-table-range’\")",
            ),
            (
                "(set-char-table-range (make-char-table 'foo) -1 1)",
                "(ERR error \"Invalid RANGE argument to ‘set-char-table-range’\")",
            ),
            ("(char-table-range (make-char-table 'foo) '(1 . x))", "(ERR wrong-type-argument characterp x)"),
            ("(char-table-range 5 5)", "(ERR wrong-type-argument char-table-p 5)"),
            ("(map-char-table 'ignore 5)", "(ERR wrong-type-argument char-table-p 5)"),
        ];
        for (form, expected) in rows {
            assert_eq!(evaluate(form, false, cx), expected, "{form} ({:?})", cx.plan().name);
        }
    });
}

#[test]
fn tables_that_only_the_reader_makes() {
    under_every_plan(|cx| {
        // Its own parent, and a level inside the deepest level.
        let mut level = Object::fixnum(1);
        for (depth, len) in [(3, 128), (3, 128), (2, 32), (1, 16)] {
            level = cx.sub_char_table(depth, 0, len, level).into();
        }
        let table = cx.char_table(&[NIL; 68]);
        table.set(1, table.into(), cx);
        table.set(4, level, cx);
        assert!(chartab::char_table_ref(table, 5).as_sub_char_table().is_some());
        assert_eq!(chartab::char_table_ref(table, 100_000), NIL);
        chartab::char_table_set(table, 5, Object::fixnum(9), cx);
        let copy = chartab::copy(table, cx);
        assert_eq!(chartab::char_table_ref(copy, 5), Object::fixnum(9));
    });
}
