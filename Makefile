# Makefile - builds, runs, tests and installs dlca.
#
#   make            the programs ./dlca and ./train_*        make run     sets up what is missing, then trains
#   make test       sets up what is missing, then tests      make asan    the tests under address+undefined sanitizers
#   make tsan       the tests under the thread sanitizer     make fuzz    the readers of files, on random ones
#   make faults     every call that can fail, fails once     make valgrind the tests under valgrind
#   make crash-test kills runs and resumes them              make soak    the same for long, and watches memory
#   make lint       clang-format, clang-tidy, includes       make format  rewrites the sources in the style
#   make bench      measures                                 make cuda-check checks and measures on a GPU
#   make clean      removes what was built
#   make deps       installs the system packages             make install PREFIX=/usr/local DESTDIR=
#
# BUILD is the folder of one variant (objects never mix): programs of the plain build lie at the root, those of any
# other variant in $(BUILD)/bin. Nothing here runs a compiler while the file is read, so that `make deps` works on a
# machine that has none.

BUILD ?= build
ifeq ($(origin CC),default)
CC = gcc
endif
ifeq ($(origin AR),default)
AR = ar
endif
ARCH ?= $(shell uname -m)
PREFIX ?= /usr/local
# V=1 prints the whole commands.
ifneq ($(V),1)
BRIEF = @echo "  $(1)  $@";
endif
RUN_OPTIONS ?=

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion
OPTIMIZE ?= -O3 -fno-omit-frame-pointer -g1
SANITIZE ?=
# Against what a hostile file might still break: checked copies into buffers of known size, guarded stacks, a program that
# is loaded anywhere and whose tables cannot be written. Costs nothing that can be measured (results/bench/hardening.md).
# The sanitizers check more, and their own way.
HARDEN ?= $(if $(SANITIZE),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fPIE)
HARDEN_LINK ?= $(if $(SANITIZE),,-pie -Wl$(comma)-z$(comma)relro$(comma)-z$(comma)now)
comma = ,
TEST_RUNNER ?=
# -ffp-contract=off: every build must give the same bytes, so fma happens only where the source asks for it. For the
# same reason there is no -march=native; kernels choose their instruction set at run time.
override ALL_CFLAGS = -std=c17 -D_GNU_SOURCE $(WARNINGS) $(OPTIMIZE) $(HARDEN) -ffp-contract=off -fopenmp \
    $(CADICAL_FLAGS) $(SANITIZE) $(CFLAGS)
override ALL_LDFLAGS = -fopenmp $(SANITIZE) $(HARDEN_LINK) -Wl,--as-needed $(LDFLAGS)
LIBRARIES = -lgif -lcjson -lxxhash -lz -lm

# The SAT solver of proofs (gates/sat.h), where its package is: without it proofs that need it say "not decided".
CADICAL ?= $(if $(and $(wildcard /usr/include/ccadical.h /usr/local/include/ccadical.h),$(CADICAL_CXX)),yes,no)
CADICAL_CXX = $(wildcard /usr/lib/gcc/*/*/libstdc++.so)
ifeq ($(CADICAL),yes)
CADICAL_FLAGS = -DDLCA_CADICAL
LIBRARIES += -lcadical -lstdc++
endif

