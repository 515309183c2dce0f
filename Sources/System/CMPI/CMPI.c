#include "CMPI.h"

#include <dlfcn.h>
#include <stdio.h>
#include <sys/prctl.h>

static char problem[512];
static void *world, *byte;

static int (*init_thread)(int *, char ***, int, int *);
static int (*comm_rank)(void *, int *);
static int (*comm_size)(void *, int *);
static int (*isend)(const void *, int, void *, int, int, void *, dino_mpi_request *);
static int (*irecv)(void *, int, void *, int, int, void *, dino_mpi_request *);
static int (*testsome)(int, dino_mpi_request *, int *, int *, void *);
static int (*cancel)(dino_mpi_request *);
static int (*request_free)(dino_mpi_request *);
static int (*finalize)(void);
static int (*abort_job)(void *, int);

enum { thread_funneled = 1, undefined = -32766 };

static const char *fail(const char *what, const char *why) {
  snprintf(problem, sizeof problem, "%s%s%s", what, why ? ": " : "", why ? why : "");
  return problem;
}

const char *dino_mpi_load(void) {
  const char *names[] = {"libmpi.so.40", "libmpi.so"};
  void *library = NULL;
  // Open MPI's own plugins look for its symbols, so that they must be global.
  for (int i = 0; i < 2 && !library; i++) library = dlopen(names[i], RTLD_NOW | RTLD_GLOBAL);
  if (!library) return fail("Open MPI cannot be loaded", dlerror());
  world = dlsym(library, "ompi_mpi_comm_world");
  byte = dlsym(library, "ompi_mpi_byte");
  if (!world || !byte) return fail("libmpi.so is another library than Open MPI", NULL);
  struct { const char *name; void *function; } wanted[] = {
      {"MPI_Init_thread", &init_thread}, {"MPI_Comm_rank", &comm_rank},
      {"MPI_Comm_size", &comm_size},     {"MPI_Isend", &isend},
      {"MPI_Irecv", &irecv},             {"MPI_Testsome", &testsome},
      {"MPI_Cancel", &cancel},           {"MPI_Request_free", &request_free},
      {"MPI_Finalize", &finalize},       {"MPI_Abort", &abort_job},
  };
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    void *found = dlsym(library, wanted[i].name);
    if (!found) return fail("Open MPI lacks a function", wanted[i].name);
    *(void **)wanted[i].function = found;
  }
  return NULL;
}

bool dino_mpi_init(int *process, int *processes) {
  int provided = 0;
  // Sleeping for 50 microseconds would take a hundred otherwise.
  prctl(PR_SET_TIMERSLACK, 1000);
  return !init_thread(NULL, NULL, thread_funneled, &provided) && provided >= thread_funneled &&
         !comm_rank(world, process) && !comm_size(world, processes);
}

bool dino_mpi_send(const void *data, int count, int process, int tag, dino_mpi_request *request) {
  return !isend(data, count, byte, process, tag, world, request);
}

bool dino_mpi_receive(void *data, int count, int process, int tag, dino_mpi_request *request) {
  return !irecv(data, count, byte, process, tag, world, request);
}

int dino_mpi_test(dino_mpi_request *requests, int count, int *done) {
  int number = 0;
  if (testsome(count, requests, &number, done, NULL)) return -1;
  if (number == undefined) return 0;
  // Requests that are done became MPI_REQUEST_NULL, which is an address of the library.
  for (int i = 0; i < number; i++) requests[done[i]] = NULL;
  return number;
}

void dino_mpi_cancel(dino_mpi_request *request) {
  if (*request && !cancel(request)) request_free(request);
}

void dino_mpi_finalize(void) { finalize(); }

void dino_mpi_abort(int code) { abort_job(world, code); }
