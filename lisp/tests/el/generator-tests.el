;;; generator-tests.el --- Generators  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(require 'ert)
(require 'cl-lib)
(require 'generator)

(defun generator-tests--all (iterator)
  "Return what ITERATOR gives, and the value that it ends with."
  (let ((values nil))
    (condition-case end
        (while t (push (iter-next iterator) values))
      (iter-end-of-sequence (list (nreverse values) (cdr end))))))

(iter-defun generator-tests--count (n)
  "Give the integers below N."
  (let ((i 0))
    (while (< i n)
      (iter-yield i)
      (setq i (1+ i)))
    'end))

(ert-deftest generator-end ()
  (should (equal (generator-tests--all (generator-tests--count 3)) '((0 1 2) end)))
  (let ((it (generator-tests--count 0)))
    (should (equal (condition-case e (iter-next it) (iter-end-of-sequence e))
                   '(iter-end-of-sequence . end)))
    ;; The value is told once.
    (should (equal (condition-case e (iter-next it) (iter-end-of-sequence e))
                   '(iter-end-of-sequence)))))

(ert-deftest generator-results-of-yields ()
  (iter-defun generator-tests--echo ()
    (let ((x (iter-yield 1)))
      (list x (iter-yield (list 'got x)))))
  (let ((it (generator-tests--echo)))
    (should (equal (iter-next it 'ignored) 1))
    (should (equal (iter-next it 'a) '(got a)))
    (should (equal (condition-case e (iter-next it 'b) (iter-end-of-sequence e))
                   '(iter-end-of-sequence a b)))))

(ert-deftest generator-do ()
  (let ((seen nil))
    (should (eq (iter-do (x (generator-tests--count 3)) (push x seen)) 'end))
    (should (equal seen '(2 1 0))))
  (should (equal (cl-loop for x iter-by (generator-tests--count 4)
                          collect (* x x))
                 '(0 1 4 9))))

(ert-deftest generator-from ()
  (iter-defun generator-tests--tree (tree)
    (when tree
      (iter-yield-from (generator-tests--tree (nth 0 tree)))
      (iter-yield (nth 1 tree))
      (iter-yield-from (generator-tests--tree (nth 2 tree)))))
  (should (equal (car (generator-tests--all
                       (generator-tests--tree '((nil 1 nil) 2 (nil 3 nil)))))
                 '(1 2 3))))

(ert-deftest generator-control ()
  (iter-defun generator-tests--control (list)
    (dolist (x list)
      (cond ((eq x 'a) (iter-yield 'is-a))
            ((and (iter-yield x) (iter-yield 'true)))
            (t (iter-yield 'no))))
    (prog1 (iter-yield 'almost)
      (iter-yield (+ (iter-yield 10) (iter-yield 20)))))
  (let ((it (generator-tests--control '(a b))))
    (should (equal (list (iter-next it) (iter-next it) (iter-next it nil)
                         (iter-next it) (iter-next it 'kept) (iter-next it 1)
                         (iter-next it 2)
                         (condition-case e (iter-next it)
                           (iter-end-of-sequence e)))
                   '(is-a b no almost 10 20 3 (iter-end-of-sequence . kept))))))

(ert-deftest generator-handlers ()
  (iter-defun generator-tests--handlers ()
    (condition-case e
        (progn (iter-yield 1) (car 5))
      (error (iter-yield e)))
    (catch 'tag
      (iter-yield 2)
      (throw 'tag (iter-yield 3))
      (iter-yield 'never)))
  (should (equal (generator-tests--all (generator-tests--handlers))
                 '((1 (wrong-type-argument listp 5) 2 3) nil))))

(defvar generator-tests--log nil)
(defvar generator-tests--dynamic 'outer)

(ert-deftest generator-cleanup ()
  (iter-defun generator-tests--cleanup ()
    (unwind-protect
        (progn (iter-yield 1) (iter-yield 2))
      (push 'cleaned generator-tests--log)))
  (setq generator-tests--log nil)
  (let ((it (generator-tests--cleanup)))
    (iter-next it)
    (should-not generator-tests--log)
    (iter-close it)
    (should (equal generator-tests--log '(cleaned)))
    (should (equal (generator-tests--all it) '(nil nil))))
  (should (equal (generator-tests--all (generator-tests--cleanup)) '((1 2) nil)))
  (should (equal generator-tests--log '(cleaned cleaned))))

(ert-deftest generator-error-ends-it ()
  (let ((it (funcall (iter-lambda () (iter-yield 1) (car 5) (iter-yield 2)))))
    (should (= (iter-next it) 1))
    (should-error (iter-next it) :type 'wrong-type-argument)
    (should (equal (generator-tests--all it) '(nil nil)))))

(ert-deftest generator-dynamic-bindings ()
  (iter-defun generator-tests--binds ()
    (let ((generator-tests--dynamic 'inner))
      (iter-yield generator-tests--dynamic)
      (setq generator-tests--dynamic 'changed)
      (iter-yield generator-tests--dynamic))
    (iter-yield generator-tests--dynamic))
  (let ((it (generator-tests--binds)))
    (should (equal (list (iter-next it) generator-tests--dynamic
                         (iter-next it) generator-tests--dynamic
                         (iter-next it))
                   '(inner outer changed outer outer)))))

(ert-deftest generator-long-loop ()
  (iter-defun generator-tests--fibonacci ()
    (let ((a 0) (b 1))
      (while t
        (iter-yield a)
        (cl-psetq a b b (logand 1023 (+ a b))))))
  (let ((it (generator-tests--fibonacci))
        (sum 0))
    (dotimes (_ 5000)
      (setq sum (+ sum (iter-next it))))
    (should (= sum 2533409))))

(ert-deftest generator-cl-arguments ()
  (cl-iter-defun generator-tests--keys (&key a (b 5))
    (iter-yield a)
    (cl-return-from generator-tests--keys b))
  (should (equal (generator-tests--all (generator-tests--keys :a 1)) '((1) 5))))

(ert-deftest generator-outside ()
  (should-error (funcall #'iter-yield 1)))

;;; generator-tests.el ends here
