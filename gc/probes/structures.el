;;; structures.el --- Structures that are deep, long or cyclic  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; Runs in tenure, under each collector:
;;
;;   tenure --batch -Q --eval-mode compiled --collector incremental -l structures.el
;;
;; It builds a chain of conses through their cars (100 million, 1.6 GB), a vector of 10 million slots that hold conses, and
;; a ring of a million conses whose cars all refer to the first, collects with each of them live, walks it, and prints how
;; long the collection took.  PROBE_SCALE in the environment divides the sizes (1).  GNU Emacs recurses on cars and crashes.

;;; Code:

(defconst probe-scale (let ((text (getenv "PROBE_SCALE"))) (if text (string-to-number text) 1)))

(defvar probe-live nil
  "What is kept alive.")

(defun probe-collect (name count)
  "Collect, and print a row for NAME with COUNT, the number of objects that a walk found."
  (let ((before (float-time)))
    (garbage-collect)
    (princ (format "%-40s %10d found, collected in %7.3f s\n" name count (- (float-time) before)))))

(defun probe-chain (n)
  "Return N conses, each the car of the next."
  (let ((chain nil))
    (while (> n 0)
      (setq chain (cons chain nil)
            n (1- n)))
    chain))

(defun probe-depth (chain)
  "Return the number of conses that CHAIN has through its cars."
  (let ((n 0))
    (while chain
      (setq chain (car chain)
            n (1+ n)))
    n))

(defun probe-filled (n)
  "Return a vector of N conses."
  (let ((all (make-vector n nil))
        (i 0))
    (while (< i n)
      (aset all i (cons i all))
      (setq i (1+ i)))
    all))

(defun probe-sound (all)
  "Return how many elements of ALL are as `probe-filled' made them."
  (let ((i 0)
        (sound 0))
    (while (< i (length all))
      (if (and (= i (car (aref all i))) (eq all (cdr (aref all i))))
          (setq sound (1+ sound)))
      (setq i (1+ i)))
    sound))

(defun probe-ring (n)
  "Return a ring of N conses whose cars are the ring itself."
  (let* ((first (cons nil nil))
         (last first))
    (setcar first first)
    (while (> n 1)
      (setcdr last (cons first nil))
      (setq last (cdr last)
            n (1- n)))
    (setcdr last first)
    first))

(defun probe-round (ring)
  "Return how many conses RING has."
  (let ((n 1)
        (at (cdr ring)))
    (while (not (eq at ring))
      (if (eq (car at) ring)
          (setq n (1+ n)))
      (setq at (cdr at)))
    n))

(setq probe-live (probe-chain (/ 100000000 probe-scale)))
(garbage-collect)
(probe-collect "a chain through cars" (probe-depth probe-live))
(setq probe-live nil)
(setq probe-live (probe-filled (/ 10000000 probe-scale)))
(garbage-collect)
(probe-collect "a vector, each slot a cons" (probe-sound probe-live))
(setq probe-live nil)
(setq probe-live (probe-ring (/ 1000000 probe-scale)))
(garbage-collect)
(probe-collect "a ring" (probe-round probe-live))

;;; structures.el ends here
