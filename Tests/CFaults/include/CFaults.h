/* A library that is preloaded into a program (LD_PRELOAD). It stands before the calls with which the
   program changes files below one folder, counts them, lets one of them fail, and records them.

   DINO_FAULTS_ROOT    the folder, as an absolute path without symbolic links
   DINO_FAULTS_COUNT   a file that gets one letter for each call when the program exits:
                       o open to create or to empty, w write, t truncate, s sync, r rename, u unlink,
                       m mkdir, d rmdir, l link
   DINO_FAULTS_AT      the number of a call, from 1
   DINO_FAULTS_KIND    what happens to that call:
                       crash    it is carried out, and then the process is killed with SIGKILL
                       eio      it is not carried out, and fails with EIO
                       enospc   it is not carried out, and fails with ENOSPC
                       short    a write writes half of its bytes, and says so
   DINO_FAULTS_RECORD  a file to which a `struct faults_record` is appended for each call that
                       succeeded, and one for each write to standard output

   Syncs are never carried out. A killed process loses nothing that it wrote, so the disk's speed
   need not matter here. What a power cut loses is computed from the record. */
#ifndef C_FAULTS_H
#define C_FAULTS_H

#include <stdint.h>

enum faults_kind {
  FAULTS_CREATE = 1, /* first: the path; inode: the new file's */
  FAULTS_WRITE,      /* second: the bytes; at `offset` of inode */
  FAULTS_TRUNCATE,   /* inode gets the size `offset` */
  FAULTS_SYNC,       /* inode, of a file or a folder */
  FAULTS_RENAME,     /* first: the old path; second: the new one */
  FAULTS_UNLINK,     /* first: the path */
  FAULTS_MKDIR,      /* first: the path; inode: the new folder's */
  FAULTS_RMDIR,      /* first: the path */
  FAULTS_LINK,       /* first: the old path; second: the new one */
  FAULTS_OUTPUT      /* second: the bytes that went to standard output */
};

/* The head of a record. The two strings follow it, without an end mark. */
struct faults_record {
  uint64_t kind, inode, offset, first, second;
};

#endif
