;;; bytecomp.el --- Compiling files from the command line  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; The compiler itself is native: see `byte-compile' and `byte-compile-file'.

;;; Code:

(defun batch-byte-compile-file (file)
  "Compile FILE, and return nil if that failed."
  (condition-case err
      (byte-compile-file file)
    (file-error
     (message (if (cdr err)
                  ">>Error occurred processing %s: %s (%s)"
                ">>Error occurred processing %s: %s")
              file (get (car err) 'error-message)
              (prin1-to-string (cdr err)))
     (let ((destination (byte-compile-dest-file file)))
       (if (file-exists-p destination)
           (delete-file destination)))
     nil)
    (error
     (message (if (cdr err)
                  ">>Error occurred processing %s: %s (%s)"
                ">>Error occurred processing %s: %s")
              file (get (car err) 'error-message)
              (prin1-to-string (cdr err)))
     nil)))

(defun bytecomp--sources (directory)
  "Return the names of the source files in DIRECTORY."
  (let ((names nil))
    (dolist (name (directory-files directory))
      (when (and (string-match-p "\\`[^.].*\\.el\\'" name)
                 (not (file-directory-p (expand-file-name name directory))))
        (push (expand-file-name name directory) names)))
    (nreverse names)))

(defun bytecomp--is-current-p (source)
  "Return non-nil if SOURCE has a compiled file that is no older."
  (let ((destination (byte-compile-dest-file (expand-file-name source))))
    (and (file-exists-p destination)
         (not (file-newer-than-file-p source destination)))))

(defun batch-byte-compile (&optional noforce)
  "Compile the files that the command line names, and exit.
Of a directory the files are compiled whose compiled ones are out of date.
With NOFORCE, so it is with all.  The exit code is 1 if any failed."
  (let ((failed nil))
    (while command-line-args-left
      (let ((file (pop command-line-args-left)))
        (cond
         ((file-directory-p (expand-file-name file))
          (dolist (source (bytecomp--sources (expand-file-name file)))
            (when (and (file-exists-p (byte-compile-dest-file source))
                       (not (bytecomp--is-current-p source))
                       (null (batch-byte-compile-file source)))
              (setq failed t))))
         ((and noforce (bytecomp--is-current-p file)))
         ((null (batch-byte-compile-file file))
          (setq failed t)))))
    (kill-emacs (if failed 1 0))))

(defun batch-byte-compile-if-not-done ()
  "As `batch-byte-compile', but leave alone what is compiled already."
  (batch-byte-compile t))

(defun byte-recompile-file (filename &optional force arg load)
  "Compile FILENAME if its compiled file is older, or if FORCE.
Without a compiled file it is compiled if ARG is 0.  LOAD is as for
`byte-compile-file'."
  (let ((destination (byte-compile-dest-file (expand-file-name filename))))
    (if (if (file-exists-p destination)
            (or force (file-newer-than-file-p filename destination))
          (and arg (eq 0 arg)))
        (byte-compile-file filename load)
      (when load
        (load (if (file-exists-p destination) destination filename)))
      'no-byte-compile)))

(defun byte-recompile-directory (directory &optional arg force)
  "Compile what changed in DIRECTORY and in those below it.
With ARG 0, files that have no compiled one are compiled, too; FORCE compiles
all that have one."
  (let ((directories (list (expand-file-name directory)))
        (compiled 0)
        (skipped 0)
        (failed 0)
        (seen 0))
    (while directories
      (let ((here (pop directories)))
        (setq seen (1+ seen))
        (message "Checking %s..." here)
        (dolist (name (directory-files here))
          (let ((file (expand-file-name name here)))
            (cond
             ((string-match-p "\\`\\." name))
             ((and (file-directory-p file) (not (file-symlink-p file)))
              (setq directories (nconc directories (list file))))
             ((and (string-match-p "\\.el\\'" name)
                   (let ((destination (byte-compile-dest-file file)))
                     (if (file-exists-p destination)
                         (or force (file-newer-than-file-p file destination))
                       (eq 0 arg))))
              (message "Compiling %s..." file)
              (let ((result (byte-compile-file file)))
                (cond ((eq result 'no-byte-compile) (setq skipped (1+ skipped)))
                      (result (setq compiled (1+ compiled)))
                      (t (setq failed (1+ failed)))))))))))
    (message "Done (Total of %d file%s compiled%s%s%s)"
             compiled (if (= compiled 1) "" "s")
             (if (> failed 0) (format ", %d failed" failed) "")
             (if (> skipped 0) (format ", %d skipped" skipped) "")
             (if (> seen 1) (format " in %d directories" seen) ""))))

(provide 'bytecomp)

;;; bytecomp.el ends here
