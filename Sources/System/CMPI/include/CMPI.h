// Open MPI, loaded when it is asked for: a machine without it builds and runs everything else.
//
// The functions of MPI that Dino calls, with declarations of our own, since MPI's constants are macros
// around symbols that Swift cannot import. The symbols are those of Open MPI; other libraries lack them
// and are refused by name.

#ifndef DINO_CMPI_H
#define DINO_CMPI_H

#include <stdbool.h>
#include <stddef.h>

/// Loads the library. Returns NULL, or why it cannot be used. Call it once.
const char *dino_mpi_load(void);

/// Initialises MPI for calls from this thread alone. Returns whether that worked.
bool dino_mpi_init(int *process, int *processes);

/// A message that is under way.
typedef void *dino_mpi_request;

/// Starts to send or to receive `count` bytes. Messages between two processes with one tag arrive in order.
bool dino_mpi_send(const void *data, int count, int process, int tag, dino_mpi_request *request);
bool dino_mpi_receive(void *data, int count, int process, int tag, dino_mpi_request *request);

/// Finds messages that are done. Their numbers are written to `done`, and their number is returned; their
/// requests become NULL. Returns -1 on an error.
int dino_mpi_test(dino_mpi_request *requests, int count, int *done);

/// Withdraws a receive that nothing has come for.
void dino_mpi_cancel(dino_mpi_request *request);

void dino_mpi_finalize(void);

/// Ends all processes of the job.
void dino_mpi_abort(int code);

#endif
