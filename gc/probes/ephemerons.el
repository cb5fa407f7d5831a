;;; ephemerons.el --- A chain of ephemerons  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; Runs in tenure and in GNU Emacs:
;;
;;   tenure --batch -Q --eval-mode compiled --collector incremental --gc-log pauses.ndjson -l ephemerons.el
;;   emacs --batch -Q -f batch-byte-compile ephemerons.el
;;   PROBE_LINKS=20000 emacs --batch -Q -l ephemerons.elc
;;
;; A table with weak keys in which each value is the key of the next entry, PROBE_LINKS of them (700 thousand): how long a
;; collection takes, by `float-time' around `garbage-collect', and then how long collections take in a loop that conses,
;; by `gc-elapsed'.  The log of pauses says what the cycles of an incremental collector took in that loop.
;; GNU Emacs looks at the whole table again as long as a look finds something, so the time grows with the square of
;; the length: it did not finish the whole chain in a minute.

;;; Code:

(defconst probe-links
  (let ((text (getenv "PROBE_LINKS")))
    (if text (string-to-number text) 700000)))

(defvar probe-first nil
  "The key of the first link.")
(defvar probe-table (make-hash-table :test 'eq :weakness 'key :size probe-links))

(defun probe-chain (n)
  "Make a chain of N links."
  (let ((key (list 0))
        (value nil))
    (setq probe-first key)
    (while (> n 0)
      (setq value (list n))
      (puthash key value probe-table)
      (setq key value
            n (1- n)))))

(defun probe-loop (n)
  "Make N conses, of which some survive for a while."
  (let ((ring (make-vector 65536 nil))
        (i 0))
    (while (< i n)
      (aset ring (% i 65536) (cons i (aref ring (% i 65536))))
      (setq i (1+ i)))))

(let ((gc-cons-threshold 1000000000))
  (probe-chain probe-links))
(garbage-collect)
(let ((before (float-time)))
  (garbage-collect)
  (princ (format "%d links, %d alive: a collection takes %.1f ms\n" probe-links (hash-table-count probe-table)
                 (* 1000 (- (float-time) before)))))
(let ((before gc-elapsed))
  (probe-loop 12000000)
  (princ (format "collections of a loop of 12 M conses: %.1f ms\n" (* 1000 (- gc-elapsed before)))))

;;; ephemerons.el ends here
