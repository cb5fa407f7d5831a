;;; cl-generic-tests.el --- Generic functions  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(require 'ert)
(require 'cl-lib)
(require 'cl-generic)

(defvar cl-generic-tests--log nil)

(ert-deftest cl-generic-specializers ()
  (should (equal (progn (cl-defgeneric cl-generic-tests--g1 (x) "Doc." (list 'default x)) (list (cl-generic-tests--g1 5) (cl-generic-tests--g1 "a")))
                 '((default 5) (default "a"))))
  (should (equal (progn (cl-defmethod cl-generic-tests--g1 ((x integer)) (list 'int x (cl-call-next-method))) (cl-generic-tests--g1 5))
                 '(int 5 (default 5))))
  (should (equal (progn (cl-defmethod cl-generic-tests--g1 ((x string)) (list 'str)) (cl-generic-tests--g1 "a"))
                 '(str)))
  (should (equal (progn (cl-defmethod cl-generic-tests--g1 ((x (eql 7))) (list 'seven (cl-call-next-method))) (cl-generic-tests--g1 7))
                 '(seven (int 7 (default 7)))))
  (should (equal (progn (cl-defmethod cl-generic-tests--g1 ((x (eql 'foo))) (list 'foo)) (cl-generic-tests--g1 'foo))
                 '(foo)))
  (should (equal (progn (cl-defmethod cl-generic-tests--g1 ((x (head bar))) (list 'bar (cdr x))) (cl-generic-tests--g1 '(bar 1)))
                 '(bar (1))))
  (should (equal (progn (cl-defmethod cl-generic-tests--g1 ((x symbol)) (list 'sym x)) (list (cl-generic-tests--g1 'foo) (cl-generic-tests--g1 'z) (cl-generic-tests--g1 nil)))
                 '((foo) (sym z) (sym nil))))
  (should (equal (progn (cl-defmethod cl-generic-tests--g1 ((x null)) (list 'null (cl-call-next-method))) (cl-generic-tests--g1 nil))
                 '(null (sym nil))))
  (should (equal (progn (cl-defmethod cl-generic-tests--g1 ((x list)) (list 'list x)) (list (cl-generic-tests--g1 nil) (cl-generic-tests--g1 '(1))))
                 '((null (sym nil)) (list (1)))))
  (should (equal (progn (cl-defmethod cl-generic-tests--g1 ((x number)) (list 'num x)) (list (cl-generic-tests--g1 5) (cl-generic-tests--g1 1.5)))
                 '((int 5 (num 5)) (num 1.5))))
  (should (equal (progn (cl-defmethod cl-generic-tests--g1 ((x vector)) (list 'vec)) (cl-defmethod cl-generic-tests--g1 ((x array)) (list 'arr)) (list (cl-generic-tests--g1 [1]) (cl-generic-tests--g1 "s")  (cl-generic-tests--g1 (make-bool-vector 2 t))))
                 '((vec) (str) (arr))))
  (should (equal (progn (cl-defstruct cl-generic-tests--s1 a) (cl-defstruct (cl-generic-tests--s2 (:include cl-generic-tests--s1)) b) (cl-defmethod cl-generic-tests--g1 ((x cl-generic-tests--s1)) (list 'cl-generic-tests--s1 (cl-generic-tests--s1-a x))) (list (cl-generic-tests--g1 (make-cl-generic-tests--s1 :a 1)) (cl-generic-tests--g1 (make-cl-generic-tests--s2 :a 2))))
                 '((cl-generic-tests--s1 1) (cl-generic-tests--s1 2))))
  (should (equal (progn (cl-defmethod cl-generic-tests--g1 ((x cl-generic-tests--s2)) (list 'cl-generic-tests--s2 (cl-call-next-method))) (cl-generic-tests--g1 (make-cl-generic-tests--s2 :a 3)))
                 '(cl-generic-tests--s2 (cl-generic-tests--s1 3)))))

(ert-deftest cl-generic-several-arguments ()
  (should (equal (should-error (progn (cl-defgeneric cl-generic-tests--g2 (x y)) (cl-generic-tests--g2 1 2)))
                 '(cl-no-applicable-method cl-generic-tests--g2 1 2)))
  (should (equal (progn (cl-defmethod cl-generic-tests--g2 ((x integer) y) (list 'i-any)) (cl-defmethod cl-generic-tests--g2 ((x integer) (y integer)) (list 'i-i (cl-call-next-method))) (cl-defmethod cl-generic-tests--g2 (x (y integer)) 'any-i) (list (cl-generic-tests--g2 1 2) (cl-generic-tests--g2 1 'a) (cl-generic-tests--g2 'a 1)))
                 '((i-i (i-any)) (i-any) any-i)))
  (should (equal (should-error (cl-generic-tests--g2 'a 'b))
                 '(cl-no-applicable-method cl-generic-tests--g2 a b)))
  (should (equal (should-error (cl-generic-tests--g2 1))
                 '(wrong-number-of-arguments (2 . 2) 1))))

(ert-deftest cl-generic-qualifiers ()
  (should (equal (progn (cl-defgeneric cl-generic-tests--g3 (x)) (cl-defmethod cl-generic-tests--g3 (x) (push 'primary cl-generic-tests--log) x) (cl-defmethod cl-generic-tests--g3 :before (x) (push 'before cl-generic-tests--log)) (cl-defmethod cl-generic-tests--g3 :after (x) (push 'after cl-generic-tests--log)) (cl-defmethod cl-generic-tests--g3 :around ((x integer)) (push 'around cl-generic-tests--log) (list (cl-call-next-method))) (list (cl-generic-tests--g3 1) (reverse cl-generic-tests--log)))
                 '((1) (around before primary after)))))

(ert-deftest cl-generic-optional-arguments ()
  (should (equal (progn (cl-defmethod cl-generic-tests--g4 ((x integer) &optional y &rest z) (list x y z)) (list (cl-generic-tests--g4 1) (cl-generic-tests--g4 1 2) (cl-generic-tests--g4 1 2 3 4)))
                 '((1 nil nil) (1 2 nil) (1 2 (3 4)))))
  (should (equal (should-error (cl-generic-tests--g4 'a))
                 '(cl-no-applicable-method cl-generic-tests--g4 a))))

(ert-deftest cl-generic-keywords ()
  (should (equal (progn (cl-defmethod cl-generic-tests--g5 ((x integer) &key a (b 3)) (list x a b)) (list (cl-generic-tests--g5 1 :a 2) (cl-generic-tests--g5 1 :b 4)))
                 '((1 2 3) (1 nil 4)))))

(ert-deftest cl-generic-no-next-method ()
  (should (equal (progn (cl-defmethod cl-generic-tests--g6 ((x integer)) (cl-call-next-method)) (condition-case e (cl-generic-tests--g6 1) (error (car e))))
                 'cl-no-next-method)))

(ert-deftest cl-generic-redefinition ()
  (should (equal (progn (cl-defmethod cl-generic-tests--g7 ((x integer)) (list 'int x)) (cl-defmethod cl-generic-tests--g7 (x) (list 'any x)) (cl-defmethod cl-generic-tests--g7 ((x integer)) (list 'new x (cl-call-next-method (1+ x)))) (cl-generic-tests--g7 1))
                 '(new 1 (any 2)))))

(ert-deftest cl-generic-setf ()
  (should (equal (progn (cl-defgeneric (setf cl-generic-tests--g8) (v o)) (cl-defmethod (setf cl-generic-tests--g8) (v (o cons)) (setcar o v)) (let ((l (list 1))) (setf (cl-generic-tests--g8 l) 9) l))
                 '(9))))

(ert-deftest cl-generic-method-option ()
  (should (equal (progn (cl-defgeneric cl-generic-tests--g9 (x) (:method ((x integer)) 'int) (:method (x) 'other)) (list (cl-generic-tests--g9 1) (cl-generic-tests--g9 'a)))
                 '(int other))))

(ert-deftest cl-generic-conditions ()
  (should (equal (get 'cl-no-applicable-method 'error-conditions)
                 '(cl-no-applicable-method cl-no-method error))))

(ert-deftest cl-generic-nil-and-t ()
  (should (equal (progn (cl-defmethod cl-generic-tests--g10 ((_ (eql nil))) 'nil) (cl-defmethod cl-generic-tests--g10 ((_ (eql t))) 't) (list (cl-generic-tests--g10 nil) (cl-generic-tests--g10 t)))
                 '(nil t))))

(ert-deftest cl-generic-types ()
  (should (equal (should-error (cl-defmethod cl-generic-tests--g11 ((x nonexisting-type)) 3))
                 '(error "Unknown specializer nonexisting-type")))
  (should (equal (progn (cl-defmethod cl-generic-tests--g12 ((x sequence)) 'seq) (cl-defmethod cl-generic-tests--g12 ((x atom)) 'atom) (list (cl-generic-tests--g12 '(1)) (cl-generic-tests--g12 "a") (cl-generic-tests--g12 5) (cl-generic-tests--g12 nil)))
                 '(seq seq atom seq)))
  (should (equal (should-error (progn (cl-defmethod cl-generic-tests--g13 ((x hash-table)) 'h) (cl-defmethod cl-generic-tests--g13 ((x function)) 'f) (cl-defmethod cl-generic-tests--g13 ((x float)) 'fl) (cl-defmethod cl-generic-tests--g13 ((x character)) 'ch) 1))
                 '(error "Unknown specializer character")))
  (should (equal (should-error (progn (cl-defmethod cl-generic-tests--g14 ((x keyword)) 'k) (cl-defmethod cl-generic-tests--g14 ((x boolean)) 'b) (cl-defmethod cl-generic-tests--g14 ((x symbol)) 's) (list (cl-generic-tests--g14 :a) (cl-generic-tests--g14 t) (cl-generic-tests--g14 'x))))
                 '(error "Unknown specializer keyword")))
  (should (equal (should-error (progn (cl-defmethod cl-generic-tests--g15 ((x fixnum)) 'fix) (cl-defmethod cl-generic-tests--g15 ((x bignum)) 'big) (list (cl-generic-tests--g15 1) (cl-generic-tests--g15 (expt 10 30)))))
                 '(error "Unknown specializer fixnum")))
  (should (equal (should-error (progn (cl-defmethod cl-generic-tests--g16 ((x (member 1 2))) 'm) (cl-generic-tests--g16 1)))
                 '(error "Unknown specializer (member 1 2)")))
  (should (equal (should-error (cl-defmethod cl-generic-tests--g17 5))
                 '(error "Unsupported qualifiers in function cl-generic-tests--g17: (5)")))
  (should (equal (progn (cl-defmethod cl-generic-tests--g18 ((x cl-structure-object)) 'struct) (cl-generic-tests--g18 (make-cl-generic-tests--s1)))
                 'struct))
  (should (equal (should-error (progn (cl-defmethod cl-generic-tests--g19 ((x record)) 'rec) (list (cl-generic-tests--g19 (make-cl-generic-tests--s1)) (cl-generic-tests--g19 (record 'zork)))))
                 '(error "Unknown specializer record"))))

;;; cl-generic-tests.el ends here