# The CUDA backend, where nvcc is: CUDA=0 leaves it out. CUDA_ARCH: compute capabilities that code is made for ahead of
# time, such as "80 90"; the last is there as PTX too, which the driver compiles for newer devices. By default that of this
# machine's device ("native"), or PTX alone ("ptx"), which the driver of any device compiles once and keeps.
NVCC ?= $(firstword $(wildcard /usr/local/cuda/bin/nvcc) $(shell command -v nvcc))
CUDA ?= $(if $(NVCC),1,0)
CUDA_ARCH ?= $(if $(wildcard /dev/nvidia0),native,ptx)
CUDA_SOURCES = $(wildcard gpu/*.cu)
ifneq ($(filter-out 0 no,$(CUDA)),)
CUDA_USED = yes
# code for a capability, and PTX from one
cuda_code = -gencode arch=compute_$(1)$(comma)code=sm_$(1)
cuda_ptx = -gencode arch=compute_$(1)$(comma)code=compute_$(1)
CUDA_LISTED = $(filter-out native ptx,$(CUDA_ARCH))
CUDA_TARGETS = $(if $(filter native,$(CUDA_ARCH)),-arch=native) $(if $(filter ptx,$(CUDA_ARCH)),$(call cuda_ptx,75)) \
    $(foreach arch,$(CUDA_LISTED),$(call cuda_code,$(arch))) \
    $(if $(CUDA_LISTED),$(call cuda_ptx,$(lastword $(CUDA_LISTED))))
# --fmad=false: as -ffp-contract=off for the processor.
CUDA_FLAGS = -O3 -std=c++17 --fmad=false -Werror all-warnings -Xcompiler=-fPIE $(CUDA_TARGETS) $(NVCCFLAGS)
LIBRARIES += -L$(patsubst %/bin/nvcc,%/lib64,$(realpath $(NVCC))) -lcudart_static -ldl -lrt -lpthread
endif

ifneq ($(filter x86_64 amd64,$(ARCH)),)
AVX2_FLAGS = -mavx2 -mfma
AVX512_FLAGS = -mavx512f -mavx512dq -mavx512bw -mavx512vl -mprefer-vector-width=512 -mfma
endif

PROGRAMS_AT = $(if $(filter build,$(BUILD)),.,$(BUILD)/bin)
TRAINER_SOURCES = $(wildcard train/train_*.c)
TOOL_SOURCES = $(wildcard tools/*.c)
GPU_SOURCES = $(filter-out $(if $(CUDA_USED),gpu/device_none.c),$(wildcard gpu/*.c))
LIBRARY_SOURCES = $(wildcard gates/*.c src/*.c) $(GPU_SOURCES) $(filter-out $(TRAINER_SOURCES),$(wildcard train/*.c))
CUDA_OBJECTS = $(if $(CUDA_USED),$(patsubst %.cu,$(BUILD)/objects/%.cu.o,$(CUDA_SOURCES)))
TEST_SOURCES = $(filter-out tests/conformance.c,$(wildcard tests/*.c)) $(TEST_RUNNER)
ALL_SOURCES = $(LIBRARY_SOURCES) gpu/device_none.c $(TRAINER_SOURCES) $(TOOL_SOURCES) $(wildcard tests/*.c tests/*/*.c)
ALL_HEADERS = $(wildcard gates/*.h src/*.h gpu/*.h gpu/*.cuh train/*.h tools/*.h tests/*.h)

objects = $(patsubst %.c,$(BUILD)/objects/%.o,$(1))
LIBRARY = $(BUILD)/libdlca.a
TRAINERS = $(patsubst train/%.c,$(PROGRAMS_AT)/%,$(TRAINER_SOURCES))
DLCA = $(if $(TOOL_SOURCES),$(PROGRAMS_AT)/dlca)
PROGRAMS = $(TRAINERS) $(DLCA)
CONFORMANCE = $(if $(wildcard tests/conformance.c),$(BUILD)/conformance)
TESTS = $(if $(TEST_SOURCES),$(BUILD)/tests)

.PHONY: all everything run test check asan tsan valgrind fuzz faults crash-test soak lint format bench cuda cuda-check flamegraph install clean deps conformance FORCE
.DELETE_ON_ERROR:
.SUFFIXES:

all: $(PROGRAMS)

# ---- compile and link ----

# Holds the compiler and its flags; objects depend on it, so a change of either rebuilds them.
$(BUILD)/flags: FORCE
	@mkdir -p $(BUILD)
	@{ $(CC) --version 2>/dev/null | head -n 1; echo '$(CC) $(ALL_CFLAGS) $(AVX2_FLAGS) $(AVX512_FLAGS) $(ALL_LDFLAGS)'; } \
	    >$@.new; if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

$(BUILD)/objects/%_avx2.o: FILE_FLAGS = $(AVX2_FLAGS)
$(BUILD)/objects/%_avx512.o: FILE_FLAGS = $(AVX512_FLAGS)

# The JPEG writer of the system's stb, which only tests call, shifts a signed number out of its range.
$(BUILD)/objects/tests/stb_write.o $(BUILD)/objects/tests/test_picture.o: FILE_FLAGS = -fno-sanitize=shift

$(BUILD)/objects/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call BRIEF,compile)$(CC) $(ALL_CFLAGS) $(FILE_FLAGS) -MMD -MP -c $< -o $@

# q, not r: two files of one name in two folders are both members.
# Kernels depend on their own flags, so that a change of the processor's leaves them.
$(BUILD)/cuda-flags: FORCE
	@mkdir -p $(BUILD)
	@echo '$(NVCC) $(CUDA_FLAGS)' >$@.new; if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

$(BUILD)/objects/%.cu.o: %.cu $(BUILD)/cuda-flags
	@mkdir -p $(@D)
	$(call BRIEF,nvcc)$(NVCC) $(CUDA_FLAGS) -MMD -MP -c $< -o $@

$(LIBRARY): $(call objects,$(LIBRARY_SOURCES)) $(CUDA_OBJECTS) $(BUILD)/sources
	@rm -f $@
	@[ '$(CADICAL)' = yes ] || echo "  without CaDiCaL (make deps installs it): proofs that need a SAT solver are not decided"
	@[ '$(CUDA_USED)' = yes ] || echo "  without CUDA ($(if $(NVCC),CUDA=$(CUDA),no nvcc was found)): --backend cuda will say so"
	$(call BRIEF,archive)$(AR) qcs $@ $(call objects,$(LIBRARY_SOURCES)) $(CUDA_OBJECTS)

# The list of library sources: a file that went away must leave the archive too.
$(BUILD)/sources: FORCE
	@mkdir -p $(BUILD)
	@echo '$(LIBRARY_SOURCES) $(CUDA_OBJECTS) | $(TOOL_SOURCES) | $(TEST_SOURCES)' >$@.new; \
	    if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

$(TRAINERS): $(PROGRAMS_AT)/%: $(BUILD)/objects/train/%.o $(LIBRARY)
	@mkdir -p $(@D)
	$(call BRIEF,link)$(CC) $(ALL_LDFLAGS) $< $(LIBRARY) $(LIBRARIES) -o $@

$(PROGRAMS_AT)/dlca: $(call objects,$(TOOL_SOURCES)) $(LIBRARY)
	@mkdir -p $(@D)
	$(call BRIEF,link)$(CC) $(ALL_LDFLAGS) $(call objects,$(TOOL_SOURCES)) $(LIBRARY) $(LIBRARIES) -o $@

# The tests of the option parser know the tables of these commands.
TESTED_TOOLS = tools/circuit_options.c tools/simulate_options.c tools/simulate_values.c

$(BUILD)/tests: $(call objects,$(TEST_SOURCES) $(TESTED_TOOLS)) $(LIBRARY) $(BUILD)/sources
	$(call BRIEF,link)$(CC) $(ALL_LDFLAGS) $(call objects,$(TEST_SOURCES) $(TESTED_TOOLS)) $(LIBRARY) $(LIBRARIES) -lcriterion -o $@

$(BUILD)/conformance: $(BUILD)/objects/tests/conformance.o $(LIBRARY)
	$(call BRIEF,link)$(CC) $(ALL_LDFLAGS) $< $(LIBRARY) $(LIBRARIES) -o $@

conformance: $(CONFORMANCE)

# The programs with faults built in (tests/faults/*.c): the same objects, with these calls led through them, and
# linked with the leak sanitizer where the build has none. giflib, zlib and the OpenMP run time statically, so that their
# calls count too.
FAULTED = malloc calloc realloc aligned_alloc posix_memalign strdup realpath mkdir rename symlink fsync ftruncate flock \
    memfd_create fchmod fstat read __read_chk __realpath_chk write mmap opendir mkdtemp fopen fdopen tmpfile open_memstream fread fwrite fflush \
    fclose close open pthread_create posix_spawnp EGifOpen EGifPutScreenDesc EGifPutImageDesc EGifPutLine \
    EGifPutExtension EGifCloseFile GifMakeMapObject compress2 clock_gettime time gettimeofday
FAULTY = $(if $(findstring thread,$(SANITIZE)),,$(addprefix $(BUILD)/faults/,train_checkerboard train_image dlca))
FAULT_LDFLAGS = $(ALL_LDFLAGS) $(if $(SANITIZE),,-fsanitize=leak) $(addprefix -Wl$(comma)--wrap=,$(FAULTED))
FAULT_LIBRARIES = $(foreach option,$(LIBRARIES),$(call static_if_there,$(option),$(patsubst -l%,lib%.a,$(option)))) \
    $(if $(and $(findstring gcc,$(CC)),$(wildcard /usr/lib/gcc/*/*/libgomp.a)),-l:libgomp.a)
