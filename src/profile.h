/* profile.h - functions that keep a frame of their own, so that a profile names the pass they belong to. They last
 * microseconds, so a call costs nothing. */
#ifndef DLCA_PROFILE_H
#define DLCA_PROFILE_H

#define DLCA_OWN_FRAME __attribute__((noinline))

#endif
