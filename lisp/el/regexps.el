;;; regexps.el --- Functions of regular expressions  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(defmacro save-match-data (&rest body)
  "Do BODY, and keep the match data as it is."
  (declare (indent 0))
  (let ((data (make-symbol "saved-match-data")))
    `(let ((,data (match-data)))
       (unwind-protect
           (progn ,@body)
         (set-match-data ,data t)))))

(defalias 'store-match-data #'set-match-data)

(defun string-match-p (regexp string &optional start)
  "Return where REGEXP matches STRING from START on; keep the match data."
  (let ((inhibit-changing-match-data t))
    (save-match-data
      (string-match regexp string start))))

(defun match-string (num &optional string)
  "Return what the group NUM of the last match matched in STRING, or nil."
  (and (match-beginning num)
       (if string
           (substring string (match-beginning num) (match-end num))
         (buffer-substring (match-beginning num) (match-end num)))))

(defun match-string-no-properties (num &optional string)
  "Return what the group NUM of the last match matched in STRING, or nil.
The value has no text properties."
  (and (match-beginning num)
       (if string
           (substring-no-properties string (match-beginning num)
                                    (match-end num))
         (buffer-substring-no-properties (match-beginning num)
                                         (match-end num)))))

(defun match-substitute-replacement (replacement &optional fixedcase literal
                                                 string subexp)
  "Return what REPLACEMENT would put in the place of the last match.
FIXEDCASE, LITERAL, STRING and SUBEXP are those of `replace-match'."
  (let ((match (match-string 0 string)))
    (save-match-data
      (set-match-data (mapcar (lambda (position)
                                (if (numberp position)
                                    (- position (match-beginning 0))
                                  position))
                              (match-data t)))
      (replace-match replacement fixedcase literal match subexp))))

(defun replace-regexp-in-string (regexp rep string &optional fixedcase literal
                                        subexp start)
  "Return STRING from START on with REP in place of all matches of REGEXP.
REP may be a function of the match.  FIXEDCASE, LITERAL and SUBEXP are those of
`replace-match'."
  (let ((size (length string))
        (start (or start 0))
        (parts nil))
    (save-match-data
      (let ((from start))
        (while (and (< from size) (string-match regexp string from))
          (let* ((beginning (match-beginning 0))
                 (end (match-end 0))
                 ;; An empty match takes the next character along.
                 (next (if (= beginning end)
                           (min size (1+ beginning))
                         end))
                 (match (substring string beginning next)))
            ;; The data of a match of the part alone, for `replace-match'.
            (string-match regexp match)
            (push (substring string from beginning) parts)
            (push (replace-match (if (stringp rep)
                                     rep
                                   (funcall rep (match-string 0 match)))
                                 fixedcase literal match subexp)
                  parts)
            (setq from next)))
        (push (substring string from size) parts))
      (apply #'concat (nreverse parts)))))

(defun regexps--quote-p (string separator)
  "Return non-nil if STRING must be quoted between SEPARATOR."
  (or (string-match "[\\\"]" string)
      (string-match separator string)))

(defun combine-and-quote-strings (strings &optional separator)
  "Return the STRINGS joined by SEPARATOR, quoted where they contain it."
  (let* ((separator (or separator " "))
         (pattern (concat "[\\\"]" "\\|" (regexp-quote separator))))
    (mapconcat (lambda (string)
                 (if (string-match pattern string)
                     (concat "\"" (replace-regexp-in-string
                                   "[\\\"]" "\\\\\\&" string)
                             "\"")
                   string))
               strings separator)))

(defun split-string-and-unquote (string &optional separator)
  "Return the parts of STRING between SEPARATOR; a part in quotes is read."
  (let* ((separator (or separator "\\s-+"))
         (quote (string-search "\"" string)))
    (if (null quote)
        (split-string string separator t)
      (append (unless (eq quote 0)
                (split-string (substring string 0 quote) separator t))
              (let ((read (read-from-string string quote)))
                (cons (car read)
                      (split-string-and-unquote (substring string (cdr read))
                                                separator)))))))

(defun string-trim-left (string &optional regexp)
  "Return STRING without white space, or REGEXP, at its start."
  (if (string-match (if regexp
                        (concat "\\`\\(?:" regexp "\\)")
                      "\\`[ \t\n\r]+")
                    string)
      (substring string (match-end 0))
    string))

(defun string-trim-right (string &optional regexp)
  "Return STRING without white space, or REGEXP, at its end."
  (let ((end (string-match-p (if regexp
                                 (concat "\\(?:" regexp "\\)\\'")
                               "[ \t\n\r]+\\'")
                             string)))
    (if end (substring string 0 end) string)))

(defun string-trim (string &optional trim-left trim-right)
  "Return STRING without white space at both ends.
TRIM-LEFT and TRIM-RIGHT are regexps of what to remove instead."
  (string-trim-left (string-trim-right string trim-right) trim-left))

;;; regexps.el ends here
