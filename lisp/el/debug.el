;;; debug.el --- The debugger of a batch  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; With nobody there to be asked, the debugger shows where it was called, and
;; ends the program.

;;; Code:

(defun backtrace--text (object)
  "Return the text of OBJECT, as much of it as backtraces show."
  (require 'cl-print)
  (let ((print-length 50)
        (print-level 8)
        (print-escape-newlines t)
        (print-escape-control-characters t))
    (cl-prin1-to-string object)))

(defun backtrace--line (frame)
  "Return the text of FRAME, (EVALUATED FUNCTION ARGUMENTS FLAGS)."
  (let ((function (nth 1 frame))
        (arguments (nth 2 frame)))
    (concat (if (plist-get (nth 3 frame) :debug-on-exit) "* " "  ")
            (if (car frame)
                (concat (backtrace--text function)
                        (if arguments (backtrace--text arguments) "()"))
              (backtrace--text (cons function arguments))))))

(defun backtrace-to-string (&optional frames)
  "Return the text of FRAMES, by default those of the calls in progress."
  (mapconcat (lambda (frame) (concat (backtrace--line frame) "\n"))
             (or frames (cdr (backtrace-frames 'backtrace-to-string)))
             ""))

(defun backtrace ()
  "Print the calls in progress."
  (princ (backtrace-to-string (backtrace-frames 'backtrace)))
  nil)

(defvar debugger-batch-max-lines 40
  "How many lines of a backtrace the debugger shows.")

(defun debug--heading (args)
  "Return what the debugger says first, when it was called with ARGS."
  (concat
   "Debugger entered"
   (pcase (car args)
     ((or 'lambda 'debug) "--entering a function:")
     ('exit (concat "--returning value: " (backtrace--text (nth 1 args))))
     ('error (concat "--Lisp error: " (backtrace--text (nth 1 args))))
     ('t "--beginning evaluation of function call form:")
     (_ (concat ": " (backtrace--text (if (null (car args)) (cdr args) args)))))))

(defun debug (&rest args)
  "Show the calls in progress, and end the program.
ARGS tell why: the first is `error', `lambda', `exit', t, or anything else."
  (let* ((inhibit-debugger t)
         (debug-on-error nil)
         (frames (cdr (backtrace-frames 'debug)))
         (lines (cons (debug--heading args)
                      (mapcar #'backtrace--line frames)))
         (half (/ (max 2 debugger-batch-max-lines) 2))
         (count (length lines)))
    (when (> count debugger-batch-max-lines)
      (setq lines (append (seq-take lines half) (list "...")
                          (nthcdr (- count half) lines))))
    (princ (mapconcat (lambda (line) (concat line "\n")) lines "")
           #'external-debugging-output)
    (princ "\n" #'external-debugging-output)
    (kill-emacs -1)))

(provide 'debug)

;;; debug.el ends here
