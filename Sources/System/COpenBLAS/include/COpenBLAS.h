#ifndef DINO_COpenBLAS_H
#define DINO_COpenBLAS_H
#include <cblas.h>

/* Makes OpenBLAS compute on the calling thread. Dino's own workers divide the rows among
   themselves. */
static inline void dino_blas_single_threaded(void) { openblas_set_num_threads(1); }

/* LAPACK's symmetric eigenvalue solver, which OpenBLAS includes but cblas.h does not declare. */
extern void ssyev_(const char *jobz, const char *uplo, const int *n, float *a, const int *lda,
                   float *w, float *work, const int *lwork, int *info, unsigned long, unsigned long);

extern void dsyev_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda,
                   double *w, double *work, const int *lwork, int *info, unsigned long, unsigned long);

/* Like `dino_eigenvalues`, in double precision. Only the upper triangle of `a`, as LAPACK sees it, is read. */
static inline int dino_double_eigenvalues(int n, double *a, double *eigenvalues, double *work, int lwork) {
  int info = 0;
  dsyev_("N", "U", &n, a, &n, eigenvalues, work, &lwork, &info, 1, 1);
  return info;
}

/* Computes the eigenvalues of a symmetric matrix [n, n] in ascending order. `a` is destroyed.
   `work` has `lwork` elements, at least 3n. Returns 0 on success. */
static inline int dino_eigenvalues(int n, float *a, float *eigenvalues, float *work, int lwork) {
  int info = 0;
  ssyev_("N", "U", &n, a, &n, eigenvalues, work, &lwork, &info, 1, 1);
  return info;
}

/* Like `dino_eigenvalues`, but row i of `a` becomes the eigenvector of the i-th eigenvalue. */
static inline int dino_eigenvectors(int n, float *a, float *eigenvalues, float *work, int lwork) {
  int info = 0;
  ssyev_("V", "U", &n, a, &n, eigenvalues, work, &lwork, &info, 1, 1);
  return info;
}
#endif
