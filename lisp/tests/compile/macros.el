;;; macros.el --- Macros whose expansions run in any Emacs  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; Compiled here, this file runs in GNU Emacs as it does from its source: what the
;; macros of the library expand to calls nothing that only this library has.

;;; Code:

(require 'cl-lib)
(require 'ert)
(require 'seq)
(require 'subr-x)

(cl-defstruct (macros-point (:constructor macros-make-point (x y))) x (y 0 :type integer))
(cl-defstruct (macros-place (:include macros-point)) names)
(define-error 'macros-error "An error of this file")

(cl-defun macros-keys (a &key (b 2) c &allow-other-keys)
  (list a b c))

(defun macros-match (x)
  (pcase x
    (`(add ,a ,b) (+ a b))
    ((pred stringp) (length x))
    ((and (pred integerp) n (guard (> n 3))) (* n 2))
    ('name 'matched)))

(defun macros-loop (list)
  (cl-loop for x in list for i from 0 when (cl-evenp x) collect (cons i x) into pairs
           finally return (nreverse pairs)))

(defun macros-set (place)
  (setf (macros-point-x place) 10)
  (cl-incf (macros-point-y place) 5)
  (push 1 (macros-place-names place))
  (list (macros-point-x place) (macros-point-y place) (macros-place-names place)))

(defun macros-case (x)
  (cl-case x ((a b) 1) (c 2) (t 3)))

(defun macros-local (n)
  (cl-flet ((square (y) (* y y)))
    (cl-labels ((factorial (k) (if (= k 0) 1 (* k (factorial (1- k))))))
      (list (square n) (factorial n)))))

(defun macros-vectors ()
  (let ((v (make-vector 3 0)))
    (cl-incf (aref v 1) 4)
    (let-alist '((a . 1) (b . 2)) (list .a .b v))))

(defun macros-conditions (text)
  (when-let ((m (string-match "b" text)) (k (1+ m)))
    (if-let ((more (> k 1))) (list m k more) 'less)))

(defun macros-assert ()
  (condition-case nil (cl-assert (= 1 2)) (cl-assertion-failed 'failed)))

(defun macros-type (x)
  (cl-typecase x (integer 'integer) (string 'string) (macros-point 'point) (t 'other)))

(cl-defgeneric macros-generic (x) (list 'default x))
(cl-defmethod macros-generic ((x integer)) (list 'integer x))
(cl-defmethod macros-generic ((x string)) (list 'string (length x) (cl-call-next-method)))

(defun macros-destructure ()
  (cl-destructuring-bind (a (b c) &key d) '(1 (2 3) :d 4) (list a b c d)))

(defun macros-letf ()
  (cl-letf (((symbol-function 'macros-case) (lambda (_) 'for-now))) (macros-case 'a)))

(defun macros-named-let ()
  (named-let next ((i 0) (list nil)) (if (< i 3) (next (1+ i) (cons i list)) list)))

(ert-deftest macros-test ()
  (should (equal (macros-case 'a) 1))
  (should-error (signal 'macros-error '(1)) :type 'macros-error))

(defconst macros-forms
  '((macros-match '(add 1 2)) (macros-match "abc") (macros-match 7) (macros-match 'name)
    (macros-loop '(1 2 4)) (macros-set (make-macros-place :x 1 :y 2)) (macros-case 'b) (macros-local 4)
    (macros-vectors) (macros-conditions "abc") (macros-assert) (macros-type 3)
    (macros-type (macros-make-point 1 2)) (macros-generic 3) (macros-generic "x") (macros-generic nil)
    (macros-destructure) (macros-letf) (macros-named-let) (macros-keys 1 :b 3)
    (macros-point-p (make-macros-place)) (cl-struct-slot-info 'macros-place)
    (ert-test-passed-p (ert-run-test (ert-get-test 'macros-test)))
    (thread-last '(1 2 3) (mapcar #'1+) (seq-filter #'cl-evenp)))
  "What is evaluated.")

;;; macros.el ends here
