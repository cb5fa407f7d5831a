;;; full-collection.el --- How long a collection of everything takes  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; Runs in tenure and in GNU Emacs:
;;
;;   tenure --batch -Q --collector mark-sweep -l full-collection.el
;;   emacs --batch -Q -f batch-byte-compile full-collection.el
;;   emacs --batch -Q -l full-collection.elc
;;
;; PROBE_CONSES, PROBE_RUNS and PROBE_THRESHOLD in the environment change the number of conses (10 million), the number
;; of measured collections a shape (7), and `gc-cons-threshold' while the shapes are built.
;; Each shape is built, then collected once unmeasured and PROBE_RUNS times measured; a row shows the median and the
;; extremes in milliseconds.  The clock is `float-time' around `garbage-collect', so all that a program waits for is in.
;; The first row is a heap with nothing in it but the program.

;;; Code:

(defun probe-number (name default)
  "Return the number in the environment variable NAME, or DEFAULT."
  (let ((text (getenv name)))
    (if text (string-to-number text) default)))

(defconst probe-conses (probe-number "PROBE_CONSES" 10000000))
(defconst probe-runs (probe-number "PROBE_RUNS" 7))
(setq gc-cons-threshold (probe-number "PROBE_THRESHOLD" gc-cons-threshold))

(defvar probe-live nil
  "What is kept alive.")

(defun probe-list (n)
  "Return a list of N conses in the order of their allocation."
  (let ((list nil))
    (while (> n 0)
      (setq list (cons nil list)
            n (1- n)))
    list))

(defun probe-shuffled (n)
  "Return a vector of N conses in random order."
  (let ((conses (make-vector n nil))
        (seed 1)
        (i 0)
        (j 0)
        (other nil))
    (while (< i n)
      (aset conses i (cons nil nil))
      (setq i (1+ i)))
    (while (> i 1)
      (setq seed (% (* seed 48271) 2147483647)
            j (% seed i)
            i (1- i)
            other (aref conses i))
      (aset conses i (aref conses j))
      (aset conses j other))
    conses))

(defun probe-short-lists (n)
  "Return lists of 32 conses on a spine, N conses in all, at random addresses."
  (let ((conses (probe-shuffled n))
        (i 0)
        (spine nil)
        (cell nil))
    (while (< i n)
      (setq cell (aref conses i))
      (if (= 0 (% i 33))
          (progn
            (setcdr cell spine)
            (setq spine cell))
        (setcdr cell (car spine))
        (setcar spine cell))
      (setq i (1+ i)))
    spine))

(defun probe-tree (n)
  "Return a balanced binary tree of N conses at random addresses."
  (let ((conses (probe-shuffled n))
        (i 0))
    (while (< (+ 1 i i) n)
      (setcar (aref conses i) (aref conses (+ 1 i i)))
      (when (< (+ 2 i i) n)
        (setcdr (aref conses i) (aref conses (+ 2 i i))))
      (setq i (1+ i)))
    (aref conses 0)))

(defun probe-collect ()
  "Collect, and return how long it took in milliseconds."
  (let ((before (float-time)))
    (garbage-collect)
    (* 1000 (- (float-time) before))))

(defun probe-shape (name n)
  "Collect what is alive, N conses, and print a row for NAME."
  (let ((times nil))
    (garbage-collect)
    (dotimes (_ probe-runs)
      (push (probe-collect) times))
    (setq times (sort times #'<))
    (let ((median (nth (/ probe-runs 2) times)))
      (princ (format "%-26s %9d conses  median %8.2f ms  (%.2f to %.2f)  %6.2f ns a cons\n" name n median (car times)
                     (nth (1- probe-runs) times) (if (= n 0) 0.0 (/ (* 1e6 median) n)))))))

(probe-shape "nothing" 0)
(setq probe-live (probe-list probe-conses))
(probe-shape "one list" probe-conses)
(setq probe-live nil)
(setq probe-live (probe-short-lists (/ probe-conses 2)))
(probe-shape "lists of 32, shuffled" (/ probe-conses 2))
(setq probe-live nil)
(setq probe-live (probe-tree (/ probe-conses 2)))
(probe-shape "binary tree, shuffled" (/ probe-conses 2))

;;; full-collection.el ends here
