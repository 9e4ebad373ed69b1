# race: build, test, install. `make help` lists the targets.
#
#   SAN=address|undefined|thread   race and its unit tests under that sanitizer, in build/<sanitizer>
#   COVERAGE=1                     the same with gcov counters, in build/coverage
#   WERROR=1 (or CI=true)          warnings are errors
#   WITHOUT="postgres mariadb redis"  leave out what needs these servers' client libraries, in build/without-...
#   T=name                         make check: only tests of that name, with their output
#   V=1                            show whole commands
#   PREFIX, DESTDIR, BUILD, CC, CXX, CFLAGS as usual
#
# Sources are found by wildcard: a new file in one of the folders below is built without being named anywhere.
# librace.so is never sanitized or counted: it lives in other people's processes, where nothing may allocate.

PREFIX ?= /usr/local
CC = gcc
CXX = g++
CFLAGS ?= -O2 -g
SAN ?=
COVERAGE ?=
# not with sanitizers: GCC warns of the branches that they add
WERROR ?= $(if $(SAN),,$(if $(filter true 1,$(CI)),1))
WITHOUT ?=
empty :=
space := $(empty) $(empty)
BUILD ?= build$(if $(SAN),/$(SAN))$(if $(COVERAGE),/coverage)$(if $(WITHOUT),/without-$(subst $(space),-,$(sort $(WITHOUT))))

WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla $(if $(WERROR),-Werror)
STANDARD = -std=gnu17 -D_GNU_SOURCE
COMMON = $(STANDARD) $(WARNINGS) -MMD -MP -Iruntime -I.
CHECKED = $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer) $(if $(COVERAGE),--coverage)

LIBRARY_FLAGS = -fPIC -fdata-sections -fvisibility=hidden -ftls-model=initial-exec -Wframe-larger-than=4096 -fno-builtin-printf \
	-fno-tree-loop-distribute-patterns \
	-fasynchronous-unwind-tables -include runtime/banned.h
INTERPOSE_FLAGS = $(LIBRARY_FLAGS) -fexceptions -DRACE_INTERPOSE
# What every step runs through is optimised as a whole: 6 % of a restored execution.
STEP = point record carrier carrier_fiber fiber shared/%
$(STEP:%=$(BUILD)/library/runtime/%.o): LIBRARY_FLAGS += -flto
EXPORTS = $(wildcard interpose/exports.map)
# large arrays apart from the small variables that every execution writes: each page costs a forked child a copy
LIBRARY_LINK = -shared -flto=auto -fdata-sections -Wl,--sort-section=alignment -Wl,-z,now -Wl,-z,nodelete -Wl,-z,relro \
	-Wl,-z,noseparate-code $(EXPORTS:%=-Wl,--version-script=%)

PG_QUERY = $(if $(shell grep -ls '<pg_query\.h>' explorer/*.c explorer/*/*.c),-lpg_query)
# Client libraries that are not there are done without, as those that WITHOUT names; explorer/db/adapter.c says so.
CLIENTS = postgres mariadb redis
header_postgres = postgresql/libpq-fe.h
header_mariadb = mariadb/mysql.h
header_redis = hiredis/hiredis.h
LIBRARY_postgres = -lpq
LIBRARY_mariadb = -lmariadb
LIBRARY_redis = -lhiredis
programs_postgres = pg_%
programs_mariadb = my_%
programs_redis = rd_% pg_cache%
ABSENT := $(sort $(WITHOUT) $(foreach client,$(CLIENTS),$(if $(wildcard /usr/include/$(header_$(client))),,$(client))))
$(if $(filter-out $(CLIENTS),$(ABSENT)),$(error WITHOUT is some of: $(CLIENTS)))
SERVER_LIBRARIES = $(foreach client,$(filter-out $(ABSENT),$(CLIENTS)),$(LIBRARY_$(client)))
LIBRARIES = -Wl,--as-needed -lelf -ldw -lxxhash -lcjson -linih -lsqlite3 -lxxhash $(PG_QUERY) $(SERVER_LIBRARIES) -ldl -lm
PROGRAM_FLAGS = -O1 -g -Wall -Wextra -Wno-unused-parameter -pthread -Iruntime -I. $(if $(WERROR),-Werror)
PROGRAM_LINK = -Wl,--as-needed -lsqlite3 $(SERVER_LIBRARIES) -lm -ldl

Q = $(if $(V),,@)
say = @printf '  %-4s%s\n' $(1) $@

