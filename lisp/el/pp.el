;;; pp.el --- Pretty printing  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; A list inside of another begins a line and ends one.  The lines are indented
;; as Lisp code is: by the property `lisp-indent-function' of the function, or
;; below the first argument.

;;; Code:

(defvar pp--text nil "The text that is being laid out.")

(defvar indent-tabs-mode t
  "Whether white space is made of tabs where it can be.")

(defconst pp--body-indent 2 "How far the body of a definition is indented.")

(defun pp--skip-string (i)
  "Return the index behind the string that begins at I."
  (setq i (1+ i))
  (while (/= (aref pp--text i) ?\")
    (setq i (if (= (aref pp--text i) ?\\) (+ i 2) (1+ i))))
  (1+ i))

(defun pp--skip-atom (i)
  "Return the index behind the atom that begins at I."
  (let ((size (length pp--text)))
    (if (= (aref pp--text i) ?\")
        (pp--skip-string i)
      (while (and (< i size)
                  (not (memq (aref pp--text i) '(?\( ?\) ?\[ ?\] ?\s ?\" ?\n))))
        (setq i (if (= (aref pp--text i) ?\\) (+ i 2) (1+ i))))
      i)))

(defun pp--prefix-start (i)
  "Return the index of the first of the quotes in front of the parenthesis at I."
  (while (and (> i 0) (memq (aref pp--text (1- i)) '(?' ?` ?# ?^)))
    (setq i (1- i)))
  i)

(defun pp--breaks ()
  "Return the indices in `pp--text' where a line begins, the first first."
  (let ((i 0)
        (size (length pp--text))
        (breaks nil))
    (while (< i size)
      (let ((char (aref pp--text i)))
        (cond
         ((memq char '(?\( ?\[))
          (let ((start (pp--prefix-start i)))
            (when (and (> start 0) (= (aref pp--text (1- start)) ?\s))
              (push start breaks)))
          (setq i (1+ i)))
         ((memq char '(?\) ?\]))
          (while (and (< i size) (memq (aref pp--text i) '(?\) ?\])))
            (setq i (1+ i)))
          (when (and (< i size) (= (aref pp--text i) ?\s))
            (push (1+ i) breaks)))
         ((memq char '(?\s ?\n ?' ?` ?, ?@ ?# ?^)) (setq i (1+ i)))
         (t (setq i (pp--skip-atom i))))))
    (delete-dups (nreverse breaks))))

;; While lines are indented, the open lists are [COLUMN HEAD COUNT FIRST LINE
;; LAST-LINE LAST-COLUMN], the innermost first: the column of the parenthesis,
;; the symbol behind it or nil, how many elements were complete, the column of
;; the first argument or nil, the line of the parenthesis, the line of the last
;; element that was complete, and the column where that line's first element of
;; the list begins.

(defconst pp--indents
  '((lambda . defun) (progn . 0) (save-excursion . 0) (save-restriction . 0)
    (save-current-buffer . 0) (with-temp-buffer . 0) (ignore-errors . 0)
    (with-output-to-string . 0) (save-match-data . 0)
    (eval-when-compile . 0) (eval-and-compile . 0) (with-no-warnings . 0)
    (let . 1) (let* . 1) (letrec . 1) (dlet . 1) (while . 1) (catch . 1)
    (unwind-protect . 1) (prog1 . 1) (when . 1) (unless . 1) (dolist . 1)
    (dotimes . 1) (pcase . 1) (pcase-exhaustive . 1) (pcase-let . 1)
    (pcase-let* . 1) (pcase-dolist . 1) (when-let . 1) (when-let* . 1)
    (and-let* . 1) (let-alist . 1) (with-current-buffer . 1)
    (with-temp-file . 1) (with-demoted-errors . 1)
    (defun . 2) (defmacro . 2) (cl-defun . 2) (cl-defmacro . 2)
    (ert-deftest . 2) (if . 2) (prog2 . 2) (condition-case . 2) (if-let . 2) (if-let* . 2)
    (condition-case-unless-debug . 2) (named-let . 2))
  "How the arguments of macros and special forms are indented.")

(defun pp--indentation (open)
  "Return the column of a line that begins in the innermost list OPEN."
  (let* ((column (aref open 0))
         (head (aref open 1))
         (count (aref open 2))
         (normal (pp--normal-indentation open))
         (body (+ column pp--body-indent))
         (method (and head
                      (or (function-get head 'lisp-indent-function)
                          (cdr (assq head pp--indents)))))
         ;; How many arguments are in front.
         (done (1- count)))
    (cond
     ((= count 0) (1+ column))
     ((or (eq method 'defun)
          (and (null method) head
               (> (length (symbol-name head)) 3)
               (string-match "\\`def" (symbol-name head))))
      body)
     ((not (integerp method)) normal)
     ((< done method) (+ body pp--body-indent))
     ((and (= done method) (or (= method 0) (<= body normal))) body)
     (t normal))))

(defun pp--normal-indentation (open)
  "Return the column of a line in the list OPEN by what is in front of it."
  (let ((column (aref open 0)))
    (cond
     ;; The last element begins a line of its own.
     ((and (aref open 5) (> (aref open 5) (aref open 4)))
      (aref open 6))
     ((and (aref open 1) (aref open 3)) (aref open 3))
     (t (1+ column)))))

(defun pp--head (i)
  "Return the symbol at the index I, behind its quotes, or nil."
  (while (memq (aref pp--text i) '(?' ?` ?# ?, ?@ ?^))
    (setq i (1+ i)))
  (let ((end (pp--skip-atom i)))
    (and (> end i)
         (not (memq (aref pp--text i) '(?\" ?\\)))
         ;; It may be nil.
         (or (intern (substring pp--text i end)) t))))

(defun pp--element (stack column line)
  "Note that an element begins at COLUMN of LINE in the innermost list of STACK."
  (let ((open (car stack)))
    (when open
      (when (and (null (aref open 3)) (= (aref open 2) 1))
        (aset open 3 (and (= line (aref open 4)) column)))
      (unless (eql (aref open 5) line)
        (aset open 5 line)
        (aset open 6 column))
      (aset open 2 (1+ (aref open 2))))))

(defun pp--spaces (column)
  "Return white space up to COLUMN."
  (if indent-tabs-mode
      (concat (make-string (/ column 8) ?\t) (make-string (% column 8) ?\s))
    (make-string column ?\s)))

(defun pp--layout (text)
  "Return TEXT, the representation of an object, on several lines."
  (let* ((pp--text text)
         (breaks (pp--breaks))
         (size (length text))
         (out nil)
         (stack nil)
         (line 0)
         (column 0)
         ;; Where the quotes in front of an element begin.
         (quotes nil)
         (i 0))
    (while (< i size)
      (when (eql i (car breaks))
        (pop breaks)
        ;; The space in front goes.
        (when (equal (car out) " ")
          (pop out))
        (setq line (1+ line)
              column (if stack (pp--indentation (car stack)) 0))
        (push (concat "\n" (pp--spaces column)) out))
      (let ((char (aref text i))
            (end (1+ i)))
        (cond
         ((memq char '(?\( ?\[))
          (pp--element stack (or quotes column) line)
          (push (vector column (pp--head end) 0 nil line nil nil) stack))
         ((memq char '(?\) ?\])) (pop stack))
         ((memq char '(?\s ?\n)))
         ((memq char '(?' ?` ?, ?@ ?# ?^))
          (setq quotes (or quotes column)))
         (t (pp--element stack (or quotes column) line)
            (setq end (pp--skip-atom i))))
        (unless (memq char '(?' ?` ?, ?@ ?# ?^))
          (setq quotes nil))
        (push (substring text i end) out)
        (setq column (+ column (string-width (substring text i end)))
              i end)))
    (apply #'concat (nreverse out))))

;;;###autoload
(defun pp-to-string (object)
  "Return the text of OBJECT on several lines, and a newline if it is a list."
  (let* ((print-escape-newlines t)
         (print-quoted t)
         (text (pp--layout (prin1-to-string object))))
    (if (memq (aref text (1- (length text))) '(?\) ?\]))
        (concat text "\n")
      text)))

;;;###autoload
(defun pp (object &optional stream)
  "Print the text of OBJECT on several lines to STREAM."
  (princ (pp-to-string object) (or stream standard-output))
  nil)

(provide 'pp)

;;; pp.el ends here
