;;; strings.el --- Functions of strings  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(defconst split-string-default-separators "[ \f\t\n\r\v]+"
  "The regexp that separates the parts of a string by default.")

(defun string-prefix-p (prefix string &optional ignore-case)
  "Return non-nil if STRING begins with PREFIX, in any case if IGNORE-CASE."
  (let ((size (length prefix)))
    (and (<= size (length string))
         (eq t (compare-strings prefix 0 size string 0 size ignore-case)))))

(defun string-suffix-p (suffix string &optional ignore-case)
  "Return non-nil if STRING ends with SUFFIX, in any case if IGNORE-CASE."
  (let ((start (- (length string) (length suffix))))
    (and (>= start 0)
         (eq t (compare-strings suffix nil nil string start nil ignore-case)))))

(defun string-to-list (string)
  "Return a list of the characters of STRING."
  (append string nil))

(defun string-to-vector (string)
  "Return a vector of the characters of STRING."
  (vconcat string))

(defun string-replace (from-string to-string in-string)
  "Return IN-STRING with TO-STRING in place of each FROM-STRING."
  (let ((start 0)
        (parts nil)
        (found nil)
        (size (length from-string)))
    (when (= size 0)
      (signal 'wrong-length-argument '(0)))
    (while (setq found (string-search from-string in-string start))
      (unless (= found start)
        (push (substring in-string start found) parts))
      (push to-string parts)
      (setq start (+ found size)))
    (if (null parts)
        in-string
      (unless (= start (length in-string))
        (push (substring in-string start) parts))
      (apply #'concat (nreverse parts)))))

(defun subst-char-in-string (fromchar tochar string &optional inplace)
  "Return STRING with TOCHAR in the place of each FROMCHAR.
If INPLACE, STRING itself is changed."
  (let ((i (length string))
        (result (if inplace string (copy-sequence string))))
    (while (> i 0)
      (setq i (1- i))
      (when (eq (aref result i) fromchar)
        (aset result i tochar)))
    result))

(defun store-substring (string idx obj)
  "Put OBJ, a character or a string, into STRING from IDX on; return STRING."
  (cond ((integerp obj) (aset string idx obj))
        ;; All at once, where the bytes are the characters.
        ((tenure-store-ascii string idx obj))
        (t
         (let ((size (length obj))
               (i 0))
           (while (< i size)
             (aset string (+ i idx) (aref obj i))
             (setq i (1+ i))))))
  string)

(defun shell-quote-argument (argument)
  "Return ARGUMENT as a word of a shell's command."
  (if (equal argument "")
      "''"
    (mapconcat (lambda (char)
                 (cond ((eq char ?\n) "'\n'")
                       ((or (and (>= char ?0) (<= char ?9))
                            (and (>= char ?a) (<= char ?z))
                            (and (>= char ?A) (<= char ?Z))
                            (memq char '(?- ?_ ?. ?/)))
                        (char-to-string char))
                       (t (string ?\\ char))))
               argument "")))

(defun sha1 (object &optional start end binary)
  "Return the SHA-1 digest of OBJECT from START to END, in hexadecimal digits.
If BINARY, return its bytes."
  (secure-hash 'sha1 object start end binary))

(defun listify-key-sequence (key)
  "Return a list of the keys in KEY; a string's meta bits are moved."
  (if (vectorp key)
      (append key nil)
    (mapcar (lambda (char)
              (if (> char 127) (logxor char (logior 128 ?\M-\0)) char))
            key)))

(defun lsh (value count)
  "Return VALUE shifted left by COUNT bits, as a fixnum without sign."
  (when (and (< value 0) (< count 0))
    (when (< value most-negative-fixnum)
      (signal 'args-out-of-range (list value count)))
    (setq value (logand (ash value -1) most-positive-fixnum)
          count (1+ count)))
  (ash value count))

(defun log10 (x)
  "Return the logarithm of X to the base 10."
  (log x 10))

;;;; Splitting

;; Most separators are the default or plain text, which needs no regexp.

(defun strings--find-white (string start)
  "Return the bounds of the next white space in STRING from START on, or nil."
  (let ((size (length string))
        (white '(?\s ?\f ?\t ?\n ?\r ?\v)))
    (while (and (< start size) (not (memq (aref string start) white)))
      (setq start (1+ start)))
    (when (< start size)
      (let ((end (1+ start)))
        (while (and (< end size) (memq (aref string end) white))
          (setq end (1+ end)))
        (cons start end)))))

(defun strings--literal-p (regexp)
  "Return non-nil if REGEXP matches only itself, whatever case is folded."
  (let ((i 0)
        (size (length regexp))
        (literal (> (length regexp) 0)))
    (while (and literal (< i size))
      (let ((char (aref regexp i)))
        (setq literal (and (< char 128)
                           (eq char (upcase char))
                           (eq char (downcase char))
                           (not (memq char '(?\\ ?\[ ?* ?+ ?? ?. ?^ ?$))))
              i (1+ i))))
    literal))

(defun strings--finder (regexp)
  "Return a function of a string and a start that gives the bounds of a match.
It finds the next match of REGEXP, or gives nil."
  (cond ((equal regexp split-string-default-separators)
         #'strings--find-white)
        ((strings--literal-p regexp)
         (let ((size (length regexp)))
           (lambda (string start)
             (let ((found (string-search regexp string start)))
               (and found (cons found (+ found size)))))))
        (t
         (lambda (string start)
           (and (string-match regexp string start)
                (cons (match-beginning 0) (match-end 0)))))))

(defun strings--trim (regexp string start end)
  "Return the bounds of STRING from START to END without REGEXP at both ends."
  (let ((found nil))
    (when (and (setq found (string-match regexp string start))
               (= found start))
      (setq start (match-end 0)))
    (when (and (< start end)
               (setq found (string-match (concat regexp "\\'")
                                         (substring string 0 end)
                                         start)))
      (setq end found))
    (cons start (max start end))))

(defun split-string (string &optional separators omit-nulls trim)
  "Return a list of the parts of STRING between matches of SEPARATORS.
Without SEPARATORS, or if OMIT-NULLS, empty parts are left out.
TRIM is a regexp of what is removed from both ends of each part."
  (unless (stringp string)
    (signal 'wrong-type-argument (list 'stringp string)))
  (let* ((keep-nulls (and separators (not omit-nulls)))
         (finder (strings--finder
                  (or separators split-string-default-separators)))
         (size (length string))
         (start 0)
         (first t)
         (match nil)
         (parts nil)
         (add (lambda (start end)
                (when trim
                  (let ((bounds (strings--trim trim string start end)))
                    (setq start (car bounds)
                          end (cdr bounds))))
                (when (or keep-nulls (< start end))
                  (push (substring string start end) parts)))))
    (while (and (setq match
                      (funcall finder string
                               ;; An empty match must not stop the walk.
                               (if (and match (not first)
                                        (= start (car match))
                                        (< start size))
                                   (1+ start)
                                 start)))
                (< start size))
      (setq first nil)
      (funcall add start (car match))
      (setq start (cdr match)))
    (funcall add start size)
    (nreverse parts)))

;;; strings.el ends here