shared_sources := $(wildcard runtime/shared/*.c runtime/shared/model/*.c runtime/shared/chooser/*.c \
	runtime/shared/wire/*.c)
runtime_sources := $(wildcard runtime/*.c runtime/*.S) $(shared_sources)
interpose_sources := $(wildcard interpose/*.c interpose/*.S)
race_sources := $(filter-out $(ABSENT:%=explorer/db/%.c) $(ABSENT:%=explorer/db/%_%.c), \
	$(wildcard explorer/*.c explorer/*/*.c tools/*.c tools/report/*.c)) $(shared_sources)
test_helpers := $(filter-out %_test.c,$(wildcard tests/unit/*.c))
manuals := $(wildcard tools/man/*.scd)

library_objects := $(addprefix $(BUILD)/library/,$(addsuffix .o,$(basename $(runtime_sources) $(interpose_sources))))
race_objects := $(race_sources:%.c=$(BUILD)/objects/%.o)
# All of race but its main(): race and every unit test link what they need of it.
parts := $(filter-out $(BUILD)/objects/tools/race.o,$(race_objects))
helper_objects := $(test_helpers:%.c=$(BUILD)/objects/%.o)
unit_tests := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/*_test.c))
drivers := $(patsubst tests/db/%.c,$(BUILD)/tests/db/%,$(wildcard tests/db/*.c))
programs := $(patsubst tests/programs/%.c,$(BUILD)/tests/programs/%,$(filter-out \
	$(foreach client,$(ABSENT),$(addprefix tests/programs/,$(addsuffix .c,$(programs_$(client))))), \
	$(wildcard tests/programs/*.c))) \
	$(patsubst tests/programs/%.cpp,$(BUILD)/tests/programs/%,$(wildcard tests/programs/*.cpp)) \
	$(patsubst tests/programs/plugins/%.c,$(BUILD)/tests/programs/%.so,$(wildcard tests/programs/plugins/*.c)) \
	$(patsubst tests/programs/plugins/%.cpp,$(BUILD)/tests/programs/%.so,$(wildcard tests/programs/plugins/*.cpp))
demo_programs := $(addprefix $(BUILD)/tests/programs/,double_fulfillment double_fulfillment_fixed)

.PHONY: all demo check bench install uninstall format lint clean help programs units manual
.DELETE_ON_ERROR:

all: $(BUILD)/librace.so $(BUILD)/race $(BUILD)/race.py ## build librace.so and race (default)

demo: ## install what is missing, build, find a double fulfilment, replay it, show its fix passing
	@tools/install-packages.sh --build
	@$(MAKE) --no-print-directory all $(demo_programs)
	@BUILD=$(BUILD) tools/demo.sh

check: ## install what is missing, build, run all tests (T=name: only those)
	@tools/install-packages.sh
	@$(MAKE) --no-print-directory all programs units manual
	@BUILD=$(BUILD) tests/run $(T)

bench: all programs ## print the measured figures
	@for bench in tests/bench/*.sh; do BUILD=$(BUILD) "$$bench" || exit; done

lint: $(BUILD)/librace.so ## include directions, imports, file sizes, words
	@BUILD=$(BUILD) tests/run lint/

programs: $(programs)
units: $(unit_tests) $(drivers)
manual: $(manuals:tools/man/%.scd=$(BUILD)/man/%)

$(BUILD)/librace.so: $(library_objects) $(EXPORTS)
	$(call say,LD)
	$(Q)$(CC) $(CFLAGS) $(LIBRARY_LINK) -o $@ $(library_objects) -nodefaultlibs -lc

$(BUILD)/race: $(BUILD)/objects/tools/race.o $(BUILD)/parts.a
	$(call say,LD)
	$(Q)$(CC) $(CFLAGS) $(CHECKED) -o $@ $^ $(LIBRARIES)

# The commands of race replay --gdb, beside the binary as the library is.
$(BUILD)/race.py: tools/gdb/race.py
	@mkdir -p $(@D)
	$(Q)cp $< $@

# Made anew each time, so that objects of removed sources don't linger.
$(BUILD)/parts.a: $(parts)
	@rm -f $@
	@ar rcs $@ $^

$(BUILD)/tests/helpers.a: $(helper_objects)
	@mkdir -p $(@D)
	@rm -f $@
	@ar rcs $@ $^

$(BUILD)/tests/unit/%: $(BUILD)/objects/tests/unit/%.o $(BUILD)/tests/helpers.a $(BUILD)/parts.a
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(CFLAGS) $(CHECKED) -o $@ $^ $(LIBRARIES) -lcmocka

# Drivers of what tests in tests/db/ look at.
$(BUILD)/tests/db/%: $(BUILD)/objects/tests/db/%.o $(BUILD)/parts.a
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(CFLAGS) $(CHECKED) -o $@ $^ $(LIBRARIES)

$(BUILD)/library/interpose/%.o: interpose/%.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CFLAGS) $(COMMON) $(INTERPOSE_FLAGS) -c -o $@ $<

$(BUILD)/library/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CFLAGS) $(COMMON) $(LIBRARY_FLAGS) -c -o $@ $<

$(BUILD)/library/%.o: %.S
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CFLAGS) -MMD -MP -Iruntime -I. -fPIC -c -o $@ $<

# The names of system calls, as the kernel's headers number them.
$(BUILD)/generated/system_call_names.h:
	@mkdir -p $(@D)
	$(Q)printf '#include <asm/unistd.h>\n' | $(CC) -E -dM - | sort -k3n | \
		awk '$$2 ~ /^__NR_/ && $$3 ~ /^[0-9]+$$/ { printf "[%s] = \"%s\",\n", $$3, substr($$2, 6) }' > $@

$(BUILD)/objects/explorer/system_call.o: $(BUILD)/generated/system_call_names.h
$(BUILD)/objects/explorer/system_call.o: COMMON += -I$(BUILD)/generated

$(BUILD)/objects/explorer/db/adapter.o: COMMON += $(foreach client,$(ABSENT),-DWITHOUT_$(client))

$(BUILD)/objects/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CFLAGS) $(COMMON) $(CHECKED) -c -o $@ $<

# A line ` * build: FLAGS` in the head comment of a program adds flags of its own.
$(BUILD)/tests/programs/%: tests/programs/%.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(STANDARD) $(PROGRAM_FLAGS) -MMD -MP -MF $@.d $$(sed -n 's/^ \* build: *//p' $<) -o $@ $< $(PROGRAM_LINK)

$(BUILD)/tests/programs/%: tests/programs/%.cpp
	@mkdir -p $(@D)
	$(call say,CXX)
	$(Q)$(CXX) -std=gnu++17 $(PROGRAM_FLAGS) -MMD -MP -MF $@.d $$(sed -n 's/^ \* build: *//p' $<) -o $@ $< $(PROGRAM_LINK)

$(BUILD)/tests/programs/%.so: tests/programs/plugins/%.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(STANDARD) $(PROGRAM_FLAGS) -MMD -MP -MF $@.d -fPIC -shared -o $@ $<

$(BUILD)/tests/programs/%.so: tests/programs/plugins/%.cpp
	@mkdir -p $(@D)
	$(call say,CXX)
	$(Q)$(CXX) -std=gnu++17 $(PROGRAM_FLAGS) -MMD -MP -MF $@.d -fPIC -shared -o $@ $<

$(BUILD)/man/%: tools/man/%.scd
	@mkdir -p $(@D)
	$(call say,MAN)
	$(Q)scdoc < $< > $@

install: all manual ## install below PREFIX (default /usr/local)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib $(DESTDIR)$(PREFIX)/include
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/race
	install -m 755 $(BUILD)/race $(DESTDIR)$(PREFIX)/bin/race
	install -m 755 $(BUILD)/librace.so $(DESTDIR)$(PREFIX)/lib/librace.so
	install -m 644 runtime/shared/race.h $(DESTDIR)$(PREFIX)/include/race.h
	install -m 644 $(BUILD)/race.py $(DESTDIR)$(PREFIX)/share/race/race.py
	for page in $(manuals:tools/man/%.scd=%); do \
		install -m 644 $(BUILD)/man/$$page $(DESTDIR)$(PREFIX)/share/man/man1/$$page; done
	for schema in $(wildcard tools/report/*.schema.json); do \
		install -m 644 $$schema $(DESTDIR)$(PREFIX)/share/race/; done

uninstall: ## remove what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/race $(DESTDIR)$(PREFIX)/lib/librace.so $(DESTDIR)$(PREFIX)/include/race.h
	rm -f $(manuals:tools/man/%.scd=$(DESTDIR)$(PREFIX)/share/man/man1/%)
	rm -rf $(DESTDIR)$(PREFIX)/share/race

format: ## put every source into the house style (needs clang-format)
	clang-format -i $$(find runtime interpose explorer tools tests -name '*.[ch]' -o -name '*.cpp')

clean: ## remove the build folder
	rm -rf build $(BUILD)

help: ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 12

-include $(library_objects:.o=.d) $(race_objects:.o=.d) $(helper_objects:.o=.d) $(programs:=.d)
-include $(unit_tests:$(BUILD)/tests/unit/%=$(BUILD)/objects/tests/unit/%.d) $(drivers:$(BUILD)/tests/db/%=$(BUILD)/objects/tests/db/%.d)
.SECONDARY:
