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

extern void dsygv_(const int *itype, const char *jobz, const char *uplo, const int *n, double *a, const int *lda,
                   double *b, const int *ldb, double *w, double *work, const int *lwork, int *info,
                   unsigned long, unsigned long);

/* Computes the values l with det(a - l b) = 0 of symmetric matrices [n, n] in ascending order; `b` is positive
   definite. Only the upper triangles, as LAPACK sees them, are read; both are destroyed. */
static inline int dino_generalised_eigenvalues(int n, double *a, double *b, double *values, double *work, int lwork) {
  int type = 1, info = 0;
  dsygv_(&type, "N", "U", &n, a, &n, b, &n, values, work, &lwork, &info, 1, 1);
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

extern void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info, unsigned long);

/* Replaces the upper triangle of a symmetric positive definite matrix [n, n], as LAPACK sees it, by its Cholesky
   factor. Returns 0 on success. */
static inline int dino_cholesky(int n, double *a) {
  int info = 0;
  dpotrf_("U", &n, a, &n, &info, 1);
  return info;
}
#endif
