;;; format-spec.el --- Templates with letters for values  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(defconst format-spec--pattern
  (concat "%\\(%\\|\\([-0 _^<>]*\\)\\([0-9]+\\)?\\(?:\\.\\([0-9]+\\)\\)?"
          "\\([[:alpha:]]\\)\\)")
  "A directive: a percent sign, or flags, width, precision and a letter.")

;;;###autoload
(defun format-spec (format specification &optional ignore-missing split)
  "Return FORMAT with values in place of directives like %a.
SPECIFICATION is an alist of letters and values.  IGNORE-MISSING says what to do
with other letters: nil signals an error, `ignore' keeps them, `delete' removes
them, and anything else keeps these and %% too.  If SPLIT, return a list of the
parts."
  (let ((start 0)
        (text "")
        (parts nil)
        (found nil))
    (while (setq found (string-search "%" format start))
      (setq text (concat text (substring format start found)))
      (let ((match (and (eq found (string-match format-spec--pattern format
                                                found))
                        (match-string 1 format)))
            (end (match-end 0)))
        (cond
         ((null match)
          (unless ignore-missing
            (error "Invalid format string"))
          (setq text (concat text "%")
                start (1+ found)))
         ((equal match "%")
          (setq text (concat text "%")
                start end)
          (unless (memq ignore-missing '(nil ignore delete))
            (setq parts (cons "%" (cons text parts))
                  text "")))
         (t
          (unless (equal text "")
            (push text parts)
            (setq text ""))
          (let ((value (format-spec--directive format specification
                                               ignore-missing)))
            (push (or value "%") parts)
            (setq start (if value end (1+ found))))))))
    (setq text (concat text (substring format start)))
    (unless (equal text "")
      (push text parts))
    (setq parts (nreverse parts))
    ;; Parts are copies, as the whole is.
    (if split (mapcar #'copy-sequence parts) (apply #'concat parts))))

(defun format-spec--directive (format specification ignore-missing)
  "Return the text of the directive in FORMAT that was matched, or nil to keep it.
SPECIFICATION and IGNORE-MISSING are those of `format-spec'."
  (let* ((flags (match-string 2 format))
         (width (match-string 3 format))
         (precision (match-string 4 format))
         (letter (aref (match-string 5 format) 0))
         (value (assq letter specification)))
    (cond
     (value
      (format-spec--text (format "%s" (cdr value)) (append flags nil)
                         (and width (string-to-number width))
                         (and precision (string-to-number precision))))
     ((eq ignore-missing 'delete) "")
     ((not ignore-missing)
      (error "Invalid format character: `%%%c'" letter)))))

(defun format-spec--text (text flags width precision)
  "Return TEXT with FLAGS, made WIDTH long and cut to PRECISION, where given."
  (let ((left (memq ?< flags)))
    (when precision
      (setq text (format-spec--cut text precision left)))
    (let ((missing (- (or width 0) (string-width text))))
      (when (> missing 0)
        (let ((padding (make-string missing (if (memq ?0 flags) ?0 ?\s))))
          (setq text (if (memq ?- flags)
                         (concat text padding)
                       (concat padding text))))))
    (when (and width (or left (memq ?> flags)))
      (setq text (format-spec--cut text width left)))
    (cond ((memq ?^ flags) (upcase text))
          ((memq ?_ flags) (downcase text))
          (t text))))

(defun format-spec--cut (text size left)
  "Return the part of TEXT that SIZE columns hold, the end of it if LEFT."
  (cond ((<= (string-width text) size) text)
        (left (concat (format-spec--end text size)))
        (t
         (let ((end (length text)))
           (while (> (string-width (substring text 0 end)) size)
             (setq end (1- end)))
           (concat (substring text 0 end))))))

(defun format-spec--end (text size)
  "Return the end of TEXT that takes SIZE columns.
What has no width behind the last column is left out."
  (let* ((width (string-width text))
         (from (- width size))
         (column 0)
         (start 0)
         (end 0))
    (while (< column from)
      (setq column (+ column (char-width (aref text start)))
            start (1+ start)))
    (setq end start)
    (while (< column width)
      (setq column (+ column (char-width (aref text end)))
            end (1+ end)))
    (substring text start end)))

;;;###autoload
(defun format-spec-make (&rest pairs)
  "Return an alist for `format-spec' of PAIRS, letters and values in turn."
  (let ((result nil))
    (while pairs
      (unless (cdr pairs)
        (error "Invalid list of pairs"))
      (push (cons (pop pairs) (pop pairs)) result))
    (nreverse result)))

(provide 'format-spec)

;;; format-spec.el ends here