static_if_there = $(if $(and $(filter -lgif -lz,$(1)),$(wildcard /usr/lib/*/$(2))),-l:$(2),$(1))
# Without CUDA: its run time starts before main and does not survive a fault of its own.
FAULT_OBJECT = $(call objects,tests/faults/faults.c tests/faults/clock.c) $(BUILD)/objects/gpu/device_none.o

$(BUILD)/faults/train_%: $(BUILD)/objects/train/train_%.o $(LIBRARY) $(FAULT_OBJECT)
	@mkdir -p $(@D)
	$(call BRIEF,link)$(CC) $(FAULT_LDFLAGS) $< $(FAULT_OBJECT) $(LIBRARY) $(FAULT_LIBRARIES) -o $@

$(BUILD)/faults/dlca: $(call objects,$(TOOL_SOURCES)) $(LIBRARY) $(FAULT_OBJECT)
	@mkdir -p $(@D)
	$(call BRIEF,link)$(CC) $(FAULT_LDFLAGS) $(call objects,$(TOOL_SOURCES)) $(FAULT_OBJECT) $(LIBRARY) \
	    $(FAULT_LIBRARIES) -o $@

# All that can be compiled here.
everything: $(PROGRAMS) $(TESTS) $(CONFORMANCE) $(FAULTY)

-include $(patsubst %.c,$(BUILD)/objects/%.d,$(ALL_SOURCES)) $(CUDA_OBJECTS:.o=.d)

# ---- run and test ----

# deps.sh may install the compiler, so the build is a make of its own, after it.
run:
	@tools/deps.sh --if-missing build
	@$(MAKE) --no-print-directory all
	./train_checkerboard $(RUN_OPTIONS)

test:
	@tools/deps.sh --if-missing test
	@$(MAKE) --no-print-directory check

# The tests of one variant, without looking for packages first.
check: everything
	@tests/run.sh $(BUILD) $(PROGRAMS_AT)

# -g1: lines, no variables; gcc takes minutes to follow those of the unrolled kernels through the checks.
SANITIZE_OPTIMIZE = -O1 -fno-omit-frame-pointer -g1

asan:
	@$(MAKE) --no-print-directory check BUILD=build/asan OPTIMIZE='$(SANITIZE_OPTIMIZE)' \
	    SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=all'

# clang, because its OpenMP run time tells the thread sanitizer (through the Archer tool) where threads meet; gcc's does
# not, and every parallel loop would be reported. tests/run.sh sets what the run needs.
tsan:
	@$(MAKE) --no-print-directory check CC=clang BUILD=build/tsan OPTIMIZE='$(SANITIZE_OPTIMIZE)' \
	    SANITIZE='-fsanitize=thread' TEST_RUNNER=tests/tsan/plain_runner.c

# The tests, with fewer rounds, and each command (tests/valgrind.sh says what is left out). valgrind knows no AVX-512 and
# says so to programs: AVX2 kernels run. Without CUDA: nobody has a device here, and its run time is not dlca's to check.
valgrind:
	@$(MAKE) --no-print-directory everything CUDA=0 BUILD=build/valgrind OPTIMIZE='-O2 -g1' HARDEN= \
	    TEST_RUNNER=tests/tsan/plain_runner.c
	@tests/valgrind.sh build/valgrind

# FUZZ_SECONDS for each target; FUZZ_TARGETS: all when empty. FUZZ_RECORD adds up the executions of all runs.
FUZZ_SECONDS ?= 60
FUZZ_RECORD ?= results/bench/fuzz.json
fuzz: build/libdlca.a
	@FUZZ_SECONDS=$(FUZZ_SECONDS) FUZZ_RECORD=$(FUZZ_RECORD) tests/fuzz/run.sh $(FUZZ_TARGETS)

# Each call that can fail, of each command, one by one; at every FAULT_PERSISTENT-th also all after it.
FAULT_PERSISTENT ?= 7
faults: $(FAULTY)
	@tests/faults/visit.py $(BUILD)/faults --persistent $(FAULT_PERSISTENT) $(FAULT_SCENARIOS)

# CRASH_KILLS runs are killed at random moments, gone on with and compared; CRASH_SEED draws the moments.
CRASH_KILLS ?= 200
CRASH_SEED ?= 1
crash-test: all
	@DLCA_PROGRAMS=$(PROGRAMS_AT) python3 tests/crash_test.py $(CRASH_KILLS) $(CRASH_SEED)

# Ten minutes of both runs, and the try that says how many epochs these are.
SOAK_SECONDS ?= 660
soak: all
	@DLCA_PROGRAMS=$(PROGRAMS_AT) python3 tests/soak.py $(SOAK_SECONDS)

bench: all
	$(DLCA) bench

# The kernels for every capability that nvcc knows, and what they take there; needs no device.
cuda:
	@NVCC='$(NVCC)' tools/cuda_compile.sh $(CUDA_LISTED)

# On a machine with an NVIDIA device: parity, determinism, sanitizers, benchmark. One record.
CUDA_RECORD ?= results/bench/cuda.json
cuda-check: all $(CONFORMANCE)
	@tools/cuda_check.sh $(BUILD) $(PROGRAMS_AT) $(CUDA_RECORD)

# FLAME_OPTIONS: what is recorded, with ./train_checkerboard.
FLAME_OPTIONS ?= --small --all-epochs
flamegraph: all
	tools/flamegraph.sh results/flamegraph.svg ./train_checkerboard $(FLAME_OPTIONS)

lint:
	@tools/lint.sh '$(ALL_CFLAGS)' '$(AVX2_FLAGS)' '$(AVX512_FLAGS)'

format:
	clang-format -i $(ALL_SOURCES) $(ALL_HEADERS) $(CUDA_SOURCES)

# ---- install and clean ----

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib $(DESTDIR)$(PREFIX)/include/dlca/gates \
	    $(DESTDIR)$(PREFIX)/include/dlca/src
	install -m 755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(LIBRARY) $(DESTDIR)$(PREFIX)/lib
	install -m 644 $(wildcard gates/*.h) $(DESTDIR)$(PREFIX)/include/dlca/gates
	install -m 644 $(wildcard src/*.h) $(DESTDIR)$(PREFIX)/include/dlca/src

clean:
	rm -rf build $(patsubst train/%.c,%,$(TRAINER_SOURCES)) dlca

deps:
	@tools/deps.sh all
