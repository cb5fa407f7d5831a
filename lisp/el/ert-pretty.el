;;; ert-pretty.el --- Printed forms on several lines  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; A list begins on a line of its own where white space is before it, and what
;; is behind its end goes to the next line.  A line within a list is indented as
;; Lisp code is.

;;; Code:

(defconst ert--indents
  '((let . 1) (let* . 1) (if . 2) (while . 1) (when . 1) (unless . 1)
    (progn . 0) (prog1 . 1) (prog2 . 2) (dolist . 1) (dotimes . 1)
    (catch . 1) (condition-case . 2) (unwind-protect . 1)
    (save-excursion . 0) (save-match-data . 0) (lambda . defun)
    (letrec . 1) (named-let . 2) (if-let . 2) (when-let . 1) (and-let* . 1)
    (with-temp-buffer . 0) (ignore-errors . 0) (pcase . 1) (eval-and-compile . 0)
    (cl-flet . 1) (cl-labels . 1) (cl-letf . 1) (cl-case . 1) (cl-block . 1))
  "How the arguments of forms are indented, by their head.")

;; An open list is [COLUMN HEAD SECOND COUNT]: where it begins, the text of its
;; first element or nil if that is a list, the column of the second element if
;; it is on the line of the first, and the number of elements.

(defun ert--indent-column (list)
  "Return the column of a line that goes on with the open LIST."
  (let* ((column (aref list 0))
         (head (aref list 1))
         (name (and head (intern-soft head)))
         (indent (and name (or (get name 'lisp-indent-function)
                               (cdr (assq name ert--indents))))))
    (cond
     ((null head) (1+ column))
     ((integerp indent)
      (+ column (if (<= (aref list 3) indent) 4 2)))
     ((or (eq indent 'defun)
          (and (> (length head) 3) (string-prefix-p "def" head)))
      (+ column 2))
     (t (or (aref list 2) (1+ column))))))

(defun ert--token-end (text start)
  "Return the end of the string or atom in TEXT at START."
  (let ((size (length text))
        (i start))
    (if (eq (aref text i) ?\")
        (progn
          (setq i (1+ i))
          (while (not (eq (aref text i) ?\"))
            (setq i (+ i (if (eq (aref text i) ?\\) 2 1))))
          (1+ i))
      (while (and (< i size)
                  (not (memq (aref text i) '(?\s ?\( ?\) ?\[ ?\] ?\"))))
        (setq i (+ i (if (eq (aref text i) ?\\) 2 1))))
      (min i size))))

(defun ert--pretty (text column)
  "Return TEXT, of a printed object at COLUMN, on several lines."
  (let ((size (length text))
        (i 0)
        (lists nil)
        (parts nil)
        (space nil)
        (break nil))
    (while (< i size)
      (let ((char (aref text i)))
        (cond
         ((eq char ?\s)
          (setq space t
                i (1+ i)))
         ((memq char '(?\) ?\]))
          (push (char-to-string char) parts)
          (setq lists (cdr lists)
                column (1+ column)
                i (1+ i)
                space nil
                break (not (eq i size))))
         (t
          (let* ((end (if (memq char '(?\( ?\[)) i (ert--token-end text i)))
                 (prefix (substring text i end))
                 ;; A list with a prefix such as a quote begins with that.
                 (open (and (< end size)
                            (memq (aref text end) '(?\( ?\[))
                            (member prefix '("" "'" "`" "#'" "#^"))))
                 (list (car lists)))
            (cond
             ((and list (or break (and open space)))
              (let ((indent (ert--indent-column list)))
                (push "\n" parts)
                (push (make-string (/ indent 8) ?\t) parts)
                (push (make-string (% indent 8) ?\s) parts)
                (setq column indent)))
             (space
              (push " " parts)
              (setq column (1+ column))))
            (when list
              (aset list 3 (1+ (aref list 3)))
              (cond ((= (aref list 3) 1)
                     (aset list 1 (if open nil prefix)))
                    ((and (= (aref list 3) 2) (not (aref list 2))
                          (not break) (not (and open space)))
                     ;; The `#' of a record is taken for a prefix.
                     (aset list 2 (if (equal prefix "#s")
                                      (1+ column)
                                    column)))))
            (push prefix parts)
            (setq column (+ column (length prefix))
                  i end
                  space nil
                  break nil)
            (when (and (< i size) (memq (aref text i) '(?\( ?\[)))
              (push (char-to-string (aref text i)) parts)
              (push (vector column nil nil 0) lists)
              (setq column (1+ column)
                    i (1+ i))))))))
    (apply #'concat (nreverse parts))))

;;; ert-pretty.el ends here
