;;; longest-gap.el --- The longest time that a running program waits  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; Runs in tenure and in GNU Emacs:
;;
;;   tenure --batch -Q --collector incremental -l longest-gap.el
;;   emacs --batch -Q -f batch-byte-compile longest-gap.el
;;   emacs --batch -Q -l longest-gap.elc
;;
;; A loop conses and looks at `float-time' after each cons; the longest time between two looks is what the program waited
;; for, whatever it was for: pauses of the collector, and all that hides outside its log.
;; The loop runs beside nothing, which shows the machine's own gaps and, as it comes first, the first collection of the
;; process; beside a list of 10 million conses; 2 million vectors of 3 slots; 200 thousand hash tables; and a million
;; strings with properties.  While it runs it also stores young conses in the old structure, so there is marking to do and
;; a remembered set.  PROBE_SECONDS in the environment is the length of each loop (3), PROBE_SCALE divides the sizes (1).

;;; Code:

(defun probe-number (name default)
  "Return the number in the environment variable NAME, or DEFAULT."
  (let ((text (getenv name)))
    (if text (string-to-number text) default)))

(defconst probe-seconds (probe-number "PROBE_SECONDS" 3))
(defconst probe-scale (probe-number "PROBE_SCALE" 1))

(defvar probe-live nil
  "What is kept alive.")
(defvar probe-recent nil
  "A ring of recent conses, so that some of them are promoted.")

(defun probe-loop (name)
  "Cons for a while and print a row for NAME: the longest gaps between two looks at the clock."
  (let* ((gaps (make-vector 5 0.0))
         (recent (make-vector 1024 nil))
         (holder (cons nil nil))
         (looks 0)
         (before (float-time))
         (end (+ before probe-seconds))
         (now before)
         (gap 0.0)
         (cell nil)
         (i 0))
    (setq probe-recent recent)
    (while (< now end)
      (setq cell (cons looks nil))
      (setcar holder cell)
      (aset recent (% looks 1024) (cons cell (aref recent (% looks 1024))))
      (if (= 0 (% looks 65536))
          (aset recent (% (/ looks 65536) 1024) nil))
      (if (> looks 1000000)
          (if (= 0 (% looks 64))
              (probe-forget recent looks)))
      (setq looks (1+ looks)
            now (float-time)
            gap (- now before)
            before now)
      (if (> gap (aref gaps 4))
          (progn
            ;; Insert it in the five longest.
            (setq i 4)
            (while (and (> i 0) (> gap (aref gaps (1- i))))
              (aset gaps i (aref gaps (1- i)))
              (setq i (1- i)))
            (aset gaps i gap))))
    (princ (format "%-34s %9d looks, longest gaps, ms:%s\n" name looks
                   (mapconcat (lambda (g) (format " %8.3f" (* 1000 g))) gaps "")))))

(defun probe-forget (ring looks)
  "Forget the chain in one place of RING, chosen by LOOKS."
  (aset ring (% (/ looks 64) 1024) nil))

(defun probe-list (n)
  "Return a list of N conses."
  (let ((list nil))
    (while (> n 0)
      (setq list (cons nil list)
            n (1- n)))
    list))

(defun probe-vectors (n)
  "Return a vector of N vectors of 3 slots."
  (let ((all (make-vector n nil))
        (i 0))
    (while (< i n)
      (aset all i (vector i nil nil))
      (setq i (1+ i)))
    all))

(defun probe-tables (n)
  "Return a list of N hash tables with an entry each."
  (let ((all nil)
        (table nil))
    (while (> n 0)
      (setq table (make-hash-table :test 'eq :size 4))
      (puthash n n table)
      (setq all (cons table all)
            n (1- n)))
    all))

(defun probe-strings (n)
  "Return a list of N strings with a text property each."
  (let ((all nil))
    (while (> n 0)
      (setq all (cons (propertize (make-string 12 ?a) 'face n) all)
            n (1- n)))
    all))

(probe-loop "a small heap, first collection")
(setq probe-live (probe-list (/ 10000000 probe-scale)))
(probe-loop "10 M conses")
(setq probe-live nil)
(setq probe-live (probe-vectors (/ 2000000 probe-scale)))
(probe-loop "2 M vectors of 3 slots")
(setq probe-live nil)
(setq probe-live (probe-tables (/ 200000 probe-scale)))
(probe-loop "200 k hash tables")
(setq probe-live nil)
(setq probe-live (probe-strings (/ 1000000 probe-scale)))
(probe-loop "1 M strings with properties")

;;; longest-gap.el ends here
