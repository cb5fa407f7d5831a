;; Compile the rows of forms.el and print what each gives.  -*- lexical-binding: t -*-
(require 'bytecomp)
(defvar some-variable 1)
(defun some-function (x) x)
(defun compile-rows (directory)
  "Print (FUNCTION ARGUMENTS RESULT) for each row of forms.el in DIRECTORY, under both kinds of binding."
  (let ((print-circle t) (print-gensym t) (print-escape-newlines t) (print-escape-nonascii t)
        (byte-compile-warnings nil) (coding-system-for-write 'raw-text) (inhibit-message t))
    (with-temp-buffer
      (insert-file-contents (expand-file-name "forms.el" directory))
      (while (progn (forward-comment (point-max)) (not (eobp)))
        (let ((row (read (current-buffer))))
          (dolist (lexical '(t nil))
            (let* ((lexical-binding lexical)
                   (function (byte-compile (car row)))
                   (arguments (prin1-to-string (cdr row)))
                   (printed (prin1-to-string function))
                   (result (prin1-to-string
                            (condition-case error (apply function (read arguments)) (error (cons 'ERR error))))))
              (princ (format "(%s %s %S)\n" printed arguments result)))))))))
