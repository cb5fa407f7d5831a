;;; mule-util.el --- Strings by the columns they take  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(defvar truncate-string-ellipsis nil
  "What stands for the end of a string that was cut off; nil is the usual one.")

;;;###autoload
(defun truncate-string-ellipsis ()
  "Return what stands for the end of a string that was cut off."
  (or truncate-string-ellipsis "…"))

;;;###autoload
(defun truncate-string-to-width (str end-column &optional start-column padding
                                     ellipsis _ellipsis-text-property)
  "Return the part of STR between START-COLUMN and END-COLUMN.
The character PADDING, if given, fills what a part of a wide character or the
end of STR leaves.  The string ELLIPSIS, or the usual one if it is t, takes the
place of the last columns if something is cut off there."
  (let* ((start-column (or start-column 0))
         (ellipsis (cond ((stringp ellipsis) ellipsis)
                         (ellipsis (truncate-string-ellipsis))
                         (t "")))
         (size (length str))
         (width (string-width str))
         (taken (string-width ellipsis))
         (i 0)
         (column 0)
         (head "")
         (tail "")
         (from 0))
    (while (and (< column start-column) (< i size))
      (setq column (+ column (char-width (aref str i)))
            i (1+ i)))
    (if (< column start-column)
        (if padding (make-string end-column padding) "")
      (when (and padding (> column start-column))
        (setq head (make-string (- column start-column) padding)))
      (setq from i)
      (let ((is-before (< end-column column))
            (next nil))
        (if (and (< end-column width) (> width taken))
            (setq end-column (- end-column taken))
          (setq ellipsis ""))
        (if (or is-before (<= column end-column))
            (while (and (< i size)
                        (< column end-column)
                        (<= (setq next (+ column (char-width (aref str i))))
                            end-column))
              (setq column next
                    i (1+ i)))
          ;; The ellipsis alone is too wide: all is shown in front of it, and
          ;; what cannot be padded is an error, as in Emacs.
          (setq i nil
                column nil)))
      (when (and padding (< column end-column))
        (setq tail (make-string (- end-column column) padding)))
      (concat head (substring str from (and i (max from i))) tail ellipsis))))

(provide 'mule-util)

;;; mule-util.el ends here
