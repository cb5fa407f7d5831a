;;; strings.el --- Building, cutting and searching text  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;; Title: Building, cutting and searching text
;; Stresses: strings of all sizes with unmanaged contents, concat, substring, splitting, searching, multibyte text
;; Default-scale: 200
;; Live-size: 7.3 MB
;; Allocation-rate: 131 MB/s, 106.3 MB in all

;;; Commentary:

;; A text mill: it makes up words, joins them into paragraphs, cuts them up
;; again, fills lines, replaces words, counts words in a hash table, and writes
;; and reads a table of comma-separated values.
;; SCALE is the number of paragraphs in units of 8.  One paragraph of four is multibyte.

;;; Code:

(defvar tenure-strings--seed 1
  "State of the pseudo-random generator.")

(defun tenure-strings--random (limit)
  "Return the next pseudo-random integer below LIMIT."
  (setq tenure-strings--seed (% (* tenure-strings--seed 48271) 2147483647))
  (% tenure-strings--seed limit))

(defun tenure-strings--hash (string)
  "Return a hash of all characters of STRING."
  (let ((hash (length string)))
    (dotimes (i (length string))
      (setq hash (logand (+ (* 33 hash) (aref string i)) #xffffff)))
    hash))

;;;; Making text

(defun tenure-strings--syllable (syllables)
  "Return a random element of the vector SYLLABLES."
  (aref syllables (tenure-strings--random (length syllables))))

(defun tenure-strings--word (syllables)
  "Return a fresh word of one to four SYLLABLES."
  (let ((word (tenure-strings--syllable syllables)))
    (dotimes (_ (tenure-strings--random 4))
      (setq word (concat word (tenure-strings--syllable syllables))))
    word))

(defun tenure-strings--capitalize (word)
  "Return WORD with its first letter in upper case."
  (concat (upcase (substring word 0 1)) (substring word 1)))

(defun tenure-strings--sentence (syllables)
  "Return a fresh sentence of words made of SYLLABLES."
  (let ((words nil))
    (dotimes (_ (+ 4 (tenure-strings--random 9)))
      (push (tenure-strings--word syllables) words))
    (concat (mapconcat (lambda (word) word) words " ") ".")))

(defun tenure-strings--paragraph (syllables)
  "Return a fresh paragraph of sentences, grown by appending."
  (let ((text ""))
    (dotimes (_ 12)
      (setq text (concat text (if (string= text "") "" " ")
                         (tenure-strings--capitalize
                          (tenure-strings--sentence syllables)))))
    text))

;;;; Cutting text

(defun tenure-strings--split (string separator)
  "Return the list of the parts of STRING between occurrences of SEPARATOR."
  (let ((parts nil)
        (start 0)
        (end nil))
    (while (setq end (string-search separator string start))
      (push (substring string start end) parts)
      (setq start (+ end (length separator))))
    (push (substring string start) parts)
    (nreverse parts)))

(defun tenure-strings--replace (string from to)
  "Return STRING with each occurrence of FROM replaced by TO."
  (let ((pieces nil)
        (start 0)
        (end nil))
    (while (setq end (string-search from string start))
      (push (substring string start end) pieces)
      (push to pieces)
      (setq start (+ end (length from))))
    (push (substring string start) pieces)
    (apply #'concat (nreverse pieces))))

(defun tenure-strings--fill (text width)
  "Return the list of the lines of TEXT broken to at most WIDTH characters."
  (let ((lines nil)
        (line nil))
    (dolist (word (split-string text " "))
      (cond ((null line)
             (setq line word))
            ((> (+ (length line) 1 (length word)) width)
             (push line lines)
             (setq line word))
            (t
             (setq line (concat line " " word)))))
    (when line
      (push line lines))
    (nreverse lines)))

(defun tenure-strings--strip (word)
  "Return WORD without the punctuation at its end."
  (let ((end (length word)))
    (while (and (> end 0) (memq (aref word (1- end)) '(?. ?, ?\;)))
      (setq end (1- end)))
    (substring word 0 end)))

(defun tenure-strings--reverse-lines (lines)
  "Return a string of LINES with the characters of each reversed."
  (mapconcat #'reverse lines "\n"))

(defun tenure-strings--rotate (string)
  "Return STRING with its lower-case ASCII letters rotated by thirteen."
  (let ((copy (copy-sequence string)))
    (dotimes (i (length copy))
      (let ((char (aref copy i)))
        (when (and (>= char ?a) (<= char ?z))
          (aset copy i (+ ?a (% (+ 13 (- char ?a)) 26))))))
    copy))

(defun tenure-strings--count-words (text table)
  "Count the words of TEXT, in lower case, in TABLE."
  (dolist (word (tenure-strings--split text " "))
    (let ((key (downcase (tenure-strings--strip word))))
      (puthash key (1+ (gethash key table 0)) table))))

;;;; A table as text

(defun tenure-strings--write-rows (table)
  "Return the counts in TABLE as comma-separated values, sorted by word."
  (let ((words nil))
    (maphash (lambda (word _count) (push word words)) table)
    (mapconcat (lambda (word)
                 (format "%s,%05d,%x" word (gethash word table)
                         (tenure-strings--hash word)))
               (sort words #'string<)
               "\n")))

(defun tenure-strings--read-rows (text)
  "Return the sum of the counts in TEXT, checking the hash of each word."
  (let ((sum 0))
    (dolist (row (tenure-strings--split text "\n"))
      (let ((fields (split-string row ",")))
        (unless (= (string-to-number (car (cddr fields)) 16)
                   (tenure-strings--hash (car fields)))
          (error "The row %S was damaged" row))
        (setq sum (+ sum (string-to-number (cadr fields))))))
    sum))

(defun tenure-strings-entry (scale)
  "Run the workload at SCALE and return (WORDS DISTINCT CHECKSUM)."
  (let* ((tenure-strings--seed 104729)
         (latin ["ba" "co" "di" "fu" "ge" "ha" "jo" "ki" "lu" "me" "ni" "o"
                 "pra" "quo" "ra" "sti" "tu" "ver" "wa" "xi" "yo" "zen"])
         (greek ["\u03b1\u03bb" "\u03b2\u03b5" "\u03b3\u03b9" "\u03b4\u03bf"
                 "\u03ba\u03b1" "\u03bb\u03bf" "\u03bc\u03b7" "\u03c0\u03b5"])
         (table (make-hash-table :test 'equal))
         (sum 0)
         (rows nil))
    (dotimes (i (* 8 scale))
      (let* ((text (tenure-strings--paragraph (if (= 3 (% i 4)) greek latin)))
             (lines (tenure-strings--fill text 60))
             (filled (mapconcat (lambda (line) line) lines "\n"))
             (back (tenure-strings--replace filled "\n" " ")))
        (unless (string= back text)
          (error "Paragraph %d does not survive filling" i))
        (unless (string= text (tenure-strings--rotate
                               (tenure-strings--rotate text)))
          (error "Paragraph %d does not survive rotation" i))
        (tenure-strings--count-words text table)
        (dolist (piece (list filled
                             (tenure-strings--reverse-lines lines)
                             (tenure-strings--replace text "o" "[oo]")
                             (tenure-strings--rotate text)))
          (setq sum (logxor sum (tenure-strings--hash piece))))))
    (setq rows (tenure-strings--write-rows table))
    (list (tenure-strings--read-rows rows)
          (hash-table-count table)
          (logxor sum (tenure-strings--hash rows)))))

(defconst tenure-strings-expected
  '((1 . (787 556 10566199))
    (20 . (15522 7325 15977617))
    (200 . (153532 41710 9147664)))
  "Alist of (SCALE . RESULT).")

;;; strings.el ends here
