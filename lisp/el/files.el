;;; files.el --- Making, finding and removing files  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(defun make-directory (dir &optional parents)
  "Make the directory DIR, and with PARENTS those that it lies in.
With PARENTS it may be there already."
  (if (not parents)
      (make-directory-internal dir)
    (let ((missing nil)
          (name (directory-file-name (expand-file-name dir))))
      (while (not (or (file-exists-p name)
                      (equal name (directory-file-name (file-name-directory name)))))
        (push name missing)
        (setq name (directory-file-name (file-name-directory name))))
      (if missing
          (mapc #'make-directory-internal missing)
        (unless (file-directory-p name)
          (make-directory-internal name)))
      nil)))

(defun files--contents (directory)
  "Return the names of what is in DIRECTORY, sorted."
  (delete "." (delete ".." (directory-files directory))))

(defun delete-directory (directory &optional recursive _trash)
  "Remove the directory DIRECTORY, and with RECURSIVE all in it."
  (let ((name (directory-file-name (expand-file-name directory))))
    (when (and recursive (not (file-symlink-p name)))
      (dolist (entry (condition-case nil (files--contents name) (file-missing nil)))
        (let ((file (concat (file-name-as-directory name) entry)))
          (if (and (file-directory-p file) (not (file-symlink-p file)))
              (delete-directory file t)
            (delete-file file)))))
    (condition-case gone
        (delete-directory-internal name)
      ;; What was not there need not be removed with all in it.
      (file-missing (unless recursive (signal (car gone) (cdr gone)))))))

(defun copy-directory (directory newname &optional keep-time parents copy-contents)
  "Copy DIRECTORY and all in it to NEWNAME.
If NEWNAME is the name of a directory, with a slash, the copy lies in
it; with COPY-CONTENTS it becomes the copy.  KEEP-TIME keeps the times
of the files, PARENTS makes the directories that the copy lies in."
  (when (file-in-directory-p newname directory)
    (error "Cannot copy `%s' into its subdirectory `%s'" directory newname))
  (let* ((from (directory-file-name (expand-file-name directory)))
         (to (cond ((and (directory-name-p newname) (not copy-contents))
                    (concat (expand-file-name newname) (file-name-nondirectory from)))
                   (t (directory-file-name (expand-file-name newname))))))
    (unless (and (directory-name-p newname) (file-directory-p to))
      (make-directory to parents))
    (dolist (name (files--contents from))
      (let* ((old (concat from "/" name))
             (new (concat to "/" name))
             (target (file-symlink-p old)))
        (cond (target (make-symbolic-link target new t))
              ((file-directory-p old) (copy-directory old (file-name-as-directory new) keep-time parents t))
              (t (copy-file old new t keep-time)))))
    (set-file-modes to (file-modes from))
    (when keep-time
      (set-file-times to (nth 5 (file-attributes from))))))

(defun make-temp-file (prefix &optional dir-flag suffix text)
  "Make a file whose name begins with PREFIX, and return the name.
It lies in `temporary-file-directory' unless PREFIX says otherwise, and
ends in SUFFIX.  With DIR-FLAG it is a directory; the string TEXT is
written to it."
  (let ((whole (if (zerop (length prefix))
                   (file-name-as-directory (expand-file-name temporary-file-directory))
                 (expand-file-name prefix temporary-file-directory))))
    (make-temp-file-internal whole (if dir-flag t) (or suffix "") text)))

(defun make-empty-file (filename &optional parents)
  "Make an empty file FILENAME, in a directory that is made if need be.
With PARENTS those that the directory lies in are made too."
  (when (and (file-exists-p filename) (null parents))
    (signal 'file-already-exists (list "File exists" filename)))
  (let ((directory (file-name-directory filename)))
    (when (and directory (not (file-exists-p directory)))
      (make-directory directory parents)))
  (write-region "" nil filename nil 0))

(defun directory-empty-p (dir)
  "Return t if DIR is a directory without files."
  (and (file-directory-p dir)
       (null (files--contents dir))))

(defun directory-files-recursively (dir regexp &optional include-directories predicate
                                        follow-symlinks)
  "Return the files in DIR and in directories there whose names match REGEXP.
With INCLUDE-DIRECTORIES directories count too.  PREDICATE is t if
directories that cannot be read are to be left alone, or a function that
accepts the name of a directory to be looked into.  Symbolic links to
directories are followed if FOLLOW-SYMLINKS is non-nil."
  (let* ((directories nil)
         (files nil)
         (start (file-name-as-directory dir)))
    (dolist (name (sort (file-name-all-completions "" dir) #'string<))
      (cond ((member name '("./" "../")))
            ((directory-name-p name)
             (let* ((leaf (substring name 0 -1))
                    (full (concat start leaf)))
               (when (and (or follow-symlinks (not (file-symlink-p full)))
                          (cond ((eq predicate t) (file-readable-p full))
                                (predicate (funcall predicate full))
                                (t t)))
                 (setq directories
                       (nconc directories
                              (directory-files-recursively full regexp include-directories
                                                           predicate follow-symlinks))))
               (when (and include-directories (string-match regexp leaf))
                 (setq directories (nconc directories (list full))))))
            ((string-match regexp name)
             (push (concat start name) files))))
    (nconc directories (nreverse files))))

(defun file-relative-name (filename &optional directory)
  "Return FILENAME as a name relative to DIRECTORY, by default the current one."
  (let* ((file (expand-file-name filename))
         (up ".")
         (from (file-name-as-directory (expand-file-name (or directory default-directory))))
         (as-directory (file-name-as-directory file)))
    (while (not (or (string-prefix-p from as-directory) (equal from "/")))
      (setq from (file-name-directory (directory-file-name from))
            up (if (equal up ".") ".." (concat "../" up))))
    (cond ((equal from as-directory)
           ;; The directory itself, or one above it.
           (if (directory-name-p file) (file-name-as-directory up) up))
          ((equal up ".") (substring file (length from)))
          (t (concat (file-name-as-directory up) (substring file (length from)))))))

(defconst files--most-links 100
  "So many symbolic links lead to a file.")

(defun file-truename (filename &optional _counter _previous)
  "Return the name of FILENAME without symbolic links."
  (let* ((name (expand-file-name filename))
         (parts (split-string name "/" t))
         (done "")
         (links 0))
    (while parts
      (let* ((part (pop parts))
             (next (concat done "/" part))
             (target (and (not (member part '("." ".."))) (file-symlink-p next))))
        (cond ((equal part "."))
              ((equal part "..")
               (setq done (directory-file-name (or (file-name-directory done) ""))))
              (target
               (when (> (setq links (1+ links)) files--most-links)
                 (error "Apparent cycle of symbolic links for %s" name))
               (when (file-name-absolute-p target)
                 (setq done ""))
               (setq parts (append (split-string target "/" t) parts)))
              (t (setq done next)))
        (when (equal done "/")
          (setq done ""))))
    (cond ((equal done "") "/")
          ((directory-name-p name) (concat done "/"))
          (t done))))

(defun file-equal-p (file1 file2)
  "Return t if FILE1 and FILE2 are names of one file, which exists."
  (let ((first (file-attributes (file-truename file1)))
        (second (file-attributes (file-truename file2))))
    (and first second
         (equal (list (nth 10 first) (nth 11 first))
                (list (nth 10 second) (nth 11 second))))))

(defun file-in-directory-p (file dir)
  "Return non-nil if FILE lies in DIR, which exists, or is DIR."
  (let ((whole (file-name-as-directory (file-truename dir)))
        (name (file-name-as-directory (file-truename file))))
    (and (file-directory-p whole)
         (string-prefix-p whole name))))

(defun locate-dominating-file (file name)
  "Return the nearest directory that FILE lies in and that contains NAME.
NAME may be a function that accepts a directory.  If FILE is a directory
it is the first to be looked at."
  (let ((directory (expand-file-name file))
        (found nil))
    (setq directory (if (file-directory-p directory)
                        (file-name-as-directory directory)
                      (file-name-directory directory)))
    (while (and directory (not found))
      (if (if (stringp name)
              (file-exists-p (expand-file-name name directory))
            (funcall name directory))
          (setq found directory)
        (let ((above (file-name-directory (directory-file-name directory))))
          (setq directory (if (equal above directory) nil above)))))
    found))

(defun locate-library (library &optional nosuffix path _interactive)
  "Return the name of the file of LIBRARY along PATH or `load-path', or nil.
With NOSUFFIX no suffix is tried."
  (locate-file library
               (or path load-path)
               (append (unless nosuffix (get-load-suffixes))
                       load-file-rep-suffixes)))

(defun locate-file (filename path &optional suffixes predicate)
  "Return the name of the first file FILENAME in the directories of PATH.
One of SUFFIXES follows it.  PREDICATE is a function that accepts it, or
a number of wanted permissions, or one of the symbols `exists',
`readable', `writable' and `executable'."
  (let ((code (assq predicate '((exists . 0) (executable . 1) (writable . 2) (readable . 4)))))
    (locate-file-internal filename path suffixes (if code (cdr code) predicate))))

(defun executable-find (command &optional _remote)
  "Return the name of the file that the program COMMAND is, nil if there is none."
  (let ((file (locate-file command exec-path exec-suffixes 1)))
    (and (stringp file) file)))

(defun abbreviate-file-name (filename)
  "Return FILENAME with a tilde for the home directory at its beginning."
  (let ((home (directory-file-name (expand-file-name "~"))))
    (cond ((equal filename home) "~")
          ((and (not (equal home "/")) (string-prefix-p (concat home "/") filename))
           (concat "~" (substring filename (length home))))
          (t filename))))

(defun convert-standard-filename (filename)
  "Return FILENAME, as all names that Emacs may make are allowed here."
  filename)

(defun file-remote-p (_file &optional _identification _connected)
  "Return nil: all files are on this machine."
  nil)

(defun file-local-name (file)
  "Return FILE, the name of a file on this machine."
  file)

(defun coding-system-get (coding-system prop)
  "Return property PROP of CODING-SYSTEM.
The colon of its name may be missing."
  (let* ((plist (coding-system-plist coding-system))
         (value (plist-get plist prop)))
    (if (or value (keywordp prop))
        value
      (plist-get plist (intern (concat ":" (symbol-name prop)))))))

(defun coding-system-type (coding-system)
  "Return how CODING-SYSTEM encodes, a symbol."
  (coding-system-get coding-system :coding-type))

(defun coding-system-change-eol-conversion (coding-system eol-type)
  "Return CODING-SYSTEM with ends of lines of EOL-TYPE.
That is `unix', `dos' or `mac', or its number; nil leaves it open."
  (let* ((number (cdr (assq eol-type '((unix . 0) (dos . 1) (mac . 2)))))
         (type (or number eol-type))
         (own (coding-system-eol-type coding-system)))
    (cond ((vectorp own) (if type (aref own type) coding-system))
          ((null type) (coding-system-base coding-system))
          ((equal own type) coding-system)
          (t (let ((variants (coding-system-eol-type (coding-system-base coding-system))))
               (and (vectorp variants) (aref variants type)))))))

;;; files.el ends here
