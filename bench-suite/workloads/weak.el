;;; weak.el --- Hash consing and caches in weak tables  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;; Title: Hash consing and caches in weak tables
;; Stresses: weak hash tables of all four kinds, entries that come and go with their keys and values
;; Default-scale: 500
;; Live-size: 25.7 MB
;; Allocation-rate: 261 MB/s, 224.1 MB in all

;;; Commentary:

;; Expressions are shared: a table that is weak in its values maps an operator and
;; two operands to the one node that stands for them.  What is computed from a
;; node is cached in tables that are weak in their keys, in both, and in either.
;; A window of recent expressions is all that is kept by strong references.
;; When entries vanish depends on the collector; the result must not, since what
;; has vanished is made again.
;; SCALE is the size of the window in units of 40 and the number of steps in units of 500.

;;; Code:

(defvar tenure-weak--seed 1
  "State of the pseudo-random generator.")

(defvar tenure-weak--serial 0
  "Number of the newest node.")

(defvar tenure-weak--nodes nil
  "Table, weak in values, from (OPERATOR SERIAL . SERIAL) to node.")

(defvar tenure-weak--values nil
  "Table, weak in keys, from node to value.")

(defvar tenure-weak--texts nil
  "Table, weak in keys and values, from node to a cons of its description.")

(defvar tenure-weak--partners nil
  "Table, weak in keys or values, from node to a node computed from it.")

(defun tenure-weak--random (limit)
  "Return the next pseudo-random integer below LIMIT."
  (setq tenure-weak--seed (% (* tenure-weak--seed 48271) 2147483647))
  (% tenure-weak--seed limit))

;; A node is a vector [OPERATOR A B DEPTH SERIAL].  Serials depend on when nodes
;; vanish, so nothing that is returned may depend on them.

(defun tenure-weak--node (operator a b)
  "Return the one node for OPERATOR on the operands A and B."
  (let* ((key (cons operator (if (vectorp a)
                                 (cons (aref a 4) (aref b 4))
                               (cons a b))))
         (node (gethash key tenure-weak--nodes)))
    (or node
        (puthash key
                 (vector operator a b
                         (if (vectorp a)
                             (1+ (max (aref a 3) (aref b 3)))
                           0)
                         (setq tenure-weak--serial (1+ tenure-weak--serial)))
                 tenure-weak--nodes))))

(defun tenure-weak--value (node)
  "Return the value of NODE, from the cache if it is there."
  (or (gethash node tenure-weak--values)
      (let ((operator (aref node 0))
            (a (aref node 1))
            (b (aref node 2)))
        (puthash node
                 (if (eq operator 'constant)
                     a
                   (let ((x (tenure-weak--value a))
                         (y (tenure-weak--value b)))
                     (% (cond ((eq operator 'plus) (+ x y))
                              ((eq operator 'times) (* x y))
                              (t (+ (* 3 x) (* 5 y) 1)))
                        1000003)))
                 tenure-weak--values))))

(defun tenure-weak--text (node)
  "Return a description of NODE, from the cache if it is there."
  (car (or (gethash node tenure-weak--texts)
           (puthash node
                    (list (format "%s at depth %d: %d" (aref node 0)
                                  (aref node 3) (tenure-weak--value node)))
                    tenure-weak--texts))))

(defun tenure-weak--partner (node)
  "Return the node that mirrors NODE, from the cache if it is there."
  (if (eq (aref node 0) 'constant)
      node
    (or (gethash node tenure-weak--partners)
        (puthash node
                 (tenure-weak--node (aref node 0) (aref node 2) (aref node 1))
                 tenure-weak--partners))))

(defun tenure-weak--constant ()
  "Return a random one of the 64 constants."
  (tenure-weak--node 'constant (1+ (tenure-weak--random 64)) 0))

(defun tenure-weak--step (window)
  "Put a new expression into the vector WINDOW and return a checksum of it."
  (let* ((size (length window))
         (a (aref window (tenure-weak--random size)))
         (b (aref window (tenure-weak--random size)))
         (operator (aref [plus times mix] (tenure-weak--random 3)))
         (node (if (> (+ (aref a 3) (aref b 3)) 24)
                   (tenure-weak--constant)
                 (tenure-weak--node operator a b)))
         (again (if (eq (aref node 0) 'constant)
                    node
                  (tenure-weak--node operator a b)))
         (partner (tenure-weak--partner node)))
    (unless (eq node again)
      (error "Two nodes for one expression"))
    (unless (eq (aref partner 1)
                (aref node (if (eq partner node) 1 2)))
      (error "The partner does not mirror the node"))
    (aset window (tenure-weak--random size) node)
    (+ (tenure-weak--value node)
       (tenure-weak--value partner)
       (length (tenure-weak--text node)))))

(defun tenure-weak-entry (scale)
  "Run the workload at SCALE and return its checksum."
  (let* ((tenure-weak--seed 86028121)
         (tenure-weak--serial 0)
         (tenure-weak--nodes
          (make-hash-table :test 'equal :weakness 'value))
         (tenure-weak--values
          (make-hash-table :test 'eq :weakness 'key))
         (tenure-weak--texts
          (make-hash-table :test 'eq :weakness 'key-and-value))
         (tenure-weak--partners
          (make-hash-table :test 'eq :weakness 'key-or-value))
         (window (make-vector (* 40 scale) nil))
         (sum 0))
    (dotimes (i (length window))
      (aset window i (tenure-weak--constant)))
    (dotimes (_ (* 500 scale))
      (setq sum (% (+ (* 31 sum) (tenure-weak--step window)) 1000003)))
    (dotimes (i (length window))
      (setq sum (% (+ (* 31 sum) (tenure-weak--value (aref window i)))
                   1000003)))
    sum))

(defconst tenure-weak-expected
  '((1 . 326418)
    (25 . 671700)
    (500 . 290021))
  "Alist of (SCALE . RESULT).")

;;; weak.el ends here
