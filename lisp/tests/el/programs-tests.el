;;; programs-tests.el --- Small programs, whole  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; Each test is a program of the kind that is used to measure Lisp systems, on
;; little data, with a result that can be checked in another way.

;;; Code:

(require 'ert)
(require 'cl-lib)
(require 'cl-generic)
(require 'seq)
(require 'subr-x)
(require 'inline)
(require 'nadvice)

(defun programs-tests--numbers (n)
  "Return N numbers in no order."
  (let ((x 7) (list nil))
    (dotimes (_ n list)
      (setq x (mod (+ (* x 75) 74) 65537))
      (push x list))))

;;;; Lists

(defun programs-tests--exchange-sort (list)
  "Sort LIST by exchanging neighbours in place."
  (cl-loop repeat (length list)
           do (cl-loop for tail on list
                       for first = (car tail)
                       for second = (cadr tail)
                       when (and second (> first second))
                       do (setcar tail second)
                          (setcar (cdr tail) first)
                       finally return list))
  list)

(defun programs-tests--consing-sort (list)
  "Sort LIST by exchanging neighbours with new conses."
  (let ((n (length list)))
    (while (> n 1)
      (let ((tail list))
        (while (cdr tail)
          (when (< (cadr tail) (car tail))
            (setcar tail (prog1 (cadr tail)
                           (setcdr tail (cons (car tail) (cddr tail))))))
          (setq tail (cdr tail))))
      (setq n (1- n)))
    list))

(ert-deftest programs-sorting-lists ()
  (let* ((numbers (programs-tests--numbers 60))
         (sorted (sort (copy-sequence numbers) #'<)))
    (should (equal sorted (programs-tests--exchange-sort
                           (copy-sequence numbers))))
    (should (equal sorted (programs-tests--consing-sort
                           (copy-sequence numbers))))
    (should (equal (vconcat sorted) (cl-sort (vconcat numbers) #'<)))))

(ert-deftest programs-incrementing-places ()
  (let* ((list (number-sequence 1 50))
         (table (make-hash-table))
         (vector (make-vector 3 0)))
    (let ((tail list))
      (while tail
        (cl-incf (car tail))
        (cl-incf (gethash (mod (car tail) 3) table 0))
        (cl-incf (aref vector (mod (pop tail) 3)) 2)))
    (should (equal list (number-sequence 2 51)))
    (should (equal (mapcar (lambda (k) (gethash k table)) '(0 1 2)) '(17 16 17)))
    (should (equal vector [34 32 34]))))

(defun programs-tests--length (list n)
  "Return N and the length of LIST, by recursion."
  (if (null list)
      n
    (cl-incf n)
    (programs-tests--length (cdr list) n)))

(ert-deftest programs-deep-recursion ()
  (let ((max-lisp-eval-depth 12000)
        (max-specpdl-size 12000)
        (deep (byte-compile (symbol-function 'programs-tests--length)))
        (interpreted (symbol-function 'programs-tests--length)))
    (unwind-protect
        (progn (fset 'programs-tests--length deep)
               (should (= 10000 (programs-tests--length
                                 (make-list 10000 nil) 0))))
      (fset 'programs-tests--length interpreted))))

(ert-deftest programs-local-functions ()
  (let ((numbers (programs-tests--numbers 100)))
    (should (= (cl-flet ((outside-p (x) (or (> x 50000) (< x 10000))))
                 (cl-loop for x in numbers count (outside-p x)))
               (length (seq-filter (lambda (x) (or (> x 50000) (< x 10000)))
                                   numbers))))
    (should (equal (cl-labels ((evens (l) (and l (cons (car l) (odds (cdr l)))))
                               (odds (l) (and l (evens (cdr l)))))
                     (evens '(1 2 3 4 5)))
                   '(1 3 5)))))

(ert-deftest programs-closures ()
  (let* ((n 3)
         (sum 0)
         (adders (mapcar (lambda (i) (lambda (x) (+ x i n))) '(1 2 3))))
    (setq n 10)
    (should (equal (mapcar (lambda (f) (funcall f 100)) adders) '(111 112 113)))
    (mapc (lambda (x) (cl-incf sum x)) '(1 2 3))
    (should (= sum 6))
    (should (equal (cl-mapcar (lambda (a b) (* a b n)) '(1 2) [3 4]) '(30 80)))))

;;;; Numbers

(defvar programs-tests--acc)
(defvar programs-tests--num)
(defvar programs-tests--den)

(defun programs-tests--digit (n)
  "Return a digit of pi, which N tells from its neighbour."
  (truncate (+ (* programs-tests--num n) programs-tests--acc)
            programs-tests--den))

(defun programs-tests--pi (count)
  "Return the first COUNT digits of pi, by a series of fractions."
  (let ((programs-tests--acc 0)
        (programs-tests--num 1)
        (programs-tests--den 1)
        (digits nil))
    (cl-do ((k 0))
        ((>= (length digits) count) (nreverse digits))
      (let ((odd (1+ (* 2 (cl-incf k)))))
        (cl-incf programs-tests--acc (* 2 programs-tests--num))
        (setf programs-tests--acc (* programs-tests--acc odd)
              programs-tests--den (* programs-tests--den odd)
              programs-tests--num (* programs-tests--num k)))
      (unless (> programs-tests--num programs-tests--acc)
        (let ((digit (programs-tests--digit 3)))
          (unless (/= digit (programs-tests--digit 4))
            (push digit digits)
            (cl-decf programs-tests--acc (* programs-tests--den digit))
            (setf programs-tests--acc (* programs-tests--acc 10)
                  programs-tests--num (* programs-tests--num 10))))))))

(ert-deftest programs-digits-of-pi ()
  (should (equal (programs-tests--pi 30)
                 '(3 1 4 1 5 9 2 6 5 3 5 8 9 7 9 3 2 3 8 4 6 2 6 4 3 3 8 3 2 7)))
  (should (= (length (programs-tests--pi 200)) 200)))

(ert-deftest programs-fibonacci ()
  (let ((z 0) (p1 1) (p2 1))
    (dotimes (_ 78)
      (setf z (+ p1 p2)
            p2 p1
            p1 z))
    (should (= z 23416728348467685)))
  (should (= (named-let fib ((a 0) (b 1) (n 90))
               (if (= n 0) a (fib b (+ a b) (1- n))))
             2880067194370816120)))

(cl-defstruct (programs-tests-body (:type vector) (:conc-name nil)
                                   (:constructor make-programs-tests-body
                                                 (programs-tests-x
                                                  programs-tests-v)))
  programs-tests-x programs-tests-v)

(ert-deftest programs-bodies-that-move ()
  (let ((a (make-programs-tests-body 0.0 1.0))
        (b (make-programs-tests-body 10.0 -1.0)))
    (should (equal a [0.0 1.0]))
    (dotimes (_ 8)
      (cl-loop for (one . others) on (list a b)
               do (dolist (other others)
                    (let ((pull (/ 0.5 (expt (- (programs-tests-x one)
                                                (programs-tests-x other))
                                             2))))
                      (cl-incf (programs-tests-v one) pull)
                      (cl-decf (programs-tests-v other) pull))))
      (dolist (body (list a b))
        (cl-incf (programs-tests-x body) (* 0.25 (programs-tests-v body)))))
    (should (< (abs (- (+ (programs-tests-x a) (programs-tests-x b)) 10.0)) 1e-9))
    (should (< 2.0 (programs-tests-x a) 3.0))))

;;;; Structures, strings and patterns

(cl-defstruct programs-tests-record kind part)
(cl-defstruct programs-tests-part (count 0) text)

(defun programs-tests--assign (to from)
  "Copy what FROM has to TO, by its kind."
  (setf (programs-tests-record-kind to) (programs-tests-record-kind from))
  (cl-case (programs-tests-record-kind from)
    (0 (setf (programs-tests-part-count (programs-tests-record-part to))
             (programs-tests-part-count (programs-tests-record-part from)))
       (store-substring (programs-tests-part-text
                         (programs-tests-record-part to))
                        0
                        (programs-tests-part-text
                         (programs-tests-record-part from))))
    ((1 2) (error "Not copied"))
    (otherwise nil)))

(ert-deftest programs-structures-and-strings ()
  (let ((a (make-programs-tests-record
            :kind 0 :part (make-programs-tests-part :count 5 :text "SOME TEXT")))
        (b (make-programs-tests-record
            :part (make-programs-tests-part :text (make-string 9 0)))))
    (programs-tests--assign b a)
    (should (equal a b))
    (should-not (eq (programs-tests-record-part a)
                    (programs-tests-record-part b)))
    (cl-incf (programs-tests-part-count (programs-tests-record-part b)) 7)
    (should (string> (programs-tests-part-text (programs-tests-record-part b))
                     "SOME"))
    (should (= 12 (programs-tests-part-count (programs-tests-record-part b))))
    (should (equal (cdr (should-error (programs-tests-record-kind 5)))
                   '(programs-tests-record 5)))))

(defsubst programs-tests--square (x)
  (* x x))

(ert-deftest programs-patterns ()
  (should (equal (cl-loop for x in '((a b) (a) 3 (a b) "s")
                          collect (pcase x
                                    (`(a b) 1)
                                    (`(a) 2)
                                    ((pred integerp)
                                     (programs-tests--square x))))
                 '(1 2 9 1 nil)))
  (should (= (cl-loop for x in '((a b) 3 nil) counting (consp x)) 1)))

;;;; Functions that change others

(define-inline programs-tests--twice (x)
  (inline-letevals (x)
    (inline-quote (+ ,x ,x))))

(ert-deftest programs-inlining ()
  (let ((n 0))
    (should (= (programs-tests--twice (cl-incf n 4)) 8))
    (should (= n 4))
    (should (equal (mapcar #'programs-tests--twice '(1 2)) '(2 4)))))

(defun programs-tests--advised (x)
  (list x))

(ert-deftest programs-advice ()
  (unwind-protect
      (progn
        (advice-add 'programs-tests--advised :around
                    (lambda (f x) (cons 'around (funcall f (1+ x))))
                    '((name . one)))
        (advice-add 'programs-tests--advised :filter-return #'nreverse)
        (should (equal (programs-tests--advised 1) '(2 around)))
        (should (advice-member-p 'one 'programs-tests--advised))
        (advice-remove 'programs-tests--advised 'one)
        (should (equal (programs-tests--advised 1) '(1))))
    (advice-remove 'programs-tests--advised 'one)
    (advice-remove 'programs-tests--advised #'nreverse)))

(cl-defgeneric programs-tests--area (shape)
  "Return the area of SHAPE."
  (list 'unknown shape))

(cl-defmethod programs-tests--area ((shape (head square)))
  (programs-tests--square (cadr shape)))

(cl-defmethod programs-tests--area :around ((shape cons))
  (list (car shape) (cl-call-next-method)))

(ert-deftest programs-methods ()
  (should (equal (mapcar #'programs-tests--area '((square 3) (circle 1) 5))
                 '((square 9) (circle (unknown (circle 1))) (unknown 5)))))

;;; programs-tests.el ends here
