;;; gcbench.el --- Binary trees of many lifetimes  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;; Title: Binary trees of many lifetimes
;; Stresses: allocation of small conses and vectors, tree tracing, old objects filled with young ones
;; Default-scale: 2048
;; Live-size: 48.2 MB
;; Allocation-rate: 186 MB/s, 185.6 MB in all

;;; Commentary:

;; After the idea of the GCBench program of Ellis, Kovac and Boehm: a long-lived
;; tree and a long-lived array of floats stay while short-lived trees of every
;; size come and go.
;; Trees built from the leaves up are conses and are never mutated; trees built
;; from the root down are vectors, so a parent is always older than its children.
;; SCALE is the number of nodes, in units of 256, built for each tree depth and
;; each direction; the deepest tree grows with its logarithm.

;;; Code:

(defvar tenure-gcbench--seed 1
  "State of the pseudo-random generator.")

(defun tenure-gcbench--random (limit)
  "Return the next pseudo-random integer below LIMIT."
  (setq tenure-gcbench--seed (% (* tenure-gcbench--seed 48271) 2147483647))
  (% tenure-gcbench--seed limit))

(defun tenure-gcbench--nodes (depth)
  "Return the number of nodes of a full binary tree of DEPTH."
  (1- (ash 1 (1+ depth))))

(defun tenure-gcbench--bottom-up (depth)
  "Build a tree of conses of DEPTH, children first."
  (if (= depth 0)
      (cons nil nil)
    (cons (tenure-gcbench--bottom-up (1- depth))
          (tenure-gcbench--bottom-up (1- depth)))))

(defun tenure-gcbench--populate (depth node)
  "Give the vector NODE two subtrees of vectors, down to DEPTH levels."
  (when (> depth 0)
    (let ((serial (* 2 (aref node 2))))
      (aset node 0 (vector nil nil serial))
      (aset node 1 (vector nil nil (1+ serial)))
      (tenure-gcbench--populate (1- depth) (aref node 0))
      (tenure-gcbench--populate (1- depth) (aref node 1)))))

(defun tenure-gcbench--top-down (depth)
  "Build a tree of vectors of DEPTH, parents first."
  (let ((root (vector nil nil 1)))
    (tenure-gcbench--populate depth root)
    root))

(defun tenure-gcbench--count-conses (tree)
  "Return the number of nodes of the cons TREE."
  (if tree
      (+ 1
         (tenure-gcbench--count-conses (car tree))
         (tenure-gcbench--count-conses (cdr tree)))
    0))

(defun tenure-gcbench--count-vectors (tree)
  "Return the number of nodes of the vector TREE."
  (if tree
      (+ 1
         (tenure-gcbench--count-vectors (aref tree 0))
         (tenure-gcbench--count-vectors (aref tree 1)))
    0))

(defun tenure-gcbench--walk-conses (tree)
  "Descend the cons TREE by random turns and return the depth of the leaf."
  (let ((depth 0))
    (while (car tree)
      (setq tree (if (= 0 (tenure-gcbench--random 2)) (car tree) (cdr tree)))
      (setq depth (1+ depth)))
    depth))

(defun tenure-gcbench--walk-vectors (tree)
  "Descend the vector TREE by random turns and return the serial of the leaf."
  (while (aref tree 0)
    (setq tree (aref tree (tenure-gcbench--random 2))))
  (aref tree 2))

(defun tenure-gcbench--churn (depth count)
  "Build COUNT trees of DEPTH in each direction and return their checksum."
  (let ((sum 0))
    (dotimes (_ count)
      (let ((tree (tenure-gcbench--top-down depth)))
        (setq sum (+ sum (tenure-gcbench--walk-vectors tree)))))
    (dotimes (_ count)
      (let ((tree (tenure-gcbench--bottom-up depth)))
        (setq sum (+ sum (tenure-gcbench--walk-conses tree)))))
    sum))

(defun tenure-gcbench--check (what actual expected)
  "Signal an error unless ACTUAL, the value of WHAT, is EXPECTED."
  (unless (equal actual expected)
    (error "%s is %S, not %S" what actual expected)))

(defun tenure-gcbench-entry (scale)
  "Run the workload at SCALE and return its checksum."
  (let* ((tenure-gcbench--seed 20011)
         (deepest (+ 7 (logb scale)))
         (budget (* 256 scale))
         (array (make-vector (* 64 scale) 0.0))
         (long-lived (tenure-gcbench--top-down (1- deepest)))
         (depth 4)
         (sum 0))
    ;; The first tree is dropped at once: it stretches the heap.
    (setq sum (tenure-gcbench--count-conses
               (tenure-gcbench--bottom-up deepest)))
    (tenure-gcbench--check "Size of the stretch tree"
                           sum (tenure-gcbench--nodes deepest))
    (dotimes (i (length array))
      (aset array i (/ 1.0 (1+ i))))
    (while (<= depth deepest)
      (let ((count (max 1 (/ budget (tenure-gcbench--nodes depth)))))
        (setq sum (% (+ (* 31 sum) (tenure-gcbench--churn depth count))
                     1000003)))
      (setq depth (+ depth 2)))
    (tenure-gcbench--check "Size of the long-lived tree"
                           (tenure-gcbench--count-vectors long-lived)
                           (tenure-gcbench--nodes (1- deepest)))
    (let ((harmonic 0.0))
      (dotimes (i (length array))
        (setq harmonic (+ harmonic (aref array i))))
      (+ sum (round (* 1000 harmonic))))))

(defconst tenure-gcbench-expected
  '((1 . 257316)
    (64 . 814203)
    (2048 . 263976))
  "Alist of (SCALE . RESULT).")

;;; gcbench.el ends here
